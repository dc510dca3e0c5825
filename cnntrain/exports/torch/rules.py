"""What each layer is in PyTorch: a module with its weights, and an expression of x."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnntrain.exports.program import Step
from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.windows import Windows

HELPERS = {
    "joined_relu": '''\
def joined_relu(x, radius: float):
    """max(0, x), its cusp rounded out by a parabola within `radius` of 0."""
    return torch.where(x.abs() <= radius, (x + radius) ** 2 / (4 * radius), F.relu(x))
''',
    "mean_pool": '''\
def mean_pool(x, window: list[int], stride: list[int], padding: list[int]):
    """The mean of those entries of each window that lie in the image."""
    inside = F.avg_pool2d(F.pad(torch.ones_like(x[:1, :1]), padding), window, stride)
    return F.avg_pool2d(F.pad(x, padding), window, stride) / inside
''',
    "smooth_max_pool": '''\
def smooth_max_pool(
    x, window: list[int], stride: list[int], padding: list[int], beta: float
):
    """log of the sum of exp(beta x) over each window, / beta: a smooth maximum."""
    x = F.pad(x, padding, value=-torch.inf)
    x = x.unfold(2, window[0], stride[0]).unfold(3, window[1], stride[1])
    return torch.logsumexp(beta * x, (-2, -1)) / beta
''',
}


@dataclass(frozen=True)
class Piece:
    """A layer in PyTorch.

    value    an expression of {x}, and of {module} where there is one
    module   such as "nn.Linear", with its arguments
    """

    value: str
    module: str = ""
    arguments: tuple[str, ...] = ()


def _pair(values: tuple[int, int]) -> str:
    return str(values[0]) if values[0] == values[1] else str(values)


def _border(windows: Windows) -> tuple[int, int, int, int]:
    """As F.pad takes it."""
    top, bottom, left, right = windows.padding
    return left, right, top, bottom


def _even(windows: Windows) -> tuple[int, int] | None:
    top, bottom, left, right = windows.padding
    return (top, left) if (top, left) == (bottom, right) else None


def _conv(step: Step, layer: Any) -> Piece:
    windows = layer.windows(step.before)
    even = _even(windows)
    arguments = [str(step.before[0]), str(layer.filters), _pair(windows.kernel)]
    for key, values, usual in (
        ("stride", windows.stride, (1, 1)),
        ("padding", even or (0, 0), (0, 0)),
        ("dilation", windows.dilation, (1, 1)),
    ):
        if values != usual:
            arguments.append(f"{key}={_pair(values)}")
    if layer.groups != 1:
        arguments.append(f"groups={layer.groups}")
    if "bias" not in step.arrays:
        arguments.append("bias=False")
    x = "{x}" if even else f"F.pad({{x}}, {_border(windows)})"
    return Piece(f"{{module}}({x})", "nn.Conv2d", tuple(arguments))


def _dense(step: Step, layer: Any) -> Piece:
    bias = () if "bias" in step.arrays else ("bias=False",)
    sizes = str(step.before[0]), str(layer.units)
    return Piece("{module}({x})", "nn.Linear", (*sizes, *bias))


def _batch_norm(step: Step, layer: Any) -> Piece:
    kind = "nn.BatchNorm2d" if len(step.before) == 3 else "nn.BatchNorm1d"
    arguments = [str(step.before[0])]
    if layer.epsilon != 1e-5:
        arguments.append(f"eps={layer.epsilon}")
    if layer.momentum != 0.1:
        arguments.append(f"momentum={layer.momentum}")
    return Piece("{module}({x})", kind, tuple(arguments))


def _group_norm(step: Step, layer: Any) -> Piece:
    epsilon = () if layer.epsilon == 1e-5 else (f"eps={layer.epsilon}",)
    arguments = (str(layer.groups), str(step.before[0]), *epsilon)
    return Piece("{module}({x})", "nn.GroupNorm", arguments)


def _max_pool(step: Step, layer: Any) -> Piece:
    windows = layer.windows(step.before)
    if layer.smooth != "none":
        at = f"{windows.kernel}, {windows.stride}, {_border(windows)}"
        return Piece(f"smooth_max_pool({{x}}, {at}, {layer.smooth})")
    if layer.window == "all":
        return Piece("F.adaptive_max_pool2d({x}, 1)")
    x = f"F.pad({{x}}, {_border(windows)}, value=-torch.inf)" if any(windows.padding) else "{x}"
    return Piece(f"F.max_pool2d({x}, {_sizes(windows)})")


def _avg_pool(step: Step, layer: Any) -> Piece:
    windows = layer.windows(step.before)
    if layer.window == "all":
        return Piece("F.adaptive_avg_pool2d({x}, 1)")
    if any(windows.padding):
        return Piece(f"mean_pool({{x}}, {windows.kernel}, {windows.stride}, {_border(windows)})")
    return Piece(f"F.avg_pool2d({{x}}, {_sizes(windows)})")


def _sizes(windows: Windows) -> str:
    stride = "" if windows.stride == windows.kernel else f", stride={_pair(windows.stride)}"
    return _pair(windows.kernel) + stride


def _relu(step: Step, layer: Any) -> Piece:
    return Piece(f"joined_relu({{x}}, {layer.radius})" if layer.radius else "F.relu({x})")


RULES: dict[type, Callable[[Step, Any], Piece]] = {
    Conv: _conv,
    Dense: _dense,
    BatchNorm: _batch_norm,
    GroupNorm: _group_norm,
    MaxPool: _max_pool,
    AvgPool: _avg_pool,
    ReLU: _relu,
    LeakyReLU: lambda step, layer: Piece(f"F.leaky_relu({{x}}, {layer.slope})"),
    ELU: lambda step, layer: Piece(f"F.elu({{x}}, {layer.alpha})"),
    GELU: lambda step, layer: Piece("F.gelu({x})"),
    SiLU: lambda step, layer: Piece("F.silu({x})"),
    Tanh: lambda step, layer: Piece("torch.tanh({x})"),
    Sigmoid: lambda step, layer: Piece("torch.sigmoid({x})"),
    Flatten: lambda step, layer: Piece("{x}" if len(step.before) == 1 else "torch.flatten({x}, 1)"),
    Dropout: lambda step, layer: Piece("{x}"),
    Softmax: lambda step, layer: Piece("torch.softmax({x}, 1)"),
}
