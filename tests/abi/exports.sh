#!/bin/sh
# exports.sh LIBRARY HEADER...: the library exports exactly the functions that the headers declare.
set -eu
library=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# names that a sanitizer adds begin with two underscores
nm -D --defined-only "$library" | awk '$2 != "A" && $3 !~ /^__/ { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exported"
cat "$@" | sed 's/^#.*//' | tr '\n' ' ' | grep -o 'KB3D_API [^;]*;' | sed 's/ *(.*//; s/.*[ *]//' | sort -u >"$work/declared"
test "$(wc -l <"$work/declared")" -gt 20
if grep -v '^kb3d_' "$work/exported"; then
    echo "exported names must begin with kb3d_" >&2
    exit 1
fi
if ! diff "$work/declared" "$work/exported"; then
    echo "above: < declared in a public header only, > exported only" >&2
    exit 1
fi
