#!/bin/sh
# (h) A rate must be neither too large nor too small, claim (a): how much room there is between, with
# batch normalisation and without, in a network of four convolutions.
directory=${1:-runs/note/h}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"

network() { # network LAYER: four convolutions, each followed by LAYER, such as "{type: relu}"
  convolution="{type: conv, filters: 8, kernel: 3, padding: same}, $1"
  echo "[$convolution, $convolution, $convolution, $convolution, {type: max_pool, window: 2},\
 {type: flatten}, {type: dense, units: 10}, {type: softmax}]"
}

for rate in 0.001 0.01 0.03 0.1 0.3 1 3; do
  fit "plain/rate-$rate" --set learning_rate=$rate --set "layers=$(network '{type: relu}')" "$@"
  fit "batch_norm/rate-$rate" --set learning_rate=$rate \
    --set "layers=$(network '{type: batch_norm}, {type: relu}')" "$@"
done
table train_risk best.validation_error
