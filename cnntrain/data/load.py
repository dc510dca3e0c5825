"""From a source to a data set."""

from __future__ import annotations

from cnntrain.data.checks import absent_classes, checked
from cnntrain.data.dataset import Dataset
from cnntrain.data.examples import RawData
from cnntrain.data.leakage import leaks
from cnntrain.data.part import Part
from cnntrain.data.sources import Source
from cnntrain.data.split import far_from_asked, split
from cnntrain.data.standardize import Standardizer


def load_dataset(source: Source, outputs: int | None = None) -> Dataset:
    """Read what `source` describes, check it, split it and measure its training part.

    outputs   of the classifier that is to be fed, where known: labels are below it

    Raises DataError.
    """
    raw = checked(source.read(), outputs)
    parts = split(raw, source)
    return Dataset(
        parts=parts,
        class_names=raw.class_names,
        standardizer=Standardizer.fit(source.standardize, raw.train.x, parts["train"].indices),
        fingerprint=raw.fingerprint,
        warnings=(*_warnings(raw, parts), *far_from_asked(parts, source)),
    )


def _warnings(raw: RawData, parts: dict[str, Part]) -> tuple[str, ...]:
    names = raw.class_names
    absent = absent_classes(parts["train"].y, names) if names else []
    return (*raw.warnings, *absent, *_other_scales(parts), *leaks(parts))


def _other_scales(parts: dict[str, Part]) -> list[str]:
    """A warning for each part from files of its own that seems to be on another scale than the
    training part."""
    train = parts["train"]
    problems = [
        train.input_range.problem(part.input_range, len(part), f"the {name} inputs")
        for name, part in parts.items()
        if part.examples is not train.examples
    ]
    return [problem for problem in problems if problem]
