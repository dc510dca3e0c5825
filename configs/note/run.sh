#!/bin/sh
# The note's claims, measured: every script of this folder, one after the other.
# Usage: sh run.sh [DIRECTORY [OPTION...]]
set -eu
directory=${1:-runs/note}
[ "$#" -eq 0 ] || shift
for script in "$(dirname "$0")"/[a-h]-*.sh; do
  letter=$(basename "$script" | cut -c1)
  printf '\n%s\n\n' "$(basename "$script" .sh)"
  sh "$script" "$directory/$letter" "$@"
done
