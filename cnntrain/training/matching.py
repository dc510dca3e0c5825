"""Which array of a state_dict that PyTorch wrote becomes which of a network.

By name, an array goes to the one that is called alike but for what separates words:
"block1.conv1.weight" to "block1/conv1/weight".  Copies in a repeat count from 0 there.

By order, the k-th convolution there is the k-th convolution here, and so are dense layers, batch
and group normalisations among their like.  safetensors sorts its arrays, so that the order of the
modules is not in the file: that of their names stands for it, with the numbers in them by value.
The first layer that does not fit ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from cnntrain.nn.shapes import Array, Shape
from cnntrain.text import printable
from cnntrain.training.weights_file import STATISTICS

_OF_TRAINING = "num_batches_tracked"

Modules = dict[str, dict[str, str]]  # names of arrays, by those of their module and of their part


@dataclass(frozen=True)
class Matching:
    """Which array of a file becomes which of the network.

    by      whether they were found by name or by order
    names   of those of the file, by those here; shapes may differ
    left    of those in the file that have no place in the network
    unsure  what of an order may be otherwise
    """

    by: Literal["name", "order"]
    names: Mapping[str, str]
    left: tuple[str, ...]
    unsure: str | None = None


def matching(there: Mapping[str, Array], here: Mapping[str, Array], whole: bool) -> Matching:
    """Where the arrays `there` go.

    here    those of the network, layer by layer
    whole   whether nothing may be missing: they go by name if all here are named there; otherwise
            they do if any is
    """
    weights = {
        name: there[name]
        for name in sorted(there, key=_natural)
        if name not in STATISTICS and not name.endswith(_OF_TRAINING)
    }
    names, doubt = _by_name(weights, here), None
    by: Literal["name", "order"] = "name"
    if len(names) < (len(here) if whole else 1):
        by, (names, doubt) = "order", _by_order(weights, here)
    taken = set(names.values())
    return Matching(by, names, tuple(name for name in weights if name not in taken), doubt)


def fits(array: Array, shape: Shape) -> bool:
    """Whether `array` holds real numbers and is of `shape`; kernels of signals may have a height
    of 1, and are the same bytes without it."""
    found = array.shape
    if len(found) == 4 and len(shape) == 3 and found[2] == 1:
        found = (*found[:2], found[3])
    return found == shape and array.dtype.kind == "f"


def _by_name(there: Mapping[str, Array], here: Mapping[str, Array]) -> dict[str, str]:
    alike = {_plain(name): name for name in there}
    sought = {name: _plain(_from_zero(name)) for name in here}
    return {name: alike[word] for name, word in sought.items() if word in alike}


def _by_order(
    there: Mapping[str, Array], here: Mapping[str, Array]
) -> tuple[dict[str, str], str | None]:
    """Names there by names here, and what of their order the alphabet alone decides."""
    modules, layers = _modules(there), _modules(here)
    kinds: dict[int, list[str]] = {}
    for module, parts in modules.items():
        kinds.setdefault(_kind(parts, there), []).append(module)
    waiting = {kind: iter(of_kind) for kind, of_kind in kinds.items()}
    names: dict[str, str] = {}
    for parts in layers.values():
        found = next(waiting.get(_kind(parts, here), iter(())), None)
        if found is None:
            break
        held = modules[found]
        names |= {name: held[part] for part, name in parts.items() if part in held}
        if held.keys() != parts.keys() or not all(
            fits(there[held[part]], here[name].shape) for part, name in parts.items()
        ):
            break
    shapes = {
        module: {part: there[name].shape for part, name in parts.items()}
        for module, parts in modules.items()
    }
    return names, _doubt(shapes, kinds.values())


def _doubt(shapes: Mapping[str, dict[str, Shape]], orders: Iterable[list[str]]) -> str | None:
    """What of the order of some modules the alphabet alone decides, neither numbers nor shapes."""
    found = [
        f"{one} before {other}"
        for order in orders
        for one, other in pairwise(order)
        if shapes[one] == shapes[other] and _words(one) != _words(other)
    ]
    if not found:
        return None
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        f"the alphabet alone puts {printable(', '.join(found[:3]), 300)}{more}: their shapes are "
        "the same (see that it is right)"
    )


def _words(name: str) -> str:
    """A name without the numbers in it."""
    return re.sub(r"\d+", "", name)


def _modules(arrays: Mapping[str, Array]) -> Modules:
    found: Modules = {}
    for name in arrays:
        module, _, part = name.replace("/", ".").rpartition(".")
        found.setdefault(module, {})[part] = name
    return found


def _kind(parts: Mapping[str, str], arrays: Mapping[str, Array]) -> int:
    """A number that is the same for layers of the same kind: the axes of the weights, of which all
    convolutions count as having three, and batch normalisation as having none."""
    if "running_mean" in parts or "weight" not in parts:
        return 0
    return min(arrays[parts["weight"]].ndim, 3)


def _natural(name: str) -> list[list[str | tuple[int, str]]]:
    """What names are sorted by: word by word, and numbers in them by value."""
    return [
        [(len(part), part) if k % 2 else part for k, part in enumerate(re.split(r"0*(\d+)", word))]
        for word in name.split(".")
    ]


def _from_zero(name: str) -> str:
    return re.sub(r"(?<=/)\d+(?=/)", lambda number: str(int(number[0]) - 1), name)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name)
