"""What to look at before training: each finding on one line, with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnntrain.data.audit.classes import FEW, ClassCount, imbalance
from cnntrain.data.audit.copies import Copies
from cnntrain.data.audit.inputs import InputStatistics, shifted
from cnntrain.data.audit.lookalikes import Lookalike, LookalikeCount, Lookalikes
from cnntrain.data.audit.sample import Sample
from cnntrain.data.audit.targets import TargetStatistics
from cnntrain.data.examples import spoken
from cnntrain.text import pluralize, printable, shown_path

UNEVEN = 10  # times as many samples in the largest class as in the smallest
NAMED = 5  # classes, channels or samples in a line


@dataclass(frozen=True)
class Finding:
    """Something to look at.

    kind      a word for programs
    message   what was found, and the way out
    """

    kind: str
    message: str


def named(sample: Sample) -> str:
    """A sample in a line of text: "test 17", or "test cats/one.jpg"."""
    name = sample.index if sample.file is None else shown_path(sample.file)
    return f"{sample.part} {name}"


def labelled(sample: Sample) -> str:
    """The same with its class: "test 17 'cat'"."""
    return named(sample) + ("" if sample.label is None else f" '{printable(sample.label)}'")


def of_copies(copies: Copies) -> Iterator[Finding]:
    """Equal samples in one part; of those in several, and of those with different labels, is warned
    anyway."""
    for part, count in copies.inside.items():
        if count:
            yield Finding(
                "copies",
                f"{pluralize(count, f'{spoken(part)} sample')} equal to an earlier one of that "
                "part (each counts once more: leave the copies out)",
            )


def of_lookalikes(lookalikes: Lookalikes | None) -> Iterator[Finding]:
    """Pictures that look like others with other labels, or in other parts."""
    if lookalikes is None:
        return
    if lookalikes.differing:
        pair = lookalikes.first[0]
        yield Finding(
            "lookalikes_labelled_differently",
            f"{pluralize(lookalikes.differing, 'pair')} of pictures that look the same with "
            f"different labels{_for_one(lookalikes.differing)}{labelled(pair.sample)} and "
            f"{labelled(pair.like)} (correct the labels)",
        )
    for one in lookalikes.counts:
        if one.count and one.part != one.other:
            yield Finding(
                "lookalikes",
                f"{pluralize(one.count, f'{spoken(one.part)} picture')} almost the same as one of "
                f"the {spoken(one.other)} part{_example(lookalikes.first, one)} (keep such "
                "pictures in one part: data.group)",
            )


def of_classes(classes: Sequence[ClassCount], weighted: bool) -> Iterator[Finding]:
    """Classes with few training samples, with far fewer than others, and with none in another part;
    of those with none in the training part is warned anyway.

    weighted   whether the loss gives the classes weights, so that it needs no advice
    """
    sizes = {one.name: one.counts["train"] for one in classes if one.counts["train"]}
    tiny = [f"'{printable(name)}' {size}" for name, size in sizes.items() if size < FEW]
    if tiny:
        yield Finding(
            "tiny_classes",
            f"{_classes(len(tiny))} with fewer than {FEW} training samples: {_listed(tiny)} "
            "(collect more, or leave them out)",
        )
    for part in list(classes[0].counts)[1:] if classes else ():
        absent = [f"'{printable(one.name)}'" for one in classes if not one.counts[part]]
        if absent:
            yield Finding(
                "absent_classes",
                f"no {spoken(part)} sample of {_listed(absent)} (what is measured there says "
                "nothing of them)",
            )
    ratio = imbalance(list(classes))
    if ratio is not None and ratio > UNEVEN and not weighted:
        large, small = max(sizes, key=lambda n: sizes[n]), min(sizes, key=lambda n: sizes[n])
        yield Finding(
            "imbalance",
            f"class '{printable(large)}' has {ratio:,.0f} times the training samples of class "
            f"'{printable(small)}' (weigh them: loss: {{type: cross_entropy, class_weights: "
            "balanced}, and judge by balanced_error)",
        )


def of_inputs(
    inputs: Mapping[str, InputStatistics], counts: Mapping[str, int], first_blank: Sequence[Sample]
) -> Iterator[Finding]:
    """Channels, pixels and pictures that tell nothing, and parts unlike the training part.

    counts        of samples, by part
    first_blank   the first pictures of one value
    """
    train = inputs["train"]
    what = "channel" if train.smallest.ndim == 3 else "entry"
    constant = train.constant_channels
    if constant:
        values = [f"{k} (always {train.channels[k].minimum:g})" for k in constant]
        yield Finding(
            "constant_channels",
            f"{what} {_listed(values)} never changes in the training part (leave it out)"
            if len(values) == 1
            else f"{_plural(what)} {_listed(values)} never change in the training part (leave them "
            "out)",
        )
    elif 2 * train.constant_entries > train.entries:
        yield Finding(
            "constant_pixels",
            f"{train.constant_entries:,} of the {train.entries:,} numbers in a sample never change "
            "(crop the inputs to what does)",
        )
    if train.equal:
        yield Finding(
            "equal_channels",
            f"the {len(train.channels)} channels are equal (one will do: color: gray for pictures)",
        )
    blank = sum(len(one.blank) for one in inputs.values())
    if blank:
        yield Finding(
            "blank",
            f"{pluralize(blank, 'picture')} of one value throughout: "
            f"{_listed([named(sample) for sample in first_blank], blank)} (nothing can be learned "
            "from that)",
        )
    for part, other in inputs.items():
        for k in shifted(train, other, counts[part])[:1] if part != "train" else ():
            mine, its = train.channels[k], other.channels[k]
            yield Finding(
                "shifted",
                f"{what} {k} of the {spoken(part)} inputs has mean {its.mean:.4g} and deviation "
                f"{its.deviation:.4g}, that of the training inputs {mine.mean:.4g} and "
                f"{mine.deviation:.4g} (are they of the same origin?)",
            )


def of_targets(targets: Sequence[TargetStatistics]) -> Iterator[Finding]:
    """Training targets that never change."""
    for k, one in enumerate(targets):
        if one.minimum == one.maximum:
            yield Finding(
                "constant_target",
                f"entry {k} of the training targets is always {one.minimum:g} (leave it out)",
            )


def _classes(count: int) -> str:
    return f"{count:,} " + ("class" if count == 1 else "classes")


def _plural(what: str) -> str:
    return "entries" if what == "entry" else f"{what}s"


def _for_one(count: int) -> str:
    """What stands between a number of things and the one that is named."""
    return ": " if count == 1 else ", such as "


def _example(pairs: Sequence[Lookalike], counted: LookalikeCount) -> str:
    """The first of the pairs that are in these parts."""
    for pair in pairs:
        if (pair.sample.part, pair.like.part) == (counted.part, counted.other):
            return f"{_for_one(counted.count)}{named(pair.sample)} and {named(pair.like)}"
    return ""


def _listed(items: Sequence[str], count: int | None = None) -> str:
    """The first items, and how many more there are of `count`: of all items by default."""
    more = (len(items) if count is None else count) - min(len(items), NAMED)
    return ", ".join(items[:NAMED]) + (f" and {more:,} more" if more else "")
