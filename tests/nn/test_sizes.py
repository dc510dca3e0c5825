"""Networks that are too large: told by layer and key, before anything is allocated."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.errors import CheckpointError, ShapeError, StorageError
from cnntrain.models.load import load_model
from cnntrain.nn import footprint
from cnntrain.nn.execution import memory
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network
from cnntrain.runs import checkpoint_file

END = (Flatten(), Dense(units=10), Softmax())


def network(*layers, shape=(8, 8, 1), **settings) -> Network:
    return Network(layers, CrossEntropy(), shape, 10, **settings)


@pytest.mark.parametrize(
    ("layers", "path", "message"),
    [
        (
            [Conv(filters=1, kernel=3, padding=10**9)],
            ("layers", 0, "padding"),
            "layers.0 (conv1): its output of 2000000006x2000000006x1 would be "
            "4,000,000,024,000,000,036 numbers, expected at most 2^40 (reduce "
            "layers.conv1.padding)",
        ),
        (
            [Conv(filters=1, kernel=3, padding=10**9, stride=10**9)],
            ("layers", 0, "padding"),
            "its padded input of 2000000008x2000000008x1 would be 4,000,000,032,000,000,064",
        ),
        (
            [Conv(filters=1, kernel=10**9, padding=(10**9, 0, 10**9, 0))],
            ("layers", 0, "padding"),
            "its padded input of 1000000008x1000000008x1",
        ),
        (
            [MaxPool(window=10**8, padding=10**8 - 1)],
            ("layers", 0, "window"),
            "its padded input of 200000006x200000006x1",
        ),
        (
            [Conv(filters=10**9, kernel=1, name="a"), Conv(filters=10**9, kernel=1)],
            ("layers", 1, "filters"),
            "layers.1 (conv2): its weight of 1000000000x1000000000x1x1 would be "
            "1,000,000,000,000,000,000 numbers, expected at most 2^40 (reduce "
            "layers.conv2.filters)",
        ),
        (
            [Conv(filters=2, kernel=3, padding=10**5), MaxPool(window=2), *END],
            ("layers", 0, "padding"),
            None,
        ),
        (
            [Conv(filters=1, kernel=3, padding=10**6 // 2), Flatten(), Dense(units=2), Softmax()],
            ("layers", 0, "padding"),
            "layers.2 (dense1): its weight of 2x1000012000036 would be",
        ),
        ([Flatten(), Dense(units=10**9), Dense(units=2000)], ("layers", 1, "units"), "layers.2"),
    ],
)  # fmt: skip
def test_sizes_beyond_any_machine_name_the_layer_and_the_setting_to_blame(layers, path, message):
    if message is None:  # large, and possible somewhere
        assert network(*layers).parameters.count > 10**11
        return
    with pytest.raises(ShapeError) as caught:
        network(*layers)
    assert message in str(caught.value)
    assert caught.value.path == path


def test_inputs_beyond_any_machine_are_nobodys_setting():
    with pytest.raises(ShapeError, match=r"layers.0 \(relu1\): its input .*take smaller inputs"):
        network(ReLU(), *END, shape=(10**30, 10**30, 3))


@pytest.fixture
def little(monkeypatch):
    """A machine with one GiB."""
    for module in (memory, footprint):
        monkeypatch.setattr(module, "usable_memory", lambda: 2**30)


def test_parameters_that_do_not_fit_name_the_layer_and_the_setting_to_blame(little):
    large = network(Conv(filters=2, kernel=3, padding=4000), *END)
    with pytest.raises(StorageError) as caught:
        large.initial_parameters(0)
    assert str(caught.value) == (
        "not enough memory: layers.2 (dense1) takes 4.8 GiB of 4.8 GiB for parameters "
        "(reduce layers.conv1.padding)"
    )


@pytest.mark.parametrize(
    ("layer", "chunk", "advice"),
    [
        (Conv(filters=1, kernel=3, stride=4000, padding=4000), 64, "compute.chunk"),
        (Conv(filters=1, kernel=3, stride=20000, padding=20000), 64, "layers.conv1.padding"),
        (Conv(filters=1, kernel=3, stride=20000, padding=20000), 1, "layers.conv1.padding"),
    ],
)
def test_arrays_of_a_chunk_that_do_not_fit(little, layer, chunk, advice):
    large = network(layer, *END, chunk=chunk)
    w = large.initial_parameters(0)
    message = rf"^not enough memory: layers.0 \(conv1\) takes .* \(reduce {advice}\)$"
    x, y = np.zeros((64, 8, 8, 1)), np.zeros(64, dtype=np.int64)
    for ask in (lambda: large.predict(w, x), lambda: large.loss_and_gradient(w, x, y)):
        with pytest.raises(StorageError, match=message):
            ask()


def test_memory_that_runs_out_all_the_same_names_the_largest_layer(monkeypatch):
    small = network(Conv(filters=4, kernel=3), *END)
    w = small.initial_parameters(0)
    monkeypatch.setattr(Network, "_evaluating", lambda *_: lambda *_: exec("raise MemoryError"))
    with pytest.raises(
        StorageError, match=r"^not enough memory: layers.0 \(conv1\) takes .* KiB of"
    ):
        small.predict(w, np.zeros((20, 8, 8, 1)))


@pytest.mark.parametrize("padding", [10**8, 10**9, 10**30])
def test_a_checkpoint_with_a_right_digest_and_absurd_sizes_does_not_fit(trained, padding):
    path = trained / "checkpoints" / "best.safetensors"
    arrays, metadata = checkpoint_file.read(path)
    metadata["config"]["layers"][0]["padding"] = padding
    forged = trained / "forged.safetensors"
    forged.write_bytes(checkpoint_file.encode(arrays, metadata))
    with pytest.raises(CheckpointError, match=r"layers.0.*(padding|<= 1000000000)"):
        load_model(forged)


@pytest.mark.parametrize(
    "command", ["fit", "describe", "check-gradients", "bench", "lr-sweep", "trace"]
)
@pytest.mark.parametrize("key", ["filters", "kernel", "stride", "padding"])
def test_no_command_meets_numbers_that_numpy_cannot_take(digits, cnntrain, command, key):
    for size in (10**8, 10**9, 10**30):
        done = cnntrain(command, digits, "--set", f"layers.conv1.{key}={size}")
        assert done.code in (0, 2, 5), done.err
        if done.code:
            assert "layers." in done.err.splitlines()[-1]
            assert "Traceback" not in done.err
