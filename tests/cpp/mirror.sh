#!/bin/sh
# mirror.sh HEADERS: every function that the C headers declare is used by the C++ ones, so that none is left behind.
set -eu
cd "$1"
declared=$(cat *.h | sed 's/^#.*//' | tr '\n' ' ' | grep -o 'KB3D_API [^;]*;' | sed 's/ *(.*//; s/.*[ *]//' | sort -u)
test "$(echo "$declared" | wc -l)" -gt 20
missing=
for name in $declared; do
    grep -qE "\\b$name\\(" kb3d.hpp cpp/*.hpp || missing="$missing $name"
done
[ -z "$missing" ] || { echo "not in kb3d.hpp:$missing" >&2; exit 1; }
