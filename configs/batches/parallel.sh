#!/bin/sh
# The same runs, JOBS at a time, one thread each; then a CSV file of what came out.
# Usage: sh parallel.sh JOBS CONFIG [OPTION...]
#
# With GNU parallel instead of xargs:
#   parallel -j JOBS cnntrain fit CONFIG ... --set batch_size={1} --set seed={2} ::: 16 64 ::: 0 1 2
set -eu
jobs=$1
config=$2
shift 2
for batch in 16 64; do
  for seed in 0 1 2; do
    echo "--set batch_size=$batch --set seed=$seed"
  done
done | xargs -P "$jobs" -L 1 cnntrain fit "$config" --resume --quiet --json \
  --run 'runs/parallel/batch-{batch_size}-seed-{seed}' --set compute.workers=1 "$@" > /dev/null
cnntrain compare runs/parallel/* --csv > runs/parallel.csv
