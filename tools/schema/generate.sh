#!/bin/sh
# Regenerates schema/*.generated.ts. Needs Python 3 with pip; the result is committed, so nobody else needs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
pinned="$here/../prerequisites/pyvmomi.txt"
release=$(sed -n 's/^pyvmomi==\([0-9.]*\) .*/\1/p' "$pinned")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip download --quiet --no-deps --only-binary=:all: --require-hashes --dest "$folder" --requirement "$pinned"
python3 -m zipfile -e "$folder"/pyvmomi-*.whl "$folder"
python3 "$here/generate.py" "$folder" "$here/../../schema" "$release"
