"""The layers of a network as PyTorch modules: a class for each kind of block, and lines of code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cnntrain.errors import UsageError
from cnntrain.exports.program import Step
from cnntrain.exports.torch.blocks import Item, Repeat, Residual, Single
from cnntrain.exports.torch.names import Attributes
from cnntrain.exports.torch.rules import RULES, Piece
from cnntrain.exports.torch.words import WIDTH, wrapped

INDENT = " " * 8


@dataclass
class Module:
    """One module, as its class grows.

    path   where it is in the network, as a state_dict has it, such as "repeat1.0."
    made   lines of __init__
    """

    path: str = ""
    made: list[str] = field(default_factory=list)
    attributes: Attributes = field(default_factory=Attributes)

    def make(self, attribute: str, kind: str, arguments: Sequence[str]) -> None:
        """In __init__, let `attribute` be a `kind` of module."""
        self.made.append(wrapped(f"self.{attribute} = {kind}(", arguments, ")", INDENT))


@dataclass
class Classes:
    """Those of the blocks of a network, each once.

    title   what the class of the network is called
    texts   what the classes consist of, by their names
    paths   of the layers in the network, by their names: "repeat1.0.conv1" of "repeat1/1/conv1"
    """

    title: str
    texts: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def values(self, module: Module, items: Sequence[Item], y: str, prefix: str = "") -> list[str]:
        """What `module` makes of x by `items`: expressions that `y` becomes one after the other,
        the first one of x.

        prefix   of the names of layers
        """
        found: list[str] = []
        for item in items:
            expression = self._expression(module, item, prefix)
            chained = isinstance(item, Single) and item.step.layer.keeps_shape
            if found and chained and _fits(expression.format(x=found[-1])):
                found[-1] = expression.format(x=found[-1])
            elif expression != "{x}":
                found.append(expression.format(x=y if found else "x"))
        return found

    def _expression(self, module: Module, item: Item, prefix: str) -> str:
        """What `item` makes of "{x}"."""
        if isinstance(item, Single) and not _piece(item.step).module:
            return _piece(item.step).value
        attribute = module.attributes.new(f"{prefix}{item.name}")
        name, path = f"self.{attribute}", f"{module.path}{attribute}"
        if isinstance(item, Single):
            piece = _piece(item.step)
            module.make(attribute, piece.module, piece.arguments)
            self.paths[item.step.name] = path
            return piece.value.replace("{module}", name)
        if isinstance(item, Residual):
            module.make(attribute, self._residual(item, path), [])
        else:
            module.make(attribute, "nn.Sequential", self._copies(item, path))
        return f"{name}({{x}})"

    def _residual(self, block: Residual, path: str) -> str:
        """The name of its class."""
        module = Module(f"{path}.")
        ys = self.values(module, block.layers, "y")
        xs = self.values(module, block.shortcut, "x", "shortcut/")
        lines = [*(f"y = {value}" for value in ys), *(f"x = {value}" for value in xs)]
        return self._class("Residual", module, [*lines, f"return {'y' if ys else 'x'} + x"])

    def _copies(self, block: Repeat, path: str) -> list[str]:
        """Calls of their classes."""
        calls = []
        for k, items in enumerate(block.copies):
            module = Module(f"{path}.{k}.")
            lines = returned(self.values(module, items, "x"))
            calls.append(f"{self._class('Repeat', module, lines)}()")
        alike = len(calls) > 2 and len(set(calls)) == 1
        return [f"*({calls[0]} for _ in range({len(calls)}))"] if alike else calls

    def _class(self, kind: str, module: Module, lines: Sequence[str]) -> str:
        """The name of the class of `module`, whose forward says `lines`."""
        text = "\n".join([*initial(module), *method("forward", "x", lines)])
        for name, other in self.texts.items():
            if other == text:
                return name
        name, count = kind, 1
        while name in self.texts or name == self.title:
            count += 1
            name = f"{kind}{count}"
        self.texts[name] = text
        return name


def _piece(step: Step) -> Piece:
    """Raises UsageError where there is no rule for its layer."""
    rule = RULES.get(type(step.layer))
    if rule is None:
        raise UsageError(f"{step.name}: torch has nothing for {step.layer.word()}")
    return rule(step, step.layer)


def _fits(value: str) -> bool:
    return len(f"{INDENT}return {value}") <= WIDTH


def returned(values: Sequence[str]) -> list[str]:
    """Lines that return the last of the `values` that x becomes."""
    last = values[-1] if values else "x"
    return [*(f"x = {value}" for value in values[:-1]), f"return {last}"]


def initial(module: Module) -> list[str]:
    """__init__, where there is anything to make."""
    if not module.made:
        return []
    return ["    def __init__(self):", f"{INDENT}super().__init__()", *module.made, ""]


def method(name: str, x: str, lines: Sequence[str]) -> list[str]:
    """A method that makes something of `x`."""
    return [f"    def {name}(self, {x}):", *(f"{INDENT}{line}" for line in lines)]
