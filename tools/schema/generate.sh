#!/bin/sh
# Regenerates schema/*.generated.ts. Needs Python 3 with pip; the result is committed, so nobody else needs it.
set -eu
release=9.1.1.0
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip download --quiet --no-deps --dest "$folder" "pyvmomi==$release"
python3 -m zipfile -e "$folder"/pyvmomi-*.whl "$folder"
python3 "$here/generate.py" "$folder" "$here/../../schema" "$release"
