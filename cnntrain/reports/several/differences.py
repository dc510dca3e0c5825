"""Whether the errors of networks differ by more than chance: McNemar's test of all pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from cnntrain.comparison.mcnemar import mcnemar
from cnntrain.data import Dataset, load_dataset
from cnntrain.errors import CnntrainError, DataError, NotFoundError
from cnntrain.models.evaluation import Evaluation, evaluation_on
from cnntrain.models.load import load_model
from cnntrain.reports.markup import Child, element
from cnntrain.reports.page import Section, grid
from cnntrain.reports.several.cohort import Cohort
from cnntrain.text import percent, pluralize

LEVEL = 0.05  # of p, for all tests together


@dataclass(frozen=True, eq=False)
class Judged:
    """The best network of a group, measured."""

    name: str
    path: str
    evaluated: Evaluation


def differences(cohort: Cohort, split: str | None) -> Section | None:
    """The exact test of McNemar for each pair of the best networks of the groups that are drawn;
    None where fewer than two classify the same samples.

    split   the part of the data; None: validation, or where there is none test, or train
    """
    judged, problems = _judged(cohort, split)
    rows: list[list[Child]] = []
    pairs = list(combinations(judged, 2))
    for one, other in pairs:
        names = [element("span", each.name, title=each.path) for each in (one, other)]
        errors = [each.evaluated.report.zero_one_error for each in (one, other)]
        shown = [element("data", percent(error), value=repr(error)) for error in errors]
        try:
            test = mcnemar(one.evaluated, other.evaluated)
        except DataError as error:
            rows.append([*names, *shown, "-", "-", "-"])
            problems[f"{one.name}, {other.name}: {error}"] = None
            continue
        counts = [element("data", str(n), value=n) for n in (test.first, test.second)]
        text = f"{test.p:.3g}"
        clear = test.p <= LEVEL / len(pairs)
        p = element("data", element("b", text) if clear else text, value=repr(test.p))
        rows.append([*names, *shown, *counts, p])
    notes = [element("p", f"Warning: {text}", class_="warning") for text in problems]
    if not rows:
        return None
    part = ", ".join(dict.fromkeys(each.evaluated.report.split for each in judged))
    text = f"The best network of each group on the {part} part; p is the chance of a split of the"
    text += " samples that only one of the two gets right at least as uneven, were both as good"
    text += " (the exact test of McNemar)."
    if len(pairs) > 1:
        text += f" Of {pluralize(len(pairs), 'test')} some come out small by chance: p is bold"
        text += f" where it is at most {LEVEL:g} / {len(pairs)}, Bonferroni's bound."
    header = ["first", "second", "first's error", "second's error"]
    header += ["only first right", "only second right", "p"]
    table = grid(header, rows, left=2, sortable=True)
    return Section("differences", "Differences", [element("p", text), *notes, table])


def _judged(cohort: Cohort, split: str | None) -> tuple[list[Judged], dict[str, None]]:
    """The networks that can be tested, and why others cannot."""
    judged, problems = list[Judged](), dict[str, None]()
    loaded: dict[str, Dataset] = {}
    for entry in cohort.shown:
        path = cohort.best_run(entry)
        try:
            model = load_model(path)
            if model.class_names is None:
                continue
            data, classes = model.config.data, model.network.outputs
            key = repr((data, classes))
            if key not in loaded:
                loaded[key] = load_dataset(data, classes)
            parts = loaded[key].parts
            part = split or next(p for p in ("validation", "test", "train") if p in parts)
            found = evaluation_on(loaded[key], model, part)
        except CnntrainError as error:
            if split is not None and not isinstance(error, NotFoundError):
                raise
            problems[f"not tested: {error}"] = None
        else:
            judged.append(Judged(cohort.names[entry.label], path, found))
    return judged, problems
