"""Every way to compute a convolution against the definition, and how close it comes."""

import itertools

import numpy as np
import pytest

from cnntrain.nn.engines.numpy import grouped
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.engines.numpy.grouped import Grouped
from cnntrain.nn.engines.numpy.im2col import Im2col
from cnntrain.nn.engines.numpy.tiles import CACHED, FEWEST, Tiling
from cnntrain.nn.engines.numpy.winograd import A_T, B_T, G, Winograd
from cnntrain.nn.execution.context import Context
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import Conv
from cnntrain.nn.windows import Windows

BOUNDS = {
    "Im2col": {"float32": 1e-5, "float64": 1e-14},
    "Winograd": {"float32": 1e-4, "float64": 1e-12},
}


def direct(x, weight, windows, bias=None):
    """y[f, i, j] = b[f] + sum of W[f, c, u, v] x[c, i + u, j + v], in float64, loop by loop."""
    top, bottom, left, right = windows.padding
    padded = np.pad(x.astype("f8"), ((0, 0), (top, bottom), (left, right), (0, 0)))
    oh, ow = windows.output
    y = np.zeros((len(weight), oh, ow, x.shape[3]))
    for u, v in itertools.product(range(3), range(3)):
        window = padded[:, u : u + oh, v : v + ow]
        y += np.einsum("fc,cijn->fijn", weight[:, :, u, v].astype("f8"), window)
    return y if bias is None else y + bias[:, None, None, None]


def direct_gradients(dy, x, weight, windows):
    """dl/dW and dl/dx for dl/dy, entry by entry of the kernel."""
    top, bottom, left, right = windows.padding
    padded = np.pad(x.astype("f8"), ((0, 0), (top, bottom), (left, right), (0, 0)))
    d_padded, d_weight = np.zeros_like(padded), np.zeros(weight.shape)
    oh, ow = windows.output
    for u, v in itertools.product(range(3), range(3)):
        window = padded[:, u : u + oh, v : v + ow]
        d_weight[:, :, u, v] = np.einsum("fijn,cijn->fc", dy.astype("f8"), window)
        share = np.einsum("fc,fijn->cijn", weight[:, :, u, v].astype("f8"), dy.astype("f8"))
        d_padded[:, u : u + oh, v : v + ow] += share
    return d_weight, windows.crop(d_padded)


def close(algorithm, found, right):
    """Within the bound that the algorithm documents, relative to the largest entry."""
    worst = np.abs(found - right).max() / np.abs(right).max()
    assert worst < BOUNDS[type(algorithm).__name__][found.dtype.name], worst


def case(size, padding, n, kind, channels=5, filters=7):
    random = np.random.default_rng(0)
    windows = Windows.of(size, (3, 3), (1, 1), padding)
    x = random.normal(size=(channels, *size, n)).astype(kind)
    weight = random.normal(size=(filters, channels, 3, 3)).astype(kind)
    dy = random.normal(size=(filters, *windows.output, n)).astype(kind)
    return windows, x, weight, dy


ALGORITHMS = [Im2col(), Winograd()]
CASES = [
    ((4, 4), "same", 1),
    ((3, 3), "valid", 2),
    ((6, 6), "valid", 3),
    ((7, 5), "same", 4),
    ((5, 11), (0, 2, 1, 0), 2),
    ((13, 9), 2, 1),
    ((24, 16), "same", 40),
]


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize(("size", "padding", "n"), CASES)
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda a: type(a).__name__)
def test_values_and_derivatives(algorithm, size, padding, n, kind, make_context):
    windows, x, weight, dy = case(size, padding, n, kind)
    context, bias = make_context(), np.arange(len(weight)).astype(kind)
    y, cache = algorithm.forward(x, weight, bias, windows, context)
    close(algorithm, y, direct(x, weight, windows, bias))
    d_weight = np.empty_like(weight)
    dx = algorithm.backward(dy.copy(), cache, weight, d_weight, windows, context, need_dx=True)
    right, right_dx = direct_gradients(dy, x, weight, windows)
    close(algorithm, d_weight, right)
    close(algorithm, dx, right_dx)


@pytest.mark.parametrize("conv", ["im2col", "winograd"])
@pytest.mark.parametrize(("size", "padding", "n"), CASES)
def test_directional_derivatives(conv, size, padding, n):
    windows, x, weight, _ = case(size, padding, n, "float64")
    dx, d_weight = x[::-1].copy(), weight[::-1].copy()
    layer = Conv(filters=len(weight), kernel=3, padding=windows.padding, bias=False)
    choose = NumpyEngine(conv).choose
    context, algorithm = Context(Workspace(), 0, choose), choose(len(x), windows)
    _, cache = layer.forward(x, {"weight": weight}, context)
    right = direct(dx, weight, windows) + direct(x, d_weight, windows)
    for _ in range(2):  # the first leaves the cache as it was
        found = layer.jvp(dx.copy(), cache, {"weight": weight}, {"weight": d_weight}, context)
        close(algorithm, found, right)


def test_outside_training_the_values_are_the_same(make_context):
    windows, x, weight, _ = case((24, 16), "same", 40, "float32")
    training, _ = Winograd().forward(x, weight, None, windows, make_context())
    other, cache = Winograd().forward(x, weight, None, windows, make_context(training=False))
    assert cache is None
    assert (training == other).all()


def test_the_matrices_are_those_of_minimal_filtering():
    """Y = A' [(G g) * (B' d)]: four outputs of a filter of three, by six products."""
    random = np.random.default_rng(0)
    d, g = random.normal(size=6), random.normal(size=3)
    y = np.array(A_T) @ ((np.array(G) @ g) * (np.array(B_T) @ d))
    assert np.allclose(y, [d[i : i + 3] @ g for i in range(4)])


@pytest.mark.parametrize("channels", [3, 64, 1_000])
@pytest.mark.parametrize("n", [1, 3, 16, 64, 500])
def test_blocks_cover_all_tiles_once_and_stay_small(n, channels):
    tiling = Tiling(Windows.of((30, 22), (3, 3), (1, 1), "same"), n)
    covered = np.zeros(tiling.grid, dtype=int)
    for block in tiling.blocks(channels):
        place = np.s_[block.top : block.top + block.height, block.left : block.left + block.width]
        covered[place] += 1
        assert block.size == block.height * block.width * n
        assert block.size <= max(CACHED // channels, FEWEST, n)
    assert covered.shape == (8, 6)
    assert (covered == 1).all()


def test_the_choice_depends_on_the_shape_alone():
    def kind(conv, channels, kernel, stride, dilation=(1, 1), groups=1):
        windows = Windows.of((9, 9), kernel, stride, "valid", dilation=dilation)
        return type(NumpyEngine(conv).choose(channels, windows, groups)).__name__

    assert kind("auto", 8, (3, 3), (1, 1)) == "Winograd"
    assert kind("auto", 7, (3, 3), (1, 1)) == "Im2col"
    assert kind("auto", 64, (5, 5), (1, 1)) == "Im2col"
    assert kind("auto", 64, (3, 3), (2, 2)) == "Im2col"
    assert kind("winograd", 64, (3, 3), (1, 1), dilation=(1, 2)) == "Im2col"
    assert kind("winograd", 64, (3, 3), (1, 1), groups=2) == "Grouped"
    assert kind("winograd", 1, (3, 3), (1, 1)) == "Winograd"
    assert kind("winograd", 64, (3, 3), (1, 2)) == "Im2col"
    assert kind("im2col", 64, (3, 3), (1, 1)) == "Im2col"


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("groups", [2, 3, 6])
@pytest.mark.parametrize("at_a_time", [1, 4 * 9 * 12 * 10 * 5, 10**9])
def test_groups_are_convolutions_of_their_own(at_a_time, groups, kind, make_context, monkeypatch):
    """However many are computed at a time."""
    monkeypatch.setattr(grouped, "CACHED", at_a_time)
    windows, x, _, dy = case((12, 10), "same", 5, kind, channels=6, filters=12)
    weight = np.random.default_rng(1).normal(size=(12, 6 // groups, 3, 3)).astype(kind)
    d_weight, bias, context = np.empty_like(weight), np.arange(12).astype(kind), make_context()
    y, cache = Grouped().forward(x, weight, bias, windows, context)
    y = y.copy()
    dx = Grouped().backward(dy.copy(), cache, weight, d_weight, windows, context, need_dx=True)
    spans = [np.array_split(range(count), groups) for count in (6, 12)]
    for channels, filters in zip(*spans, strict=True):
        own = x[channels], weight[filters]
        close(Im2col(), y[filters], direct(*own, windows, bias[filters]))
        right, right_dx = direct_gradients(dy[filters], *own, windows)
        close(Im2col(), d_weight[filters], right)
        close(Im2col(), dx[channels], right_dx)
