"""`--to onnx`: the whole way from raw inputs to probabilities as one graph."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain import __version__
from cnntrain.errors import UsageError
from cnntrain.exports.onnx.graph import Graph
from cnntrain.exports.onnx.rules import RULES
from cnntrain.exports.program import Program
from cnntrain.exports.target import Array, Files, Target
from cnntrain.nn.layers.joints import Branch, Sum, Turn

OLDEST = 13  # opset


@dataclass(frozen=True)
class Onnx(Target):
    """One ONNX file.

    opset        the version of the operators; older runtimes take older ones
    input_type   of the raw inputs; None: uint8 where the network was trained on bytes, or float32
    """

    word: ClassVar[str] = "onnx"
    one_file: ClassVar[bool] = True
    compared: ClassVar[int] = 32  # the reference evaluator takes its time

    opset: int = 17
    input_type: Literal["uint8", "float32"] | None = None

    def write(self, program: Program, name: str) -> Files:
        onnx = library()
        newest = onnx.defs.onnx_opset_version()
        if not OLDEST <= self.opset <= newest:
            known = f"{newest}, the newest that onnx {onnx.__version__} knows"
            raise UsageError(f"opset {self.opset}, expected {OLDEST} to {known}")
        graph, kind = Graph(), self._kind(program)
        output = "outputs" if program.class_names is None else "probabilities"
        made = onnx.helper.make_model(
            onnx.helper.make_graph(
                *(_nodes(program, graph, kind == "uint8", output), name),
                [_value(onnx, "input", kind, program.raw_shape)],
                [_value(onnx, output, "float32", (program.outputs,))],
                [onnx.numpy_helper.from_array(a, key) for key, a in graph.constants.items()],
            ),
            producer_name="cnntrain",
            producer_version=__version__,
            opset_imports=[onnx.helper.make_opsetid("", self.opset)],
        )
        made.ir_version = onnx.helper.find_min_ir_version_for(made.opset_import)
        facts = dict(program.facts)
        if program.class_names is not None:
            facts["classes"] = json.dumps(program.class_names)
        onnx.helper.set_model_props(made, facts)
        onnx.checker.check_model(made, full_check=True)
        return {f"{name}.onnx": made.SerializeToString(deterministic=True)}

    def answer(self, files: Files, raw: Array) -> Array | str:
        from onnx.reference import ReferenceEvaluator

        (content,) = files.values()
        model = library().load_model_from_string(content)
        kind = model.graph.input[0].type.tensor_type.elem_type
        given = raw.astype(library().helper.tensor_dtype_to_np_dtype(kind))
        (outputs,) = ReferenceEvaluator(model).run(None, {"input": given})
        return np.asarray(outputs)

    def _kind(self, program: Program) -> str:
        trained = "float32" if program.inputs is None else program.inputs[0]
        if self.input_type == "uint8" and trained != "uint8":
            raise UsageError(
                f"input type uint8: the network was trained on inputs of type {trained}, expected "
                "bytes (leave it out)"
            )
        return self.input_type or ("uint8" if trained == "uint8" else "float32")


def library() -> ModuleType:
    """The package onnx.  Raises UsageError where it is not installed."""
    try:
        import onnx.reference
    except ImportError:
        raise UsageError("ONNX files need onnx (pip install 'cnntrain[onnx]')") from None
    return onnx


def _value(onnx: ModuleType, name: str, kind: str, shape: tuple[int, ...]) -> Any:
    """An input or output, for any number of samples."""
    element = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    return onnx.helper.make_tensor_value_info(name, element, ["N", *shape])


def _nodes(program: Program, graph: Graph, bytes_in: bool, output: str) -> list[Any]:
    graph.enter("standardize")
    x = graph.add("Cast", "input", to=1) if bytes_in else "input"  # 1: float32
    x = _inner(program, graph, x)
    if program.flip:
        graph.enter("flip")
        first, last = graph.whole("first", -1), graph.whole("last", np.iinfo(np.int64).min)
        axis, back = graph.whole("axis", 3), graph.whole("back", -1)
        x = graph.add("Concat", x, graph.add("Slice", x, first, last, axis, back), axis=0)
        graph.enter("standardize")
    if program.mean.any():
        for part in program.mean_parts:
            x = graph.add("Sub", x, graph.constant("mean", part))
    if (program.std != 1).any():
        x = graph.add("Div", x, graph.constant("std", program.std))
    waiting: list[str] = []
    for step in program.steps:
        graph.enter(step.name)
        if isinstance(step.layer, Branch):
            waiting.append(x)
        elif isinstance(step.layer, Turn):
            waiting[-1], x = x, waiting[-1]
        elif isinstance(step.layer, Sum):
            x = graph.add("Add", waiting.pop(), x)
        else:
            x = RULES[type(step.layer)](graph, step, step.layer, x)
    if program.flip:
        graph.enter("flip")
        pairs = graph.add("Reshape", x, graph.whole("pairs", 2, -1, program.outputs))
        both = [graph.add("Gather", pairs, graph.constant("k", k, np.int64)) for k in (0, 1)]
        x = graph.add("Mul", graph.add("Add", *both), graph.constant("half", 0.5))
    graph.enter(output)
    graph.add("Identity", x)
    graph.nodes[-1].output[0] = output
    return graph.nodes


def _inner(program: Program, graph: Graph, x: str) -> str:
    """Raw inputs as (N, C, H, W)."""
    if len(program.input_shape) == 1:
        return x
    if program.axes in {"NHWC", "NLC"}:
        x = graph.add("Transpose", x, perm=(0, 3, 1, 2) if program.axes == "NHWC" else (0, 2, 1))
    if "L" in program.axes:
        x = graph.add("Reshape", x, graph.whole("image", 0, *program.inner_shape))
    return x
