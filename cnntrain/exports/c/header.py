"""The text of model.h."""

from __future__ import annotations

import cnntrain
from cnntrain.exports.c.interface import Interface
from cnntrain.exports.c.plan import Plan

HEADER = """\
// {name}: a network trained with cnntrain {version}, after epoch {epoch}.
//
//     static {type} input[{inputs}];  // one input as it is stored, not standardised
//     static float output[{outputs}];
//     {name}_predict(input, output);
//
// model.c is C99 that needs the mathematics of the standard library, and no heap.
#ifndef {guard}
#define {guard}

#include <stdint.h>

{macros}

#ifdef __cplusplus
extern "C" {{
#endif
{classes}
// {what} for one input, whose last axis changes fastest.
// It works in static memory: one call at a time.
{signature};

#ifdef __cplusplus
}}
#endif

#endif
"""


def header(interface: Interface, plan: Plan) -> str:
    """For a network whose values lie as `plan` has it."""
    macros = {
        **interface.sizes,
        interface.inputs: interface.numbers,
        interface.outputs: interface.program.outputs,
        interface.macro("MEMORY"): f"{plan.memory_bytes}  // bytes that it works in",
        interface.macro("WEIGHTS"): f"{plan.constant_bytes}  // bytes of constants",
    }
    classes = f"\nextern {interface.classes};  // in UTF-8\n" if interface.classifies else ""
    return HEADER.format(
        name=interface.name,
        version=cnntrain.__version__,
        epoch=interface.program.facts["epoch"],
        type=interface.type,
        inputs=interface.inputs,
        outputs=interface.outputs,
        guard=interface.macro("MODEL_H"),
        macros="\n".join(f"#define {name} {value}" for name, value in macros.items()),
        classes=classes,
        what="The probabilities of the classes" if interface.classifies else "The outputs",
        signature=interface.signature,
    )
