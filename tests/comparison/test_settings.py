"""The settings in which runs differ, by the names that --set takes."""

from cnntrain.comparison.settings import setting, varying_keys

CONV = {"type": "conv", "filters": 4, "name": None}
DENSE = {"type": "dense", "units": 10, "name": "last"}


def test_layers_are_called_by_name():
    one = {"name": "a", "layers": [CONV, DENSE], "epochs": 1}
    other = {"name": "b", "layers": [{**CONV, "filters": 8}, DENSE], "epochs": 2}
    assert varying_keys([one, other]) == ["layers.conv1.filters", "epochs"]
    assert setting(other, "layers.conv1.filters") == setting(other, "layers.0.filters") == 8
    assert setting(other, "layers.last.units") == 10
    assert setting(other, "layers.conv2.filters") is None
    assert setting(other, "layers.7.filters") is None


def test_unlike_layers_are_one_setting():
    """Whether there are more of them, or others: no key inside them says it all."""
    one = {"layers": [CONV, DENSE]}
    for layers in ([DENSE], [CONV, CONV, DENSE], [DENSE, CONV], [{**CONV, "name": "x"}, DENSE]):
        assert varying_keys([one, {"layers": layers}]) == ["layers"]
        changed = {"layers": [{**CONV, "filters": 8}, DENSE]}
        assert varying_keys([one, changed, {"layers": layers}]) == ["layers"]


def test_the_order_is_that_of_the_config():
    runs = [{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 2}, {"a": 2, "b": 1, "c": 2, "d": 3}]
    assert varying_keys(runs) == ["a", "c", "d"]
    assert varying_keys([]) == []
