"""Means and standard deviations as text, the same in every table."""

from __future__ import annotations

from cnntrain.comparison.estimate import Estimate
from cnntrain.metrics import MEASURES
from cnntrain.text import loss_text, percent


def estimate_text(estimate: Estimate, result: str) -> str:
    """The estimate of a result, whose name decides on unit and decimals: "11.34 ± 2.63 %"."""
    mean, deviation = estimate.mean, estimate.deviation
    if mean is None:
        return "-"
    if result.endswith("error"):
        return percent(mean) if deviation is None else f"{100 * mean:.2f} ± {percent(deviation)}"
    if result.endswith(("loss", "risk")):
        text = loss_text(mean)
        digits = ".1e" if "e" in text else ".4f"
        return text if deviation is None else f"{text} ± {deviation:{digits}}"
    if result in MEASURES:
        return f"{mean:.4f}" if deviation is None else f"{mean:.4f} ± {deviation:.4f}"
    digits = ".1f" if result == "seconds" or deviation else ",.0f"
    return f"{mean:{digits}} ± {deviation:.1f}" if deviation else f"{mean:{digits}}"
