"""`cnntrain bench`: every layer is there, and the figures fit together."""

import json

import pytest

from cnntrain.nn.engines.choice import engine

NUMPY = ("--set", "compute.engine=numpy")  # in which every layer is a stage of its own


def test_every_layer_has_times(digits, cnntrain):
    done = cnntrain("bench", digits, "--passes", "2", "--json", *NUMPY)
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert [layer["name"] for layer in report["layers"]] == [
        "conv1", "relu1", "max_pool1", "flatten1", "dense1",
    ]  # fmt: skip
    assert all(layer["forward"] > 0 and layer["backward"] > 0 for layer in report["layers"])
    assert report["batch_size"] == 64
    assert report["samples_per_second"] * report["step_seconds"] == pytest.approx(64)


@pytest.mark.parametrize("name", ["numpy", engine().name])
def test_it_is_told_what_computes_a_layer(name, digits, cnntrain):
    given = ("--passes", "1", "--set", f"compute.engine={name}")
    assert (
        json.loads(cnntrain("bench", digits, "--json", *given).out)["layers"][0]["engine"] == name
    )
    assert cnntrain("bench", digits, *given).out.splitlines()[1].split()[:-3][-1] == name


def test_operations_a_second_are_those_of_the_chunk(digits, cnntrain):
    """conv1: 6 x 6 outputs of 4 filters, 9 multiply-adds and a bias each."""
    report = json.loads(cnntrain("bench", digits, "--passes", "1", "--json", *NUMPY).out)
    conv = report["layers"][0]
    flops = report["chunk"] * 36 * 4 * (2 * 9 + 1)
    assert round(conv["flops_per_second"] * conv["forward"]) == flops


def test_the_text_sums_up(digits, cnntrain):
    given = ("--passes", "1", "--set", "batch_size=full", *NUMPY)
    lines = cnntrain("bench", digits, *given).out.splitlines()
    assert lines[0].split("  ")[0] == "layer"
    assert lines[6].startswith("total")
    assert "ms for 1,294 samples" in lines[-1]
