"""How layers fit together: the shapes between them, and which layer is to blame if they do not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from cnntrain.errors import ShapeError
from cnntrain.nn.layers import Layer
from cnntrain.nn.losses import Loss
from cnntrain.nn.shapes import MisfitError, Shape, size_text

MOST = 2**40  # numbers in an array of a layer: 4 TiB in single precision


def place(k: int, name: str) -> str:
    """Layer number `k`, from 0, as the config counts it, with its name."""
    return f"layers.{k} ({name})"


def shapes_between(
    layers: Sequence[Layer], names: Sequence[str], input_shape: Shape
) -> list[Shape]:
    """Shapes of one sample: of the input, (C, H, W) or (d,), and of each layer's output.

    input_shape   (H, W, C), or (d,)

    Raises ShapeError, which names the layer, where one does not fit.
    """
    *size, last = input_shape
    shape: Shape = (last, *size)
    shapes = [shape]
    for k, layer in enumerate(layers):
        try:
            layer.check_input(shape)
            check_sizes(layers, names, k, shape)
            shape = layer.output_shape(shape)
        except MisfitError as error:
            raise ShapeError(k, f"{place(k, names[k])}: {error}", error.key) from None
        shapes.append(shape)
    return shapes


def check_sizes(layers: Sequence[Layer], names: Sequence[str], k: int, shape: Shape) -> None:
    """ShapeError where an array of layer `k`, for inputs of `shape`, would be larger than any
    machine can hold: found in exact integers, before anything is allocated."""
    arrays = {"input": shape, **layers[k].arrays(shape), **layers[k].parameter_shapes(shape)}
    for name, size in arrays.items():
        if (count := math.prod(size)) > MOST:
            blamed = largest_setting(layers[: k if name == "input" else k + 1])
            index, key = blamed or (k, "")
            hint = f"reduce layers.{names[index]}.{key}" if blamed else "take smaller inputs"
            raise ShapeError(
                index,
                f"{place(k, names[k])}: its {name} of {size_text(size)} would be {count:,} "
                f"numbers, expected at most 2^40 ({hint})",
                key,
            )


def largest_setting(layers: Sequence[Layer]) -> tuple[int, str] | None:
    """Number and key of the largest of the settings that make layers larger; None for none."""
    found: dict[tuple[int, str], int] = {}
    for k, layer in enumerate(layers):
        for key in layer.enlarging:
            value = getattr(layer, key)
            if not isinstance(value, str):  # such as `same`
                found[k, key] = max(value) if isinstance(value, tuple) else value
    return max(found, key=lambda at: (found[at], at), default=None)


def check_end(
    layers: Sequence[Layer], names: Sequence[str], shapes: Sequence[Shape], loss: Loss, outputs: int
) -> None:
    """ShapeError unless the last layer suits `loss` and has `outputs` outputs."""
    last = len(layers) - 1
    if loss.of_logits and not layers[last].outputs_probabilities:
        raise ShapeError(
            last,
            f"{place(last, names[last])}: {loss.word()} needs a soft-max as last layer "
            "(add {type: softmax} at the end)",
        )
    if shapes[-1] != (outputs,):
        raise _wrong_outputs(layers, names, shapes, loss, outputs)
    loss.check_outputs(outputs)


def _wrong_outputs(
    layers: Sequence[Layer], names: Sequence[str], shapes: Sequence[Shape], loss: Loss, outputs: int
) -> ShapeError:
    """The error at the layer that decides the number of outputs, the last one to change a shape."""
    changing = [k for k, (a, b) in enumerate(itertools.pairwise(shapes)) if a != b]
    k = max(changing, default=len(layers) - 1)
    key = layers[k].outputs_key
    hint = f"set {key}: {outputs}" if key else f"end in {{type: dense, units: {outputs}}}"
    return ShapeError(
        k,
        f"{place(k, names[k])} leads to {size_text(shapes[-1])} outputs but the data have "
        f"{outputs} {'classes' if loss.needs_labels else 'to predict'} ({hint})",
        key,
    )
