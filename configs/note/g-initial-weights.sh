#!/bin/sh
# (g) w_0 is "chosen at random near the origin": how near, in the layer that feeds the loss.  Every
# class is as likely as any other at the origin, where the loss is ln 10 = 2.303; the wider the
# weights, the surer of themselves are outputs that know nothing yet.  The other layers keep theirs.
directory=${1:-runs/note/g}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
set -- --set record_steps=1 "$@" # the first step's loss is that of w_0
gaussian() { # gaussian STD
  echo "{type: gaussian, std: $1}"
}
# 128 values reach each of the 10 outputs: fan_in = 128, and sqrt(2 / fan_in) = 0.125.
for rate in 0.03 0.1 1; do
  start() { # start NAME INIT OPTION...
    name=$1 init=$2
    shift 2
    fit "$name/rate-$rate" --set "layers.dense1.init=$init" --set learning_rate=$rate "$@"
  }
  start he_normal he_normal "$@"
  start glorot_uniform glorot_uniform "$@"
  start he_normal-quarter "$(gaussian 0.03125)" "$@"
  start gaussian-0.01 "$(gaussian 0.01)" "$@"
  start zeros zeros "$@"
done
table start.loss first.validation_error train_risk best.validation_error
