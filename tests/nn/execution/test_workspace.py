"""Scratch memory: re-used, of the shape asked for, apart by name."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.execution.workspace import Workspace


def test_the_same_name_gives_the_same_memory():
    workspace = Workspace()
    first = workspace.array("a", (4, 5), np.float64)
    again = workspace.array("a", (2, 3), np.float32)
    assert (again.shape, again.dtype) == ((2, 3), np.float32)
    assert np.shares_memory(first, again)


def test_other_names_give_other_memory():
    workspace = Workspace()
    first, second = (workspace.array(name, (9,), np.float32) for name in ("a", (0, "a")))
    assert not np.shares_memory(first, second)


def test_a_block_grows_when_more_is_needed():
    workspace = Workspace()
    workspace.array("a", (2,), np.float32)
    large = workspace.array("a", (1000,), np.float64)
    large[...] = 1
    assert large.sum() == 1000
    assert np.shares_memory(large, workspace.array("a", (2,), np.float32))
