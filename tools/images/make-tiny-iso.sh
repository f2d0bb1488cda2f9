#!/bin/sh
# Makes images/tinyCD.iso anew: a CD with one text, for the demo and its tests. Needs xorriso; the result is committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "This CD was put into a drive by pulumi-esxi-direct. Nothing boots from it." >"$folder/README.TXT"
SOURCE_DATE_EPOCH=1767225600 TZ=UTC touch -d @1767225600 "$folder/README.TXT" "$folder"
SOURCE_DATE_EPOCH=1767225600 xorriso -as mkisofs -quiet -no-pad -V TINYCD -o "${1:-$here/../../images/tinyCD.iso}" "$folder"
