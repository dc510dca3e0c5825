"""model.py: the text of a PyTorch module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cnntrain.exports.program import Program
from cnntrain.exports.torch.blocks import blocks
from cnntrain.exports.torch.modules import INDENT, Classes, Module, initial, method, returned
from cnntrain.exports.torch.names import title
from cnntrain.exports.torch.rules import HELPERS
from cnntrain.exports.torch.words import quoted, wrapped
from cnntrain.nn.layers import Softmax
from cnntrain.nn.shapes import Array

HEAD = '''\
"""A trained network for raw inputs: load() gives it with its weights, to evaluate."""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn
'''

LOAD = '''\
def load():
    """The network with the weights in model.safetensors, which is beside this file."""
    model = {title}()
    model.load_state_dict(load_file(Path(__file__).with_name("model.safetensors")))
    return model.eval()
'''


@dataclass(frozen=True)
class Source:
    """The text, and where the network has its layers: paths as in a state_dict, by their names."""

    text: str
    paths: Mapping[str, str]


def means(program: Program) -> dict[str, Array]:
    """The parts of the mean, by the names of buffers."""
    return dict(zip(("mean", "mean_rest"), program.mean_parts, strict=False))


def source(program: Program, name: str) -> Source:
    """A module for the network `name`, a word, formatted.

    Raises UsageError where there is no rule for a layer.
    """
    classes = Classes(title(name))
    network = _network(program, classes)
    modules = [f"class {name}(nn.Module):\n{text}\n" for name, text in classes.texts.items()]
    code = "".join([*modules, network])
    parts = [
        HEAD if program.class_names is None else f"{HEAD}\n{_classes(program.class_names)}\n",
        *(text for word, text in HELPERS.items() if f"{word}(" in code),
        *modules,
        network,
        LOAD.format(title=classes.title),
    ]
    return Source("\n\n".join(parts), classes.paths)


def _classes(names: tuple[str, ...]) -> str:
    return wrapped("CLASSES = [", [quoted(word) for word in names], "]")


def _network(program: Program, classes: Classes) -> str:
    """The class of the whole network.

    What it computes ends with soft-max, or with the mean over mirror images, of what another of its
    methods gives.
    """
    module, steps = Module(made=_statistics(program)), list(program.steps)
    classified = isinstance(steps[-1].layer, Softmax)
    layers = classes.values(module, blocks(steps[:-1] if classified else steps), "x")
    lines = returned([*_standardised(program), *layers])
    methods = [("logits" if classified else "outputs", lines)]
    if classified:
        lines.insert(0, '"""What soft-max makes probabilities of: for nn.CrossEntropyLoss."""')
        methods.insert(0, ("outputs", ["return torch.softmax(self.logits(raw), 1)"]))
    if program.flip:
        axis = program.axes.index("L" if "L" in program.axes else "W")
        mean = f"return (self.outputs(raw) + self.outputs(raw.flip({axis}))) / 2"
        methods.insert(0, ("forward", [mean]))
    methods[0] = ("forward", methods[0][1])
    shape = ", ".join(map(str, program.raw_shape))
    answer = "outputs" if program.class_names is None else "probabilities"
    lines = [
        f"class {classes.title}(nn.Module):",
        f'    """Raw inputs (N, {shape}) -> {answer} (N, {program.outputs})."""',
        "",
        *initial(module),
        "\n\n".join("\n".join(method(name, "raw", lines)) for name, lines in methods),
    ]
    return "\n".join(lines) + "\n"


def _statistics(program: Program) -> list[str]:
    """Lines of __init__."""
    found = [(name, "zeros", part) for name, part in means(program).items()]
    made = []
    for name, fill, array in [*found, ("std", "ones", program.std)]:
        size = ", ".join(map(str, array.shape)) or "()"
        made.append(f'{INDENT}self.register_buffer("{name}", torch.{fill}({size}))')
    return made


def _standardised(program: Program) -> list[str]:
    """What x becomes at first: raw inputs as (N, C, H, W), and their standardisation."""
    x = "raw"
    if len(program.input_shape) == 3:
        x += {
            "NHWC": ".permute(0, 3, 1, 2)",
            "NCHW": "",
            "NLC": ".permute(0, 2, 1).unsqueeze(2)",
            "NCL": ".unsqueeze(2)",
        }[program.axes]
    less = "".join(f" - self.{name}" for name in means(program))
    return [f"{x}.to(self.mean)", f"(x{less}) / self.std"]
