#!/bin/sh
# The same runs, JOBS at a time, one thread each; then a CSV file of what came out.
# Usage: [SEEDS='0 1 2'] sh parallel.sh JOBS CONFIG [OPTION...]
#
# With GNU parallel instead of xargs:
#   parallel -j JOBS cnntrain fit CONFIG ... --set batch_size={1} --set seed={2} ::: 16 64 ::: 0 1 2
set -eu
jobs=$1
config=$2
shift 2
for batch in 16 64; do
  for seed in ${SEEDS:-0 1 2}; do
    echo "--set batch_size=$batch --set seed=$seed"
  done
# A run that diverges (6) is a result; any other code ends this script.
done | xargs -P "$jobs" -L 1 sh -c 'cnntrain fit "$@" > /dev/null || [ $? -eq 6 ]' fit \
  "$config" --resume --quiet --run 'runs/parallel/batch-{batch_size}-seed-{seed}' \
  --set compute.workers=1 "$@"
cnntrain compare runs/parallel/* --csv > runs/parallel.csv
