#!/bin/sh
# (b) Online learning, mini-batches and batch learning at equal numbers of gradients: 10 epochs
# each.  Every batch size has the same choice of rates, and the one with the smallest training
# risk is shown.  Then the variance of the gradient against the batch size.
directory=${1:-runs/note/b}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
for batch in 1 8 32 128 full; do
  for rate in 0.01 0.03 0.1 0.3 1; do
    fit "batch-$batch/rate-$rate" --set batch_size=$batch --set learning_rate=$rate "$@"
  done
done
table --best train_risk train_risk best.validation_error step
echo
python3 "$here/gradient_variance.py" "$directory/batch-32/rate-0.1/seed-0" > "$directory/variance.md"
cat "$directory/variance.md"
