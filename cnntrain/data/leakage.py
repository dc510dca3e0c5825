"""What occurs in more than one part, so that an error measured there says too little; and inputs of
which the labels contradict each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from cnntrain.data.examples import spoken
from cnntrain.data.part import Part
from cnntrain.text import pluralize, shown_path

Parts = dict[str, Part]


def leaks(parts: Parts) -> list[str]:
    """A warning for each two of the parts that share inputs, byte for byte, or groups, and for
    inputs that have different labels."""
    pairs = [*combinations(parts, 2)]
    found = [
        *(_shared_samples(parts, first, second) for first, second in pairs),
        *(_shared_groups(parts, first, second) for first, second in pairs),
        _contradictions(parts),
    ]
    return [warning for warning in found if warning]


def _shared_samples(parts: Parts, first: str, second: str) -> str:
    """Labels do not count."""
    one, other = parts[first], parts[second]
    shared = np.isin(other.digests, one.digests)
    if not (count := int(shared.sum())):
        return ""
    at = int(shared.argmax())
    before = int((one.digests == other.digests[at]).argmax())
    pair = [_file(other, at), _file(one, before)]
    example = f" (first: {pair[0]} is {pair[1]})" if all(pair) else ""
    return (
        f"{count:,} of {len(other):,} {second} samples occur in the {spoken(first)} part too"
        f"{example}"
    )


def _shared_groups(parts: Parts, first: str, second: str) -> str:
    one, other = parts[first].groups, parts[second].groups
    if one is None or other is None:
        return ""
    groups = np.unique(other)
    count = int(np.isin(groups, one).sum())
    among = f"{count:,} of {pluralize(len(groups), f'{second} group')}"
    return f"{among} occur in the {spoken(first)} part too" if count else ""


def _contradictions(parts: Parts) -> str:
    """That inputs which are equal, byte for byte, have different labels, in whichever parts."""
    labelled = {name: part for name, part in parts.items() if part.y.ndim == 1}
    if not labelled:
        return ""
    digests = np.concatenate([part.digests for part in labelled.values()])
    labels = np.concatenate([part.y for part in labelled.values()])
    order = np.lexsort((labels, digests))
    ordered, classes = digests[order], labels[order]
    differ = (ordered[1:] == ordered[:-1]) & (classes[1:] != classes[:-1])
    if not differ.any():
        return ""
    several = np.unique(ordered[1:][differ])
    first = int(np.isin(digests, several).argmax())
    second = int(((digests == digests[first]) & (labels != labels[first])).argmax())
    inputs = "1 input occurs" if len(several) == 1 else f"{len(several):,} inputs occur"
    pair = " and ".join(_sample(labelled, at) for at in (first, second))
    return f"{inputs} with different labels (first: {pair})"


def _sample(parts: Parts, at: int) -> str:
    """What to call sample `at` of all of `parts`: its file, or its number in what it is from."""
    for name, part in parts.items():
        if at < len(part):
            return _file(part, at) or f"{spoken(name)} sample {part.indices[at]}"
        at -= len(part)
    raise IndexError(at)


def _file(part: Part, at: int) -> str:
    """The file of a part's sample `at`, "" where it has none of its own."""
    files = part.examples.files
    return "" if files is None else shown_path(files[part.indices[at]])
