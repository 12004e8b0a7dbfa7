#!/bin/sh
# compile.sh SOURCE_ROOT LIBRARY_FOLDER FILE WORD...: compiles FILE with a compiler and its options, and runs it.
set -eu
root=$1
library=$2
file=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$@" -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I "$root/include" "$file" -o "$work/program" \
    -L "$library" -lkb3d -pthread
LD_LIBRARY_PATH=$library "$work/program"
