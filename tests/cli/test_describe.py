"""`cnntrain describe`: a layer's costs, counted by hand."""

import json

import pytest

from cnntrain.nn.engines.choice import engine


def test_costs_counted_by_hand(digits, cnntrain):
    result = cnntrain("describe", digits, "--json")
    assert result.code == 0, result.err
    found = json.loads(result.out)
    assert found["input_shape"] == [8, 8, 1]
    conv, relu, pool, flatten, dense, softmax = found["layers"]
    assert conv == {
        "name": "conv1",
        "type": "conv",
        "output": [6, 6, 4],
        "parameters": 4 * 9 + 4,
        "flops": 6 * 6 * 4 * (2 * 9 + 1),
        "bytes": 6 * 6 * 4 * 4,
        "frozen": False,
    }
    assert relu["flops"] == 6 * 6 * 4
    assert (pool["output"], pool["flops"]) == ([3, 3, 4], 3 * 3 * 4 * 3)
    assert flatten["output"] == [36]
    assert (dense["parameters"], dense["flops"]) == (36 * 10 + 10, 10 * (2 * 36 + 1))
    assert softmax["parameters"] == 0
    assert found["total"]["parameters"] == 40 + 370


def test_the_table_for_people(digits, cnntrain):
    first, layers, _ = cnntrain("describe", digits).out.split("\n\n")
    assert first.startswith("small: inputs 8x8x1")
    assert first.splitlines()[1:] == ["samples: 1,294 training, 144 validation, 359 test"]
    header, conv, *_, total = (line.split() for line in layers.splitlines())
    assert header == ["layer", "type", "output", "parameters", "flops", "bytes"]
    assert conv[:4] == ["0", "conv1", "conv", "6x6x4"]
    assert total[0] == "total"


@pytest.mark.parametrize("name", ["numpy", "auto"])
@pytest.mark.parametrize("command", ["describe", "bench"])
def test_the_engine_is_named(command, name, digits, cnntrain):
    expected = engine(name)
    asked = (command, digits, "--set", f"compute.engine={name}")
    found = json.loads(cnntrain(*asked, "--json").out)
    assert (found["engine"], found["engine_library"]) == (expected.name, expected.library_text)
    text = " ".join(cnntrain(*asked).out.split())
    assert f"engine: {expected.name}, {expected.library_text}" in text


def test_a_run_directory_stands_for_its_config(trained, cnntrain):
    assert json.loads(cnntrain("describe", trained, "--json").out)["name"] == "small"


def test_double_precision_takes_twice_the_memory(digits, cnntrain):
    single = json.loads(cnntrain("describe", digits, "--json").out)["total"]["bytes"]
    options = ("--json", "--set", "compute.dtype=float64")
    assert json.loads(cnntrain("describe", digits, *options).out)["total"]["bytes"] == 2 * single


def test_the_fold_is_shown_beside_the_sizes_of_the_parts(digits, cnntrain):
    fold = ("--set", "data.validation=none", "--set", "data.fold={of: 5, index: 3}")
    line = cnntrain("describe", digits, *fold).out.splitlines()[1]
    assert line == "samples: 1,151 training, 287 validation (fold 4 of 5), 359 test"
    found = json.loads(cnntrain("describe", digits, *fold, "--json").out)
    assert found["samples"] == {"train": 1151, "validation": 287, "test": 359}


BLOCKS = """[
  {type: repeat, name: stage, times: 2, layers: [{type: residual, layers: [
    {type: conv, filters: 1, kernel: 3, padding: same}, relu]}]},
  {type: residual, layers: [{type: conv, filters: 4, kernel: 1}],
    shortcut: [{type: conv, filters: 4, kernel: 1}]}, flatten, {type: dense, units: 10}, softmax]"""


def test_blocks_are_shown_as_trees(digits, cnntrain):
    arguments = ("describe", digits, "--set", f"layers={BLOCKS}")
    table = cnntrain(*arguments).out.split("\n\n")[1].splitlines()
    assert [line.rsplit(maxsplit=3)[0].rstrip() for line in table[:13]] == [
        "   layer             type      output",
        "0  stage             repeat     8x8x1",
        "     1/residual1     residual   8x8x1",
        "       conv1         conv       8x8x1",
        "       relu1         relu       8x8x1",
        "       sum           sum        8x8x1",
        "     2/residual1     residual   8x8x1",
        "       conv1         conv       8x8x1",
        "       relu1         relu       8x8x1",
        "       sum           sum        8x8x1",
        "1  residual1         residual   8x8x4",
        "     conv1           conv       8x8x4",
        "     shortcut/conv1  conv       8x8x4",
    ]
    found = json.loads(cnntrain(*arguments, "--json").out)
    stage, residual, *others = found["layers"]
    assert [inner["name"] for inner in stage["layers"]] == [
        "stage/1/residual1",
        "stage/2/residual1",
    ]
    first = stage["layers"][0]
    assert first["flops"] == 64 * (2 * 9 + 1) + 64 + 64
    assert first["bytes"] == 3 * 64 * 4
    assert (stage["parameters"], residual["parameters"]) == (2 * (9 + 1), 2 * (4 + 4))
    assert "layers" not in others[0]
    assert found["total"]["parameters"] == 20 + 16 + (64 * 4 * 10 + 10)


def test_frozen_layers_are_marked(digits, cnntrain):
    """The checkpoint itself need not be there yet."""
    start = ("--set", "start_from={checkpoint: nowhere, freeze: [conv1]}")
    lines = cnntrain("describe", digits, *start).out.splitlines()
    assert [line.split()[1] for line in lines if line.endswith(" frozen")] == ["conv1"]
    layers = json.loads(cnntrain("describe", digits, *start, "--json").out)["layers"]
    assert [layer["name"] for layer in layers if layer["frozen"]] == ["conv1"]
    assert "frozen" not in cnntrain("describe", digits).out
