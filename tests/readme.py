"""The generated parts of the documents: `python tests/readme.py [NOTE]` writes them anew.

    README.md           the transcript of `cnntrain evaluate`, and the picture of `cnntrain fit`
    configs/README.md   the transcript of `cnntrain lr-sweep`, and the reference of all keys
    tests/README.md     the tables in NOTE, where `make note` left its runs
    cnntrain/README.md  the floors of tests/test_architecture.py, the toys of tests/toys.py

What is text stands between `<!-- NAME -->` and `<!-- /NAME -->`.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from picture import draw

from cnntrain.config.reference import Reference, markdown
from cnntrain.nn.engines.compiled.library import load

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "configs" / "first-run.svg"
FIRST_RUN = ["cnntrain init digits > digits.yaml", "cnntrain fit digits.yaml"]
EVALUATION = ["cnntrain evaluate runs/digits | head -n 10"]
TOYS = {
    "layer": "Scale",
    "optimizer": "SignDescent",
    "schedule": "Sawtooth",
    "source": "Checks",
    "augmentation": "Transpose",
}
SWEEP = ["cnntrain lr-sweep digits.yaml --quiet"]


def section(text: str, name: str) -> str:
    """What stands between the marks `name` of `text`."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, flags=re.DOTALL)
    assert found, f"no section {name}"
    return found.group(1)


def replaced(text: str, name: str, content: str) -> str:
    """`text` with the section `name` made anew."""
    old = section(text, name)
    return text.replace(f"<!-- {name} -->\n{old}", f"<!-- {name} -->\n{content}")


def transcripts(*parts: list[str]) -> list[str]:
    """What a terminal shows of some commands, run one part after the other in one folder."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            "\n".join(f"$ {command}\n{output(command, folder)}".rstrip() for command in commands)
            for commands in parts
        ]


def output(command: str, folder: str) -> str:
    """What a command of cnntrain prints in `folder`, on standard output and error together."""
    return subprocess.run(
        command.replace("cnntrain", f"{sys.executable} -m cnntrain", 1),
        shell=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


def block(text: str) -> str:
    """`text` as a block of code."""
    return f"\n```text\n{text}\n```\n\n"


def reference() -> str:
    """The reference of all config keys."""
    return f"\n{markdown([], list(Reference().sections()))}\n"


def floors() -> str:
    """The floors of the house, as the test that enforces them has them."""
    source = (ROOT / "tests" / "test_architecture.py").read_text(encoding="utf-8")
    (value,) = (
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLOORS"
    )
    return block("\n".join(" · ".join(sorted(floor)) for floor in ast.literal_eval(value)))


def toys() -> dict[str, str]:
    """The toys that a test registers, by section: how to add a thing of each kind."""
    source = (ROOT / "tests" / "toys.py").read_text(encoding="utf-8")
    lines, nodes = source.splitlines(), ast.parse(source).body
    found = {}
    for kind, name in TOYS.items():
        parts = [
            "\n".join(lines[node.lineno - 1 : node.end_lineno])
            for node in nodes
            if (isinstance(node, ast.ClassDef) and node.name == name)
            or (isinstance(node, ast.Expr) and ast.unparse(node).endswith(f".add({name})"))
        ]
        found[f"toy-{kind}"] = "\n```python\n" + "\n\n\n".join(parts) + "\n```\n\n"
    return found


def tables(note: Path) -> dict[str, str]:
    """The tables that `make note` left, by section."""
    files = {f"note-{letter}": note / letter / "table.md" for letter in "abcdefgh"}
    files["note-variance"] = note / "b" / "variance.md"
    return {name: f"\n{file.read_text(encoding='utf-8')}\n" for name, file in files.items()}


def rewrite(document: str, sections: dict[str, str]) -> None:
    """Write the sections of a document, given by their names."""
    path = ROOT / document
    text = path.read_text(encoding="utf-8")
    for name, content in sections.items():
        text = replaced(text, name, content)
    path.write_text(text, encoding="utf-8")


def main(note: Path | None = None) -> None:
    """Write the generated parts, with the figures that every compiled engine has."""
    if isinstance(library := load(), str):
        sys.exit(f"without the compiled engine figures would differ: {library}")
    first, evaluation, sweep = transcripts(FIRST_RUN, EVALUATION, SWEEP)
    PICTURE.write_text(draw(first), encoding="utf-8")
    rewrite("README.md", {"evaluation": block(evaluation)})
    rewrite("configs/README.md", {"lr-sweep": block(sweep), "reference": reference()})
    rewrite("cnntrain/README.md", {"floors": floors(), **toys()})
    rewrite("tests/README.md", tables(note) if note else {})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
