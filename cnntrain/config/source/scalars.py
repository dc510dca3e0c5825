"""Plain YAML scalars under the core schema of YAML 1.2, read and written.

`1e-3` is a number, `0755` is 755, and `no`, `1_000`, `12:30` and `2024-01-01` are text.
"""

from __future__ import annotations

import json
import math
import re

MAX_DIGITS = 100

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_BOOLEAN_1_1 = {"y", "n", "yes", "no", "on", "off"}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_WORD = re.compile(r"[A-Za-z_/][A-Za-z0-9_./+ -]*")  # plain in block and in flow context
_ESCAPED = re.compile(  # control and direction characters, and what YAML does not allow
    r"[^\x20-\x7e\xa0-\u200a\u2010-\u2027\u202f-\u205f\u2070-\ud7ff"
    r"\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

Scalar = str | int | float | bool | None


def resolve(text: str) -> Scalar:
    """The value of the plain scalar `text`.  Raises ValueError for numbers that are refused."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    for pattern, base in ((_INTEGER, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            if len(text) > MAX_DIGITS:
                raise ValueError(f"a number of {len(text)} digits, expected at most {MAX_DIGITS}")
            return int(text if base == 10 else text[2:], base)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise ValueError("a number beyond the range of float64, expected a finite number")
        return number
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text}, expected a finite number")
    return text


def write(value: Scalar) -> str:
    """`value` as YAML that means the same under YAML 1.2 and 1.1."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")  # 1e-05 is text in YAML 1.1
    plain = _WORD.fullmatch(value) and not value.endswith(" ") and resolve(value) == value
    plain = plain and value.lower() not in _BOOLEAN_1_1
    return value if plain else _ESCAPED.sub(_escape, json.dumps(value, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\U{ord(match[0]):08x}"
