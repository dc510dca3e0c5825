#!/bin/sh
# (d) Automatic step sizes "show typically good results early on"; then "switching to a fixed and
# small step size is often preferable": Adam until the validation loss saturates and then SGD with a
# tenth of the rate that is best for it in (a), against either alone.
directory=${1:-runs/note/d}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
adam='optimizer: {type: adam}'
saturation='{schedule: constant, initial: 0.01, on_plateau: {patience: 2, monitor: validation_loss}}'
set -- --set epochs=30 "$@"
fit adam --set 'optimizer={type: adam}' --set learning_rate=0.01 "$@"
fit sgd --set learning_rate=0.01 "$@"
fit adam-then-sgd --set \
  "phases=[{$adam, learning_rate: $saturation, until: plateau}, {learning_rate: 0.01}]" "$@"
table phase.epoch train_risk best.validation_error validation_error validation_loss
