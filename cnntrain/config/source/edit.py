"""A config file with some values changed, and every other character as it was.

The text is changed where the values stand: comments, quoting, order and line ends remain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from cnntrain.config.source import scalars
from cnntrain.config.source.writer import flow
from cnntrain.config.source.yaml import read


@dataclass(frozen=True, order=True)
class Change:
    """`text` in place of the characters from `start` to `stop`."""

    start: int
    stop: int
    text: str


def edited(text: str, values: Mapping[str, Any]) -> str:
    """The YAML `text` of a config, which must be right, changed so that it says `values`.

    Raises ValueError where that cannot be done.

    >>> edited("a: 1  # one\\nb: {c: 2}\\n", {"a": 3, "b": {"c": 2, "d": 4}})
    'a: 3  # one\\nb: {c: 2, d: 4}\\n'
    """
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("no mapping")
    for change in sorted(_Edit(text).changes(root, read(text).value, values), reverse=True):
        text = text[: change.start] + change.text + text[change.stop :]
    if read(text).value != values:
        raise ValueError("it would not read back as it should")
    return text


@dataclass(frozen=True)
class _Edit:
    text: str

    def changes(self, node: Any, old: Any, new: Any) -> Iterator[Change]:
        """What turns the text of `node`, with the value `old`, into that of `new`."""
        if _same(old, new):
            return
        if isinstance(node, yaml.MappingNode) and isinstance(new, Mapping) and new:
            yield from self._mapping(node, old, new)
        elif isinstance(node, yaml.SequenceNode) and isinstance(new, list) and len(new) == len(old):
            for entry, before, after in zip(node.value, old, new, strict=True):
                yield from self.changes(entry, before, after)
        else:
            yield Change(node.start_mark.index, _end(node), flow(new))

    def _mapping(self, node: Any, old: Any, new: Mapping[str, Any]) -> Iterator[Change]:
        keys = {key.value for key, _ in node.value}
        gone = keys - set(new)
        if node.flow_style and (gone or not keys):
            yield Change(node.start_mark.index, node.end_mark.index, flow(new))
            return
        for key, value in node.value:
            if key.value in gone:
                yield Change(self._line_start(key), self._next_line(_end(value)), "")
            elif _is_block(value) and not _alike(old[key.value], new[key.value]):
                # The value begins on a line of its own, and ends on the line of its key.
                yield Change(key.end_mark.index, _end(value), f": {flow(new[key.value])}")
            else:
                space = " " if value.start_mark.index == value.end_mark.index else ""
                for change in self.changes(value, old[key.value], new[key.value]):
                    yield Change(change.start, change.stop, space + change.text)
        added = [f"{scalars.write(key)}: {flow(new[key])}" for key in new if key not in keys]
        if added and node.flow_style:
            last = _end(node.value[-1][1])
            yield Change(last, last, "".join(f", {pair}" for pair in added))
        elif added:
            end = self._line_end(max(_end(value) for _, value in node.value))
            indent = " " * node.value[0][0].start_mark.column
            yield Change(end, end, "".join(f"{self._newline}{indent}{pair}" for pair in added))

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _line_start(self, key: Any) -> int:
        return int(key.start_mark.index - key.start_mark.column)

    def _line_end(self, index: int) -> int:
        """Where the line of a character ends, before its line break."""
        stop = self.text.find("\n", index)
        stop = len(self.text) if stop < 0 else stop
        return stop - 1 if self.text[stop - 1 : stop] == "\r" and stop > index else stop

    def _next_line(self, index: int) -> int:
        stop = self.text.find("\n", index)
        return len(self.text) if stop < 0 else stop + 1


def _is_block(node: Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _alike(old: Any, new: Any) -> bool:
    """Whether `new` can be reached by changes inside the text of `old`."""
    if isinstance(old, dict):
        return isinstance(new, Mapping) and bool(new)
    return isinstance(new, list) and len(new) == len(old)


def _same(old: Any, new: Any) -> bool:
    """Whether two values are equal and of the same types: 1 is not true, nor 1.0."""
    return bool(old == new) and flow(old) == flow(new)


def _end(node: Any) -> int:
    """Where the text of a node ends, without what follows it."""
    if not _is_block(node):
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)
