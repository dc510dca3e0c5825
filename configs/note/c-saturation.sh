#!/bin/sh
# (c) "Once the risk shows signs of flattening out, the step size is reduced": online learning with
# a rate at which the loss soon saturates, against the same rate divided by 10 whenever the training
# loss has not fallen for 2 epochs.
directory=${1:-runs/note/c}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
plateau='on_plateau: {factor: 0.1, patience: 2}'
set -- --set epochs=20 --set batch_size=1 "$@"
fit constant --set learning_rate=0.1 "$@"
fit reduced --set "learning_rate={schedule: constant, initial: 0.1, $plateau}" "$@"
table train_risk best.validation_error validation_error validation_loss
