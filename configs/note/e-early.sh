#!/bin/sh
# (e) The validation error "bottoms out, even if the training-set risk would continue to decrease":
# the epoch with the smallest validation error against the last one, also on the test part.
directory=${1:-runs/note/e}
[ "$#" -eq 0 ] || shift
. "$(dirname "$0")/common.sh"
mkdir -p "$directory"
for samples in 0.9 0.2; do # share of the training part that goes to validation
  fit "validation-$samples" --set epochs=60 --set data.validation=$samples "$@"
done
for run in "$directory"/*/seed-*; do
  best=$(cnntrain evaluate "$run/checkpoints/best.safetensors" --json)
  last=$(cnntrain evaluate "$run/checkpoints/last.safetensors" --json)
  python3 -c 'import json, sys
best, last = (json.loads(text)["zero_one_error"] for text in sys.argv[1:])
print(json.dumps({"best": best, "last": last}))' "$best" "$last" > "$run/test.json"
done
table best.epoch best.train_risk train_risk best.validation_error validation_error test.best test.last
