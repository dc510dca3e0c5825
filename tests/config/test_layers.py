"""What layers may say beside what `test_problems` tries."""

import pytest

from cnntrain.config import load_config
from cnntrain.errors import ConfigError

NET = """\
data: {{source: digits}}
layers:
  - {{type: conv, filters: 2, kernel: 3, init: {first}}}
  - {{type: relu, radius: 0.5}}
  - {{type: max_pool, window: 2, smooth: 10}}
  - {{type: flatten}}
  - {{type: dense, units: 10, init: {last}}}
  - {{type: softmax}}
loss: cross_entropy
batch_size: 8
epochs: 1
learning_rate: 0.1
"""


def load(tmp_path, first="he_normal", last="he_normal"):
    path = tmp_path / "c.yaml"
    path.write_text(NET.format(first=first, last=last))
    return load_config(path)


@pytest.mark.parametrize(
    ("found", "init"), [("zeros", "zeros"), ("constant", "{type: constant, value: 0.1}")]
)
def test_equal_weights_are_refused_in_a_hidden_layer_and_allowed_in_the_last(tmp_path, found, init):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, first=init)
    (problem,) = caught.value.problems
    assert problem.endswith(
        f"c.yaml:3:47: error: invalid layers.0.init, found {found} in a hidden layer, expected "
        "random weights (with the same ones all its units compute the same: random ones break the "
        "symmetry)"
    )
    assert load(tmp_path, last=init).layers[4].init != "he_normal"


def test_rounded_cusps_and_smooth_pooling(tmp_path):
    layers = load(tmp_path).layers
    assert layers[1].radius == 0.5
    assert layers[2].smooth == 10
    assert layers[2].ties == "random"
