#!/bin/sh
# A cross-validation: FOLDS folds x batch sizes; then one line for each batch size, with means over
# the folds.
# Usage: sh folds.sh FOLDS CONFIG [OPTION...]     OPTIONs, such as --set epochs=5, go to every run
#
# Run it again and it goes on where it was.  The same without a script, several runs at a time:
#   cnntrain sweep CONFIG --set data.validation=none --set data.fold.of=5 \
#     --over data.fold.index=0,1,2,3,4 --over batch_size=16,64
set -eu
folds=$1
config=$2
shift 2
for batch in 16 64; do
  fold=0
  while [ "$fold" -lt "$folds" ]; do
    code=0
    cnntrain fit "$config" --run 'runs/folds/batch-{batch_size}-fold-{data.fold.index}' \
      --resume --quiet --set data.validation=none --set "data.fold={of: $folds, index: $fold}" \
      --set batch_size=$batch "$@" > /dev/null || code=$?
    case $code in
      0) ;;                                            # done, or complete already
      6) echo "batch size $batch, fold $fold: diverged" >&2 ;;
      *) exit $code ;;                                 # stopped, or an error that is told
    esac
    fold=$((fold + 1))
  done
done
cnntrain compare runs/folds/* --sort validation_error
