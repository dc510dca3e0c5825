#!/bin/sh
# (a) "A rate that is too large leads to large steps that often overshoot minima, and a rate that
# is too small leads to very slow progress."
directory=${1:-runs/note/a}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
for rate in 0.0001 0.001 0.01 0.1 1 10; do
  fit "rate-$rate" --set learning_rate=$rate "$@"
done
table train_risk best.validation_error
