#!/bin/sh
# (g) w_0 is "chosen at random near the origin": how near, for the weights of the layer before
# soft-max.  At the origin all classes are equally likely and the loss is ln 10 = 2.303; wide
# weights start with confident answers that are wrong.  The other layers keep their initial weights.
directory=${1:-runs/note/g}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
init=layers.dense1.init          # fan_in is 128: he_normal has a standard deviation of 0.125
set -- --set record_steps=1 "$@" # start.loss: of the first batch, at w_0
for rate in 0.03 0.1; do
  fit "he_normal/rate-$rate" --set learning_rate=$rate --set $init=he_normal "$@"
  fit "he_normal-quarter/rate-$rate" --set learning_rate=$rate \
    --set "$init={type: gaussian, std: 0.03125}" "$@"
  fit "gaussian-0.01/rate-$rate" --set learning_rate=$rate \
    --set "$init={type: gaussian, std: 0.01}" "$@"
  fit "zeros/rate-$rate" --set learning_rate=$rate --set $init=zeros "$@"
done
table start.loss first.validation_error train_risk best.validation_error
