"""Numbers, text and memory of exported C."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cnntrain.exports.c.library import FUNCTIONS
from cnntrain.exports.c.plan import OUTPUT, Plan
from cnntrain.exports.c.quantized import quantized, rounded
from cnntrain.exports.c.words import Names, called, number
from cnntrain.exports.program import Program

from ..cases import MODELS, model


def test_numbers_keep_their_bits():
    bits = np.random.default_rng(0).integers(0, 2**32, 10_000, dtype=np.uint64).astype(np.uint32)
    values = bits.view(np.float32)
    for value in [*values[np.isfinite(values)], np.float32(1e-45), np.float32(-0.0)]:
        text = number(value)
        assert text.endswith("f")
        assert "." in text or "e" in text
        assert np.float32(text[:-1]).tobytes() == value.tobytes()


def test_calls_are_broken_between_arguments():
    long = [f"{'argument' * 4} + {k}" for k in range(4)]
    assert called("add", ["1", "x + 2", "y"]) == "    add(1, x + 2, y);"
    first, second = called("function", long).splitlines()
    assert first == f"    function({long[0]}, {long[1]},"
    assert second == f"             {long[2]}, {long[3]});"


def test_names_differ():
    names = Names("input")
    given = ["input", "a-b", "a/b", "a_b", "a_b_2"]
    assert [names.new(name) for name in given] == ["input_2", "a_b", "a_b_2", "a_b_3", "a_b_2_2"]


@pytest.mark.parametrize("name", MODELS)
def test_no_value_overwrites_one_that_is_needed(name):
    plan = Plan.of(Program.of(model(*MODELS[name])), int8=False)
    assert plan.places[-1] == OUTPUT
    held = {}  # what lies where, as (value, start, end)

    def put(value):
        place = plan.places[value]
        start = -1000 if place == OUTPUT else int(place.partition(" + ")[2] or 0)
        end = start + plan.sizes[value]
        assert place == OUTPUT or end <= plan.memory
        for other, (low, high) in list(held.items()):
            if low < end and start < high:
                del held[other]
        held[value] = (start, end)

    put(0)
    for number_, operation in enumerate(plan.operations):
        assert set(operation.inputs) <= set(held)
        places = [held[value] for value in operation.inputs]
        put(number_ + 1)
        new = held[number_ + 1]
        for old in places:
            apart = old[1] <= new[0] or new[1] <= old[0]
            assert apart or (operation.call.in_place and old == new)


@pytest.mark.parametrize("name", ["lenet", "one conv", "dense", "pools", "signals"])
def test_a_line_of_layers_takes_no_more_than_two_neighbours(name):
    plan = Plan.of(Program.of(model(*MODELS[name])), int8=False)
    pairs = zip(plan.sizes[:-2], plan.sizes[1:-1], strict=True)
    assert plan.memory <= max((a + b for a, b in pairs), default=plan.sizes[0])


def test_eight_bits_are_within_half_a_step():
    weight = np.random.default_rng(0).standard_normal((4, 3, 2)).astype(np.float32)
    weight[2] = 0
    whole, scales = quantized(weight)
    assert whole.dtype == np.int8
    assert (np.abs(whole).reshape(4, -1).max(axis=1) == [127, 127, 0, 127]).all()
    steps = scales[:, None, None]
    assert (np.abs(steps * whole - weight) <= 0.5001 * steps).all()


@pytest.mark.parametrize("name", ["normal over the batch", "groups", "residual"])
def test_folding_leaves_eight_bits_as_they_are(name):
    held = rounded(model(*MODELS[name]))
    again = rounded(held)
    np.testing.assert_allclose(again.w, held.w, rtol=1e-6)


@pytest.mark.parametrize("path", sorted(FUNCTIONS.iterdir()), ids=lambda path: path.stem)
def test_functions_are_formatted_and_called_as_their_files(path):
    text = path.read_text()
    assert f"{path.stem}(" in text or f"struct {path.stem} " in text
    style = FUNCTIONS.parents[2] / "nn/engines/compiled/.clang-format"
    command = [f"{sys.prefix}/bin/clang-format", f"--style=file:{style}", path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == text
