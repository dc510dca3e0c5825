"""The generated parts of README.md: `python tests/readme.py [NOTE]` writes them anew.

They stand between `<!-- NAME -->` and `<!-- /NAME -->`: the transcript of the first example, the
reference of all config keys, and, if given, the tables in NOTE, where `make note` left its runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cnntrain.config.reference import reference

README = Path(__file__).parent.parent / "README.md"


def section(text: str, name: str) -> str:
    """What stands between the marks `name` of `text`."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, flags=re.DOTALL)
    assert found, f"README.md has no section {name}"
    return found.group(1)


def replaced(text: str, name: str, content: str) -> str:
    """`text` with the section `name` made anew."""
    old = section(text, name)
    return text.replace(f"<!-- {name} -->\n{old}", f"<!-- {name} -->\n{content}")


def transcript() -> str:
    """What the first example prints, as a terminal shows it: progress and results together."""
    commands = ["cnntrain init digits > digits.yaml", "cnntrain fit digits.yaml"]
    commands.append("cnntrain evaluate runs/digits")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            done = subprocess.run(
                command.replace("cnntrain", f"{sys.executable} -m cnntrain", 1),
                shell=True,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=True,
            )
            lines += [f"$ {command}", done.stdout]
    return "```text\n" + "\n".join(line.rstrip("\n") for line in lines if line) + "\n```\n"


def tables(note: Path) -> dict[str, str]:
    """The tables that `make note` left, by section."""
    files = {f"note-{letter}": note / letter / "table.md" for letter in "abcdef"}
    files["note-variance"] = note / "b" / "variance.md"
    return {name: f"\n{file.read_text(encoding='utf-8')}\n" for name, file in files.items()}


def main(note: Path | None = None) -> None:
    """Write the generated parts."""
    text = README.read_text(encoding="utf-8")
    for name, table in (tables(note) if note else {}).items():
        text = replaced(text, name, table)
    text = replaced(text, "reference", f"\n{reference().rstrip()}\n\n")
    text = replaced(text, "transcript", transcript())
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
