"""YAML text to plain values, each with its line and column, under the rules of YAML 1.2.

Refused: duplicate keys, anchors, aliases, merge keys, tags, further documents, keys that are not
text, numbers that are not finite, and whatever is too large or too deep to be a config.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Any

from yaml import events
from yaml.error import MarkedYAMLError
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from cnntrain.config.source import scalars
from cnntrain.config.source.positions import KeyPath
from cnntrain.errors import ConfigError
from cnntrain.text import printable

MAX_BYTES = 2**18
MAX_NODES = 10_000
MAX_DEPTH = 50

Position = tuple[int, int]  # line and column, both from 1


@dataclass
class Document:
    """What a YAML text says.

    values, keys  positions of the value, and of the key, at each path
    problems      what is wrong, with its position, in reading order
    unreadable    paths of values that could not be taken: nothing more is to be said of them
    complete      False where reading had to stop at a problem
    """

    value: Any = None
    values: dict[KeyPath, Position] = field(default_factory=dict)
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    problems: list[tuple[Position, str]] = field(default_factory=list)
    unreadable: set[KeyPath] = field(default_factory=set)
    complete: bool = True


def read(text: str | bytes) -> Document:
    """The first document of `text`; what is wrong with it is listed, never raised."""
    document = Document()
    try:
        _Reading(_checked(text), document).run()
    except _Stop as stop:
        document.problems.append((stop.position, stop.message))
        document.complete = False
    return document


def parse_value(text: str, where: str) -> Any:
    """The value of the YAML `text`, given at `where`.  Raises ConfigError."""
    document = read(text)
    if document.problems:
        raise ConfigError([f"{where}: error: {message}" for _, message in document.problems])
    return document.value


NO_COLON = "could not find expected ':'"
# The ways out, by what PyYAML says of a mistake.
HINTS = {
    r"'\t'": "indent with blanks, not with tabs",
    NO_COLON: "a key, a colon, a blank and a value",
    "mapping values are not allowed": "one key a line, indented as those beside it; quote a colon",
    "expected ',' or ']'": "a comma, or the bracket's end, is missing",
    "expected ',' or '}'": "a comma, or the brace's end, is missing",
    "expected <block end>": "indent it as those beside it",
}


class _Stop(Exception):
    """A problem after which nothing more can be read."""

    def __init__(self, position: Position, message: str) -> None:
        super().__init__(message)
        self.position, self.message = position, message


class _Events(Reader, Scanner, Parser):
    """PyYAML's parser without what it makes of scalars: that part follows YAML 1.1."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def next(self) -> Any:
        """The next event.  Raises _Stop at a syntax error."""
        try:
            event: Any = self.get_event()  # type: ignore[no-untyped-call]  # PyYAML has no types
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            told = " ".join(part for part in (error.context, error.problem) if part)
            if NO_COLON in told:
                mark = error.context_mark  # the line; the other one is where the parser gave up
            hint = next((f" ({hint})" for part, hint in HINTS.items() if part in told), "")
            message = f"not YAML: {printable(told, 200)}{hint}"
            raise _Stop(_position(mark or self.get_mark()), message) from None
        except (ValueError, OverflowError) as error:  # numbers in escapes and directives
            position = _position(self.get_mark())
            raise _Stop(position, f"not YAML: {printable(error, 200)}") from None
        return event


class _Reading:
    """One pass over the events, which fills `document`."""

    def __init__(self, text: str, document: Document) -> None:
        self.source, self.document, self.nodes = _Events(text), document, 0

    def run(self) -> None:
        next_event = self.source.next
        next_event()  # stream start
        if isinstance(next_event(), events.StreamEndEvent):
            self.document.values[()] = (1, 1)
            return
        self.document.value = self._node(next_event(), ())
        next_event()  # document end
        extra = next_event()
        if not isinstance(extra, events.StreamEndEvent):
            raise _Stop(_position(extra.start_mark), "found a second document, expected one")

    def _node(self, event: Any, path: KeyPath, kept: bool = True, depth: int = 0) -> Any:
        """The value that starts with `event`; one that is not kept leaves no positions."""
        self._count(event, depth)
        self._refuse_properties(event)
        if kept:
            self.document.values[path] = _position(event.start_mark)
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(path, kept, depth)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(path, kept, depth)
        if isinstance(event, events.ScalarEvent):
            try:
                return event.value if event.style else scalars.resolve(event.value)
            except ValueError as error:
                self._problem(event, f"found {error}")
        if kept:
            self.document.unreadable.add(path)
        return None

    def _sequence(self, path: KeyPath, kept: bool, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self.source.next(), events.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), kept, depth + 1))
        return items

    def _mapping(self, path: KeyPath, kept: bool, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := self.source.next(), events.MappingEndEvent):
            line = _position(event.start_mark)[0]
            key = self._key(event, depth + 1)
            if key is not None and key in items:
                self._problem(
                    event, f"duplicate key {printable(key)!r}, first given on line {lines[key]}"
                )
                key = None
            if key is None:
                self._node(self.source.next(), path, False, depth + 1)
                continue
            inner = (*path, key)
            if kept:
                self.document.keys[inner] = _position(event.start_mark)
            items[key], lines[key] = (
                self._node(self.source.next(), inner, kept, depth + 1),
                line,
            )
        return items

    def _key(self, event: Any, depth: int) -> str | None:
        """The text of a key, or None where it is none."""
        if isinstance(event, events.ScalarEvent) and not event.style and event.value == "<<":
            self._problem(event, "merge keys (<<) are not allowed (write the keys out)")
            return None
        before = len(self.document.problems)
        key = self._node(event, (), False, depth)
        if isinstance(key, str):
            return key
        if len(self.document.problems) == before:
            self._problem(event, f"found the key {_shown(event)}, expected text (quote it)")
        return None

    def _refuse_properties(self, event: Any) -> None:
        """Report an alias, an anchor or a tag."""
        anchor = printable(event.anchor) if event.anchor else None
        if isinstance(event, events.AliasEvent):
            self._problem(event, f"aliases (*{anchor}) are not allowed (write the value out)")
        elif anchor:
            self._problem(event, f"anchors (&{anchor}) are not allowed (leave it out)")
        if tag := getattr(event, "tag", None):
            self._problem(event, f"tags ({printable(tag)}) are not allowed (leave it out)")

    def _count(self, event: Any, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Stop(
                _position(event.start_mark),
                f"found more than {MAX_NODES} values and keys, expected a config",
            )
        if depth > MAX_DEPTH:
            raise _Stop(
                _position(event.start_mark),
                f"found values nested deeper than {MAX_DEPTH} levels, expected a config",
            )

    def _problem(self, event: Any, message: str) -> None:
        self.document.problems.append((_position(event.start_mark), message))


def _checked(text: str | bytes) -> str:
    """`text` decoded and free of control characters.  Raises _Stop."""
    if len(text) > MAX_BYTES:
        raise _Stop((1, 1), f"found more than {MAX_BYTES // 1024} KiB, expected a config")
    text = (_decoded(text) if isinstance(text, bytes) else text).removeprefix("\ufeff")
    if match := Reader.NON_PRINTABLE.search(text):
        raise _Stop(
            _end(text[: match.start()]),
            f"found the character {printable(match[0])}, which YAML does not allow",
        )
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _Stop((1, 1), "found UTF-16, expected UTF-8 (save the file as UTF-8)")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        position = _end(data[: error.start].decode("utf-8"))
        byte = data[error.start]
        raise _Stop(position, f"found the byte 0x{byte:02x}, expected UTF-8") from None


def _end(text: str) -> Position:
    """The position just after `text`."""
    lines = f"{text}|".splitlines()
    return len(lines), len(lines[-1])


def _position(mark: Any) -> Position:
    return mark.line + 1, mark.column + 1


def _shown(event: Any) -> str:
    if isinstance(event, events.ScalarEvent):
        return printable(event.value) or "(nothing)"
    return "[...]" if isinstance(event, events.SequenceStartEvent) else "{...}"
