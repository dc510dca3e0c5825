"""The text of main.c, which asks the network about one raw input."""

from __future__ import annotations

from cnntrain.exports.c.interface import Interface

MAIN = """\
// {what} of one raw input, which is read
// from standard input: {inputs} numbers of type {type}, and nothing else.
#include <stdio.h>

#include "model.h"

int main(void) {{
    static {type} input[{inputs}];
    static float output[{outputs}];
    const size_t found = fread(input, 1, sizeof input, stdin);
    if (found < sizeof input || getchar() != EOF) {{
        fprintf(stderr, "found %s than the %lu bytes of one input\\n",
                found < sizeof input ? "less" : "more", (unsigned long)sizeof input);
        return 2;
    }}
    {name}_predict(input, output);
{answer}
    return 0;
}}
"""

CLASS = """\
    int likeliest = 0;
    for (int k = 1; k < {outputs}; k++)
        if (output[k] > output[likeliest]) likeliest = k;
    printf("%s\\n", {name}_classes[likeliest]);
    for (int k = 0; k < {outputs}; k++)
        printf("%.6f  %s\\n", (double)output[k], {name}_classes[k]);"""

NUMBERS = """\
    for (int k = 0; k < {outputs}; k++) printf("%.9g\\n", (double)output[k]);"""


def main(interface: Interface) -> str:
    """For a network with this interface."""
    names = {"name": interface.name, "inputs": interface.inputs, "outputs": interface.outputs}
    if interface.classifies:
        what, answer = "The likeliest class, and the probabilities of all,", CLASS
    else:
        what, answer = "The outputs", NUMBERS
    return MAIN.format(what=what, type=interface.type, answer=answer.format(**names), **names)
