"""The audit of a data set: everything that is looked at, in one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from cnntrain.data.audit import findings
from cnntrain.data.audit.classes import (
    ClassCount,
    ConstantAnswer,
    class_counts,
    constant_answer,
    imbalance,
)
from cnntrain.data.audit.copies import Copies, copies
from cnntrain.data.audit.findings import Finding
from cnntrain.data.audit.inputs import ChannelStatistics, InputStatistics, shifted
from cnntrain.data.audit.lookalikes import Lookalikes, lookalikes
from cnntrain.data.audit.sample import Sample
from cnntrain.data.audit.targets import TargetStatistics, target_statistics
from cnntrain.data.dataset import Dataset


@dataclass(frozen=True)
class PartInputs:
    """The raw inputs of a part.

    channels   of images and signals; of vectors the entries
    shifted    the channels whose mean or deviation is far from that of the training part
    blank      images of one value throughout
    """

    minimum: float
    maximum: float
    channels: tuple[ChannelStatistics, ...]
    shifted: tuple[int, ...]
    blank: int


@dataclass(frozen=True)
class Audit:
    """What a data set holds; its fields are keys of `cnntrain inspect --json`.

    findings           what to look at
    samples            by part
    input_shape        of a sample: (H, W, C) or (d,)
    dtype              of the raw inputs
    inputs             by part
    constant_channels  channels, or entries of vectors, that never change in the training part
    constant_entries   numbers of a sample that never change there, of `entries` in all
    equal_channels     whether all channels of the training part, two or more, are equal
    blank              the first images of one value throughout
    constant_answer    how well the best answer does that is always the same
    copies             samples that are equal, byte for byte
    lookalikes         pictures that look the same; None where they were not compared

    For classes, None for real targets:

    classes            samples of each
    imbalance          training samples of the largest class over those of the smallest

    For real targets, None for classes:

    targets            by part, for each entry
    """

    findings: list[Finding]
    samples: dict[str, int]
    input_shape: tuple[int, ...]
    dtype: str
    inputs: dict[str, PartInputs]
    constant_channels: tuple[int, ...]
    constant_entries: int
    entries: int
    equal_channels: bool
    blank: list[Sample]
    constant_answer: ConstantAnswer
    copies: Copies
    lookalikes: Lookalikes | None
    classes: list[ClassCount] | None = None
    imbalance: float | None = None
    targets: dict[str, list[TargetStatistics]] | None = None

    def as_dict(self) -> dict[str, Any]:
        """What `cnntrain inspect --json` prints of it."""
        return asdict(self)


def audit(dataset: Dataset, warnings: Sequence[str] = (), weighted: bool = False) -> Audit:
    """Look at all parts of `dataset`, whose inputs are read a few at a time.

    warnings   findings that are known already, such as those of the data set
    weighted   whether the loss weighs the classes

    >>> report = audit(cnntrain.load_data("digits.yaml"))
    >>> report.findings
    []
    >>> report.constant_answer.error["test"]
    0.8997214484679665
    """
    counts = {name: len(part) for name, part in dataset.parts.items()}
    inputs = {name: InputStatistics.of(part) for name, part in dataset.parts.items()}
    train = inputs["train"]
    blank = [
        Sample.at(dataset, name, int(position))
        for name, one in inputs.items()
        for position in one.blank[: findings.NAMED]
    ][: findings.NAMED]
    classes = None if dataset.classes is None else class_counts(dataset)
    targets = None
    if dataset.classes is None:
        targets = {name: target_statistics(part) for name, part in dataset.parts.items()}
    equal, alike = copies(dataset), lookalikes(dataset)
    found = chain(
        (Finding("warning", message) for message in warnings),
        findings.of_copies(equal),
        findings.of_lookalikes(alike),
        findings.of_classes(classes or (), weighted),
        findings.of_inputs(inputs, counts, blank),
        findings.of_targets(targets["train"] if targets else ()),
    )
    return Audit(
        findings=list(found),
        samples=counts,
        input_shape=dataset.input_shape,
        dtype=dataset.train.examples.x.dtype.name,
        inputs={
            name: PartInputs(
                minimum=one.minimum,
                maximum=one.maximum,
                channels=one.channels,
                shifted=shifted(train, one, counts[name]),
                blank=len(one.blank),
            )
            for name, one in inputs.items()
        },
        constant_channels=train.constant_channels,
        constant_entries=train.constant_entries,
        entries=train.entries,
        equal_channels=train.equal,
        blank=blank,
        constant_answer=constant_answer(dataset),
        copies=equal,
        lookalikes=alike,
        classes=classes,
        imbalance=imbalance(classes) if classes else None,
        targets=targets,
    )
