#!/bin/sh
# (f) "Line search is too expensive", second-order methods "tend to be too expensive in terms of
# both space and time at each iteration", and methods without gradients "take too many steps":
# 20 epochs each; all but SGD with mini-batches take one step an epoch, on the full batch.
directory=${1:-runs/note/f}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
set -- --set epochs=20 "$@"
fit sgd-mini-batches "$@"
set -- --set batch_size=full "$@"
fit gradient-descent --set learning_rate=0.3 "$@"
fit line-search --set 'optimizer={type: gradient_descent}' --set learning_rate=10 "$@"
fit hessian-free --set 'optimizer={type: hessian_free}' --set learning_rate=1 "$@"
fit without-gradients --set 'optimizer={type: spsa}' --set learning_rate=0.003 "$@"
table train_risk validation_error ms_per_step \
  timings.gradients timings.losses timings.products timings.peak_mib
