"""The names of the arrays in an .npz file: those that a data set has, and what others call them."""

from __future__ import annotations

from collections.abc import Collection

from cnntrain.data.formats.numpy_files import LABELS, NUMBERS, TEXT
from cnntrain.errors import DataError
from cnntrain.text import nearest, printable

SUFFIXES = {"train": "_train", "validation": "_validation", "test": "_test"}  # by part
CLASS_NAMES = "class_names"
KNOWN = {  # what each holds
    **{
        f"{kind}{suffix}": held
        for suffix in ("", *SUFFIXES.values())
        for kind, held in (("x", NUMBERS), ("y", LABELS))
    },
    CLASS_NAMES: TEXT,
}

# What other tools and papers call them, in lower case without `_`: in parts, such as "val" and
# "images", in either order.
_PARTS = {
    "": ("",),
    "_train": ("train", "training", "tr"),
    "_validation": ("validation", "val", "valid", "dev", "cv"),
    "_test": ("test", "testing", "te"),
}
_KINDS = {
    "x": ("x", "image", "images", "input", "inputs", "data", "features"),
    "y": ("y", "label", "labels", "target", "targets"),
}
_ELSEWHERE = {
    plain: f"{kind}{suffix}"
    for suffix, parts in _PARTS.items()
    for kind, words in _KINDS.items()
    for part in parts
    for word in words
    for plain in (word + part, part + word)
} | dict.fromkeys(("classes", "categories", "names", "labelnames", "targetnames"), CLASS_NAMES)


def known_names(names: Collection[str], where: str, group: str = "none") -> dict[str, str]:
    """What the arrays called `names` hold, by name.

    group   what the arrays of groups are called, with a suffix by part where x has one

    Raises DataError, with `where` in front, unless all arrays are known ones.
    """
    if group in KNOWN:
        raise DataError(f"{where}: data.group is {group}, which is no array of groups")
    if group != "none" and not {group, group + SUFFIXES["train"]} & {*names}:
        near = nearest(group, names)
        hint = f" (did you mean {printable(near)}?)" if near else ""
        raise DataError(f"{where}: no array {printable(group)}, which data.group names{hint}")
    suffixes = () if group == "none" else ("", *SUFFIXES.values())
    known = {**KNOWN, **{group + suffix: LABELS for suffix in suffixes}}
    unknown = [name for name in names if name not in known]
    if unknown:
        many = "arrays" if len(unknown) > 1 else "array"
        told = printable(", ".join(_told(name) for name in unknown), 300)
        raise DataError(
            f"{where}: unknown {many} {told}; known are {printable(', '.join(known), 300)} "
            "(remove what is no part of the data)"
        )
    return {name: known[name] for name in names}


def _told(name: str) -> str:
    """An unknown name, with the known one, or the setting, that was probably meant."""
    plain = name.lower().replace("_", "").replace("-", "")
    if "group" in plain:
        stem = next(
            (name.removesuffix(end) for end in SUFFIXES.values() if name.endswith(end)), name
        )
        return f"{name} (is it data.group: {stem}?)"
    meant = _ELSEWHERE.get(plain) or nearest(name.lower(), KNOWN)
    return f"{name} (did you mean {meant}?)" if meant else name
