"""The screen of `cnntrain inspect`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnntrain.cli.layout import line_width
from cnntrain.cli.options import table
from cnntrain.text import loss_text, percent, pluralize, printable

if TYPE_CHECKING:
    from cnntrain.data.audit import Audit
    from cnntrain.data.audit.classes import ClassCount, ConstantAnswer
    from cnntrain.data.audit.copies import Copies
    from cnntrain.data.audit.lookalikes import Lookalikes
    from cnntrain.training.rehearsal import Rehearsal

MOST = 20  # rows of a table; of more classes, the largest and the smallest are shown
ENDS = 10  # of either


def screen(name: str, audit: Audit, rehearsal: Rehearsal | None) -> str:
    """The findings first, then the tables that they come from."""
    alike = audit.lookalikes
    return "\n\n".join(
        [
            f"{name}: {_data(audit)}",
            _findings(audit),
            *([_classes(audit.classes)] if audit.classes else [_samples(audit)]),
            _facts(audit),
            _inputs(audit),
            *([_targets(audit)] if audit.targets else []),
            *([_copies(audit.copies)] if audit.copies.groups else []),
            *([_lookalikes(alike)] if alike and alike.first else []),
            *([_training(rehearsal)] if rehearsal else []),
        ]
    )


def _data(audit: Audit) -> str:
    shape, samples = "x".join(map(str, audit.input_shape)), sum(audit.samples.values())
    outputs = f"{len(audit.classes):,} classes" if audit.classes else "real targets"
    return f"{pluralize(samples, 'sample')} of {shape} ({audit.dtype}), {outputs}"


def _findings(audit: Audit) -> str:
    if not audit.findings:
        return "nothing stands out"
    lines = [f"{pluralize(len(audit.findings), 'thing')} to look at"]
    for finding in audit.findings:
        text = printable(finding.message, 1000)
        lines += textwrap.wrap(
            text,
            max(line_width(), 40),
            initial_indent="  - ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _classes(classes: Sequence[ClassCount]) -> str:
    """Samples by class and part; of many classes, the largest and the smallest."""
    parts = list(classes[0].counts)
    shown, rest = list(classes), 0
    if len(classes) > MOST:
        by_size = sorted(classes, key=lambda one: -one.counts["train"])
        shown, rest = by_size[:ENDS] + by_size[-ENDS:], len(classes) - 2 * ENDS
    rows = [
        [printable(one.name, 24), *(f"{one.counts[part]:,}" for part in parts)] for one in shown
    ]
    if rest:
        rows.insert(ENDS, [f"... {rest:,} more", *("" for _ in parts)])
    total = ["total", *(f"{sum(one.counts[part] for one in classes):,}" for part in parts)]
    return table(["class", *parts], [*rows, total])


def _samples(audit: Audit) -> str:
    return table(["part", "samples"], [[part, f"{n:,}"] for part, n in audit.samples.items()])


def _facts(audit: Audit) -> str:
    constant, blank = audit.constant_answer, sum(one.blank for one in audit.inputs.values())
    share = percent(audit.constant_entries / audit.entries)
    facts = {
        "largest / smallest class": "" if audit.imbalance is None else f"{audit.imbalance:.2f}",
        "best constant answer": _constant(constant),
        "cross-entropy of shares": loss_text(constant.cross_entropy),
        "numbers that never change": f"{audit.constant_entries:,} of {audit.entries:,} ({share})",
        "pictures of one value": f"{blank:,}" if blank else "",
    }
    width = max(map(len, facts))
    return "\n".join(f"{name.ljust(width)}  {fact}" for name, fact in facts.items() if fact)


def _constant(constant: ConstantAnswer) -> str:
    if constant.error is not None:
        errors = ", ".join(f"{percent(v)} ({part})" for part, v in constant.error.items())
        return f"'{printable(constant.answer, 24)}', error {errors}"
    losses = (f"{loss_text(v)} ({part})" for part, v in (constant.loss or {}).items())
    return f"the mean, quadratic loss {', '.join(losses)}"


def _inputs(audit: Audit) -> str:
    """Every channel of the training part, and those of others that are far from it; of many, the
    range of the parts alone."""
    train = audit.inputs["train"]
    count, images = len(train.channels), len(audit.input_shape) == 3
    if count > MOST:
        ranges = {part: (one.minimum, one.maximum) for part, one in audit.inputs.items()}
        rows = [[part, *_numbers(ends)] for part, ends in ranges.items()]
        return table(["inputs", "minimum", "maximum"], rows)
    rows = []
    for part, one in audit.inputs.items():
        for k, channel in enumerate(one.channels):
            if part != "train" and count > 4 and k not in one.shifted:
                continue
            values = channel.minimum, channel.maximum, channel.mean, channel.deviation
            rows.append([part, *([str(k)] if count > 1 else []), *_numbers(values)])
    which = ["channel" if images else "entry"] if count > 1 else []
    return table(["inputs", *which, "minimum", "maximum", "mean", "deviation"], rows)


def _targets(audit: Audit) -> str:
    rows = []
    for part, targets in (audit.targets or {}).items():
        for k, one in enumerate(targets[:MOST]):
            values = one.minimum, one.maximum, one.mean, one.deviation
            rows.append([part, str(k), *_numbers(values)])
    return table(["targets", "entry", "minimum", "maximum", "mean", "deviation"], rows)


def _numbers(values: Sequence[float]) -> Iterator[str]:
    return (f"{value:.5g}" for value in values)


def _copies(copies: Copies) -> str:
    from cnntrain.data.audit.findings import labelled

    groups, shown = pluralize(copies.groups, "group"), len(copies.first)
    of = f"; the first {shown}" if copies.groups > shown else ""
    lines = [f"equal samples: {groups}, {copies.across:,} across parts{of}"]
    for group in copies.first:
        more = group.count - len(group.samples)
        names = " = ".join(labelled(sample) for sample in group.samples)
        lines.append(f"  {names}" + (f" and {more:,} more" if more else ""))
    return "\n".join(lines)


def _lookalikes(lookalikes: Lookalikes) -> str:
    """How many pictures of each part look like one of each, and the first pairs."""
    from cnntrain.data.audit.findings import labelled

    found = {(one.part, one.other): one.count for one in lookalikes.counts}
    parts = list(dict.fromkeys(part for part, _ in found))
    counts = [
        [part, *(f"{found[part, other]:,}" if (part, other) in found else "" for other in parts)]
        for part in parts
    ]
    pairs = [
        [labelled(pair.sample), labelled(pair.like), f"{pair.correlation:.4f}"]
        for pair in lookalikes.first
    ]
    return "\n\n".join(
        [
            table(["look-alikes", *(f"of {part}" for part in parts)], counts),
            table(["picture", "looks like", "correlation"], pairs, left=2),
        ]
    )


def _training(rehearsal: Rehearsal) -> str:
    memory = "" if rehearsal.peak_mib is None else f", {rehearsal.peak_mib:,.0f} MiB of memory"
    return (
        f"training    {pluralize(rehearsal.parameters, 'parameter')}; "
        f"{pluralize(rehearsal.steps_per_epoch, 'step')} of {1000 * rehearsal.step_seconds:.1f} ms "
        f"in an epoch\n"
        f"            {_time(rehearsal.epoch_seconds)} an epoch, {_time(rehearsal.seconds)} for "
        f"{pluralize(rehearsal.epochs, 'epoch')}{memory}, on this machine as it is"
    )


def _time(seconds: float) -> str:
    """A time for people, with two digits or so."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
