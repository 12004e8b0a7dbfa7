#!/bin/sh
# run.sh BUILD SOURCE LIBRARY.a PHOTO DEPTH: the Rust crates against an installed copy, with Debian's cargo, offline.
set -eu
build=$1
source=$2
archive=$3
photo=$(realpath "$4")
depth=$(realpath "$5")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LD_LIBRARY_PATH
PATH=/usr/bin:$PATH # Debian's cargo, whatever else is on the path
DESTDIR=$work/root meson install -C "$build" --no-rebuild >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
pc=$(find "$work/root" -name kb3d.pc)
library=$(find "$work/root" -name libkb3d.so)
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$work/root" CARGO_TARGET_DIR="$build/rust" CARGO_NET_OFFLINE=true
# cargo writes beside the sources: they are copied
cp -r "$source/bindings/rust" "$work/rust"
cd "$work/rust"

step() { # NAME WORD...
    name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        sed -n 's/^test \(.*\) \.\.\. ok$/ok \1/p' "$work/said"
        echo "ok $name"
    else
        cat "$work/said"
        echo "FAILED $name"
        exit 1
    fi
}

has() { # PROGRAM: of the optional ones
    command -v "$1" >/dev/null || { echo "skip $1: not installed"; return 1; }
}

! has bindgen || step 'raw.rs is what bindgen makes of the headers' "$source/bindings/rust/regenerate" --check
! has rustfmt || step fmt cargo fmt --all --check
! has cargo-clippy || step clippy cargo clippy --all-targets -- -D warnings
step doc env RUSTDOCFLAGS='-D warnings' cargo doc --no-deps
export LD_LIBRARY_PATH="${library%/*}"
step tests cargo test
mkdir "$work/frames"
step 'example flight' cargo run --example flight "$photo" "$depth" "$work/frames"
test "$(find "$work/frames" -name '*.ppm' -size +60k | wc -l)" = 12
! has valgrind || for program in "$CARGO_TARGET_DIR"/debug/deps/scenes-*; do
    [ -x "$program" ] && [ "$program" -nt "$work/log" ] || continue
    step 'valgrind finds nothing' valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$program" --test-threads=1
done

# Another API than the crate's is refused before anything else of the library is called.
echo 'unsigned kb3d_api_version(void) { return 1u << 16; }' >"$work/other.c"
cc -shared -fPIC "$work/other.c" -o "$work/other.so"
if LD_PRELOAD=$work/other.so "$CARGO_TARGET_DIR/debug/examples/flight" "$photo" "$depth" "$work/frames" >"$work/said" 2>&1 ||
    ! grep -q 'has API 1.0, this program was compiled for' "$work/said"; then
    cat "$work/said"
    echo 'FAILED another API'
    exit 1
fi
echo 'ok another API is refused'

# what is not installed, Meson makes as a list of files: here as one
printf 'create %s\naddlib %s\nsave\nend\n' "${library%/*}/libkb3d.a" "$archive" | ar -M
unset LD_LIBRARY_PATH
CARGO_TARGET_DIR=$CARGO_TARGET_DIR/static
step 'tests, linked statically' cargo test -p kb3d --test scenes --features static
if ldd "$(find "$CARGO_TARGET_DIR/debug/deps" -name 'scenes-*' -perm -1 | head -1)" | grep libkb3d; then
    echo 'FAILED static: needs libkb3d.so'
    exit 1
fi
