# What the scripts share.  Usage of each: [SEEDS='0 1 2'] sh SCRIPT [DIRECTORY [OPTION...]]
# DIRECTORY takes the runs and the table; OPTIONs, such as --set epochs=1, go to every run.
# A script that was interrupted goes on where it was; runs that are complete are not run again.

set -eu
here=$(dirname "$0")

fit() { # fit GROUP OPTION...: one run for each seed, in DIRECTORY/GROUP/seed-N
  group=$1
  shift
  for seed in ${SEEDS:-0 1 2}; do
    code=0
    cnntrain fit "$here/note.yaml" --resume --quiet --run "$directory/$group/seed-$seed" \
      --set seed="$seed" "$@" > /dev/null 2> "$directory/errors" || code=$?
    if [ "$code" -ne 0 ] && [ "$code" -ne 6 ]; then # 6: diverged, which is a result
      cat "$directory/errors" >&2
      exit "$code"
    fi
  done
}

table() { # table OPTION... COLUMN...: one line a group, on standard output and in table.md
  python3 "$here/table.py" "$directory" "$@"
}
