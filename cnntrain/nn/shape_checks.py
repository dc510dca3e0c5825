"""How layers fit together: the shapes between them, and which layer is to blame if they do not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence

from cnntrain.errors import ShapeError, UsageError
from cnntrain.nn.layers.joints import Joint
from cnntrain.nn.losses import Loss
from cnntrain.nn.nodes import Node, Path
from cnntrain.nn.shapes import MisfitError, Shape, size_text
from cnntrain.text import pluralize

MOST = 2**40  # numbers in an array of a layer: 4 TiB in single precision


def shapes_between(nodes: Sequence[Node], input_shape: Shape) -> list[Shape]:
    """Shapes of one sample: of the input, (C, H, W) or (d,), and of each layer's output.

    input_shape   (H, W, C), or (d,)

    Raises ShapeError, which names the layer, where one does not fit.
    """
    *size, last = input_shape
    shape: Shape = (last, *size)
    shapes, waiting = [shape], list[Shape]()
    for k, node in enumerate(nodes):
        try:
            node.layer.check_input(shape)
            check_sizes(nodes, k, shape)
            if isinstance(node.layer, Joint):
                shape = node.layer.shape_after(shape, waiting)
            else:
                shape = node.layer.output_shape(shape)
        except MisfitError as error:
            raise ShapeError(_at(node, error.key), f"{node.place}: {error}") from None
        shapes.append(shape)
    return shapes


def check_sizes(nodes: Sequence[Node], k: int, shape: Shape) -> None:
    """ShapeError where an array of layer `k`, for inputs of `shape`, would be larger than any
    machine can hold: found in exact integers, before anything is allocated."""
    node = nodes[k]
    arrays = {"input": shape, **node.layer.arrays(shape), **node.layer.parameter_shapes(shape)}
    for name, size in arrays.items():
        if (count := math.prod(size)) > MOST:
            blamed = largest_setting(nodes[: k if name == "input" else k + 1])
            index, key = blamed or (k, "")
            hint = f"reduce {nodes[index].place.key}.{key}" if blamed else "take smaller inputs"
            raise ShapeError(
                _at(nodes[index], key),
                f"{node.place}: its {name} of {size_text(size)} would be {count:,} "
                f"numbers, expected at most 2^40 ({hint})",
            )


def largest_setting(nodes: Sequence[Node]) -> tuple[int, str] | None:
    """Number and key of the largest of the settings that make layers larger; None for none."""
    found: dict[tuple[int, str], int] = {}
    for k, node in enumerate(nodes):
        for key in node.layer.enlarging:
            value = getattr(node.layer, key)
            if not isinstance(value, str):  # such as `same`
                found[k, key] = max(value) if isinstance(value, tuple) else value
    return max(found, key=lambda at: (found[at], at), default=None)


def check_end(nodes: Sequence[Node], shapes: Sequence[Shape], loss: Loss, outputs: int) -> None:
    """ShapeError unless the last layer suits `loss` and has `outputs` outputs."""
    last = nodes[-1]
    if loss.of_logits and not last.layer.outputs_probabilities:
        raise ShapeError(
            last.place.path,
            f"{last.place}: {loss.word()} needs a soft-max as last layer "
            "(add {type: softmax} at the end)",
        )
    if shapes[-1] != (outputs,):
        raise _wrong_outputs(nodes, shapes, loss, outputs)
    loss.check_outputs(outputs)


def _wrong_outputs(
    nodes: Sequence[Node], shapes: Sequence[Shape], loss: Loss, outputs: int
) -> ShapeError:
    """The error at the layer that decides the number of outputs, the last one to change a shape."""
    changing = [k for k, (a, b) in enumerate(itertools.pairwise(shapes)) if a != b]
    node = nodes[max(changing, default=len(nodes) - 1)]
    key = node.layer.outputs_key
    hint = f"set {key}: {outputs}" if key else f"end in {{type: dense, units: {outputs}}}"
    return ShapeError(
        _at(node, key),
        f"{node.place} leads to {size_text(shapes[-1])} outputs but the data have "
        f"{outputs} {'classes' if loss.needs_labels else 'to predict'} ({hint})",
    )


def _at(node: Node, key: str) -> Path:
    """The way to a setting of a layer, or to the layer."""
    return (*node.place.path, key) if key else node.place.path


def check_statistics(
    nodes: Sequence[Node], shapes: Sequence[Shape], frozen: Collection[int], count: int
) -> None:
    """UsageError where a layer that is not `frozen` would take statistics of a single number in a
    batch of `count` samples."""
    for k, node in enumerate(nodes):
        over, size = node.layer.statistics_over, math.prod(shapes[k][1:])
        if over is None or k in frozen:
            continue
        fewest = count if over == "batch" else count % over or over
        if fewest * size < 2:
            raise UsageError(
                f"{node.place} needs statistics of two numbers at least, found one: "
                f"{pluralize(fewest, 'sample')} of one pixel"
            )
