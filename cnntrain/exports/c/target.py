"""`--to c`: model.h and model.c, and with `main` main.c."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from cnntrain.exports.c.code import Code
from cnntrain.exports.c.compiled import outputs
from cnntrain.exports.c.header import header
from cnntrain.exports.c.interface import Interface
from cnntrain.exports.c.main import main
from cnntrain.exports.c.plan import Plan
from cnntrain.exports.c.quantized import rounded
from cnntrain.exports.program import Program
from cnntrain.exports.target import Array, Files, Target
from cnntrain.models.model import Model

SIGNATURE = re.compile(rb"void (\w+)_predict\(const (\w+) ")


@dataclass(frozen=True)
class C(Target):
    """C99 without dependencies.

    int8   whether the weights of convolutions and dense layers are in eight bits
    main   whether there is a main.c, too, which classifies one input from standard input
    """

    word: ClassVar[str] = "c"

    int8: bool = False
    main: bool = False

    def write(self, program: Program, name: str) -> Files:
        interface, plan = Interface(program, name), Plan.of(program, self.int8)
        files = {"model.h": header(interface, plan), "model.c": Code(interface, plan).text}
        if self.main:
            files["main.c"] = main(interface)
        return {file: text.encode() for file, text in files.items()}

    def answer(self, files: Files, raw: Array) -> Array | str:
        found = SIGNATURE.search(files["model.h"])
        assert found is not None
        name, kind = (word.decode() for word in found.groups())
        return outputs(files, name, kind, raw)

    def held(self, model: Model) -> Model:
        return rounded(model) if self.int8 else model

    def notes(self, program: Program) -> list[str]:
        plan = Plan.of(program, self.int8)
        memory, constants = plan.memory_bytes, plan.constant_bytes
        return [f"{memory} bytes of static memory, {constants} bytes of weights"]
