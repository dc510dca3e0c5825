"""What stands in the documents: blocks of code, code within the text, commands, links."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NAMES = [
    "README.md",
    "configs/README.md",
    "data/README.md",
    "tests/README.md",
    "cnntrain/README.md",
]
DOCUMENTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


def blocks(text: str, *languages: str) -> list[str]:
    """The blocks of code in these languages."""
    return [code for language, code in FENCE.findall(text) if language in languages]


def languages(text: str) -> set[str]:
    """The languages of the blocks of code."""
    return {language for language, _ in FENCE.findall(text)}


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """The pieces of code within the text, each on one line."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(text))]


def commands(text: str) -> Iterator[list[str]]:
    """The words of every command of cnntrain, after `cnntrain`, wherever it stands."""
    scripts = _lines(blocks(text, "sh", "bash", "console"))
    shown = [line.removeprefix("$ ") for line in _lines(blocks(text, "text"))]
    transcripts = [line for line in shown if line.startswith("cnntrain ")]
    for line in [*scripts, *transcripts, *spans(text)]:
        yield from _commands(line)


def links(text: str) -> list[str]:
    """The targets of links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))


def anchors(text: str) -> set[str]:
    """What links into a document may name: its headings as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _lines(scripts: list[str]) -> list[str]:
    return "".join(scripts).replace("\\\n", " ").splitlines()


def _commands(line: str) -> Iterator[list[str]]:
    if "cnntrain " not in line or line.startswith(("#", "make ")):
        return
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] | None = None
    try:
        tokens = list(lexer)
    except ValueError:  # no line of a shell
        return
    for token in [*tokens, ";"]:
        if token == "cnntrain" and not words:
            words = []
        elif set(token) <= set(";|&<>()"):
            if words:
                yield words
            words = None
        elif words is not None:
            words.append(token)
