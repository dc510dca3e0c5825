"""model.py: the text of a PyTorch module."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnntrain.errors import UsageError
from cnntrain.exports.program import Program
from cnntrain.exports.torch.rules import HELPERS, RULES
from cnntrain.nn.layers.joints import Branch, Joint, Sum, Turn

WIDTH = 88
TAKEN = {"Path", "F", "CLASSES", "None", "True", "False", "Nn", "Tensor"}


def attribute(name: str) -> str:
    """The attribute of the module that holds the layer `name`: "block2_conv1" of "block2/conv1".

    The ending keeps it apart from what every nn.Module has.
    """
    word = re.sub(r"[^A-Za-z0-9]", "_", name)
    return word if word[-1].isdigit() else f"{word}_"


def source(program: Program, name: str) -> str:
    """A module named after the network `name`, formatted.

    Raises UsageError where there is no rule for a layer.
    """
    title = "".join(word[:1].upper() + word[1:] for word in name.split("_")) or "Model"
    title = f"{title}Network" if title in TAKEN else title
    modules, lines = _layers(program)
    helpers = [text for word, text in HELPERS.items() if f"{word}(" in "\n".join(lines)]
    shape = ", ".join(map(str, program.raw_shape))
    answer = "outputs" if program.class_names is None else "probabilities"
    parts = [
        '"""A trained network: `load()` gives it with its weights, for raw inputs."""\n\n'
        "from pathlib import Path\n\n"
        "import torch\nimport torch.nn.functional as F\n"
        "from safetensors.torch import load_file\nfrom torch import nn\n\n"
    ]
    if program.class_names is not None:
        quoted = [_quoted(word) for word in program.class_names]
        parts[0] += _wrapped("CLASSES = [", quoted, "]", "") + "\n\n"
    parts[0] += "\n"
    parts += [f"{text}\n\n" for text in helpers]
    body = [
        f"class {title}(nn.Module):",
        f'    """Raw inputs (N, {shape}) -> {answer} (N, {program.outputs})."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        f"        self.register_buffer('mean', torch.zeros({program.mean.shape}))",
        f"        self.register_buffer('std', torch.ones({program.std.shape}))",
        *modules,
        "",
        "    def forward(self, x):",
        *_inputs(program),
        *(_flipped() if program.flip else ["        return self.outputs(x)"]),
        "",
        "    def outputs(self, x):",
        "        x = ((x - self.mean.double()) / self.std.double()).to(self.mean.dtype)",
        *lines,
        "        return x",
    ]
    text = "\n".join(body).replace("'mean'", '"mean"').replace("'std'", '"std"')
    load = (
        "\n\n\ndef load():\n"
        f'    """The network with the weights in model.safetensors beside this file."""\n'
        f"    model = {title}()\n"
        '    model.load_state_dict(load_file(Path(__file__).with_name("model.safetensors")))\n'
        "    return model.eval()\n"
    )
    return "".join(parts) + text + load


def _inputs(program: Program) -> list[str]:
    """Raw inputs as (N, C, H, W)."""
    lines = []
    if len(program.input_shape) == 3:
        if program.axes == "NHWC":
            lines.append("        x = x.permute(0, 3, 1, 2)")
        elif program.axes == "NLC":
            lines.append("        x = x.permute(0, 2, 1).unsqueeze(2)")
        elif program.axes == "NCL":
            lines.append("        x = x.unsqueeze(2)")
    return lines


def _flipped() -> list[str]:
    return ["        return (self.outputs(x) + self.outputs(x.flip(-1))) / 2"]


def _layers(program: Program) -> tuple[list[str], list[str]]:
    """What __init__ and `outputs` say of the layers."""
    modules, lines, depth = [], [], 0
    for step in program.steps:
        if isinstance(step.layer, Joint):
            depth += isinstance(step.layer, Branch)
            lines.append(f"        {_joint(step.layer, depth)}")
            depth -= isinstance(step.layer, Sum)
            continue
        rule = RULES.get(type(step.layer))
        if rule is None:
            raise UsageError(f"{step.name}: torch has nothing for {step.layer.word()}")
        piece = rule(step, step.layer)
        name = f"self.{attribute(step.name)}"
        if piece.module:
            modules.append(_wrapped(f"{name} = {piece.module}(", piece.arguments, ")", "        "))
        value = piece.value.format(x="x", module=name)
        if value != "x":
            lines.append(f"        x = {value}")
    return modules, lines


def _joint(layer: Joint, depth: int) -> str:
    beside = f"beside{depth}"
    if isinstance(layer, Branch):
        return f"{beside} = x"
    return f"{beside}, x = x, {beside}" if isinstance(layer, Turn) else f"x = {beside} + x"


def _wrapped(start: str, items: Sequence[str], end: str, indent: str) -> str:
    """One line where it fits, else an item a line, as formatters leave it."""
    whole = f"{indent}{start}{', '.join(items)}{end}"
    if len(whole) <= WIDTH and whole.isascii():
        return whole
    return "\n".join(
        [f"{indent}{start}", *(f"{indent}    {item}," for item in items), f"{indent}{end}"]
    )


def _quoted(text: str) -> str:
    """A string literal."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = "".join(c if c in "\"'" else repr(c)[1:-1] for c in text)
    return quote + body.replace(quote, f"\\{quote}") + quote
