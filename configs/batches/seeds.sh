#!/bin/sh
# Seeds x batch sizes, one run after the other; then one line for each batch size.
# Usage: [SEEDS='0 1 2'] sh seeds.sh CONFIG [OPTION...]
# OPTIONs, such as --set epochs=5, go to every run.
#
# Run it again and it goes on where it was: complete runs are passed over, an interrupted one is
# taken up.  Ctrl-C stops the loop.
set -eu
config=$1
shift
for batch in 16 64; do
  for seed in ${SEEDS:-0 1 2}; do
    code=0
    cnntrain fit "$config" --run 'runs/seeds/batch-{batch_size}-seed-{seed}' --resume --quiet \
      --set batch_size=$batch --set seed=$seed "$@" > /dev/null || code=$?
    case $code in
      0) ;;                                            # done, or complete already
      6) echo "batch size $batch, seed $seed: diverged" >&2 ;;
      5 | 7) echo "stopped; run this script again to go on" >&2; exit $code ;;
      *) exit $code ;;                                 # the message is on the screen
    esac
  done
done
cnntrain compare runs/seeds/* --sort validation_error
