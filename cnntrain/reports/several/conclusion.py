"""What a sweep found, and its picture."""

from __future__ import annotations

from cnntrain.comparison.estimate_text import estimate_text
from cnntrain.comparison.setting_text import setting_text
from cnntrain.reports.markup import Child, element
from cnntrain.reports.page import Section, beside, facts
from cnntrain.reports.several.sweep import SweptTrials
from cnntrain.reports.several.tried import RULES, tried
from cnntrain.sweeps.groups import ranking
from cnntrain.text import pluralize


def conclusion(sweep: SweptTrials) -> Section:
    """The suggested rate and what other rules say, or the best settings; warnings."""
    report, known = sweep.report, list[tuple[str, Child]]()
    best = ranking(sweep.groups, sweep.measure, sweep.plan.together)[0]
    if report.get("suggested_rate") is not None:
        known.append(("suggested rate", f"{report['suggested_rate']:g}"))
    for name, (words, _) in RULES.items():
        if name in report.get("rules", {}):
            rate = report["rules"][name]
            known.append((words, "-" if rate is None else f"{rate:g}"))
    if not report.get("problem"):
        words = ", ".join(f"{key} {setting_text(key, v)}" for key, v in best.settings.items())
        mean = estimate_text(best.estimate(sweep.measure), sweep.measure)
        known.append(("best", f"{words} ({sweep.title} {mean})"))
    diverged = sum(result.diverged for result in sweep.results)
    known.append(("trials", f"{pluralize(len(sweep.results), 'trial')}, {diverged} diverged"))
    problem = report.get("problem")
    texts = [*([problem] if problem else []), *report["warnings"]]
    notes = [element("p", f"Warning: {text}", class_="warning") for text in texts]
    figure = tried(sweep)
    content: list[Child] = [facts(known), *notes]
    if figure is not None:
        content += [element("p", _caption(sweep)), beside(figure)]
    return Section("sweep", "Sweep", content, [] if figure is None else [figure])


def _caption(sweep: SweptTrials) -> str:
    if len(sweep.keys) == 2:
        mean = f"mean {sweep.title} over the seeds" if len(sweep.plan.seeds) > 1 else sweep.title
        return f"{mean[0].upper()}{mean[1:]}; the darker the better by rank, the best in bold."
    return (
        "Dots are trials, the line is their mean; crosses at the upper edge are trials that "
        "diverged, or are off the scale."
    )
