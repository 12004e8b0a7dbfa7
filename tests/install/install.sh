#!/bin/sh
# install.sh BUILD SOURCE HAS_TORCH PHOTO MODELS PLUG-IN: installs into an empty folder, and a C and a C++ program use
# that copy; and the command does, where it was built (PHOTO is empty if not), with the models that ship. PLUG-IN is
# where GIMP's has to be, empty if it was not built.
set -eu
build=$1
source=$2
has_torch=$3
photo=$4
models=$5
plugin=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR=$work/root meson install -C "$build" --no-rebuild >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

pc=$(find "$work/root" -name kb3d.pc)
test -f "$pc"
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$work/root"
pkg-config --print-errors --exists kb3d
cflags=$(pkg-config --cflags kb3d)
libs=$(pkg-config --libs kb3d)
library=$(find "$work/root" -name libkb3d.so)
test -n "$cflags"
for header in "$source"/include/kb3d/*.h "$source"/include/kb3d/*.hpp "$source"/include/kb3d/cpp/*.hpp; do
    find "$work/root" -path "*/include${header#"$source/include"}" | grep -q . || { echo "$header is not installed"; exit 1; }
done
[ -z "$plugin" ] || test -x "$work/root$plugin"
test "$(find "$work/root" -name '*.a' | wc -l)" = 0 # nothing of our inside

packages=$(find "$work/root" -type d -name kb3d_models)
if [ -n "$packages" ] && python3 -c 'import torch' 2>/dev/null; then
    (cd "$work" && PYTHONPATH=${packages%/*} python3 -B -m kb3d_models --help | grep -q depth-anything-small)
fi

here=$source/tests/install
cd "$work"
# shellcheck disable=SC2086 # flags are several words
cc -std=c99 -pedantic -Wall -Werror $cflags "$here/user.c" -o user $libs
# shellcheck disable=SC2086
c++ -std=c++11 -pedantic -Wall -Werror $cflags "$here/user.cc" -o usercc $libs
export LD_LIBRARY_PATH="${library%/*}"
unset KB3D_PLUGIN_PATH KB3D_TORCH
export KB3D_MODEL_PATH= # these two bring their own
./user "$has_torch" # the module lies beside the library
./usercc
ldd ./user | grep libkb3d | grep -q "$work/root"
if ldd "$library" | grep -q -e libstdc++ -e libtorch; then
    echo "libkb3d links C++ or libtorch"
    exit 1
fi

unset KB3D_MODEL_PATH
for role in $models; do
    for kind in pt json md LICENSE; do
        find "$work/root" -path "*/share/kb3d/$role.$kind" | grep -q . || { echo "$role.$kind is not installed"; exit 1; }
    done
done
case "$has_torch $models" in
"1 depth"*)
    [ -n "$photo" ] || exit 0
    kb3d=$(find "$work/root" -path '*/bin/kb3d')
    cp "$photo" photo.ppm
    for module in $(find "$work/root" -name 'kb3d-torch-*.so'); do
        version=${module##*-}
        rm -f photo.mp4
        KB3D_TORCH=${version%.so} "$kb3d" animate photo.ppm 2>said || { cat said; exit 1; }
        test -s photo.mp4
        test ! -s said
    done
    ;;
esac
