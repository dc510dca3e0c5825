"""`cnntrain check-gradients`: back-propagation against central differences."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from cnntrain.cli.completion import files
from cnntrain.cli.config_or_run import TARGET, load_target
from cnntrain.cli.options import emit, emit_json, json_option, set_option, table

if TYPE_CHECKING:
    from cnntrain.nn.inspect.gradcheck import ArrayCheck

DISAGREES = 8  # exit code
NOISE = 0.02  # moves w off w_0, where zero biases on a zero background are kinks


class Entries(click.ParamType[Any]):
    """A number of entries, or "all"."""

    name = "entries"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> int | Literal["all"]:
        if value == "all":
            return "all"
        number: int = click.IntRange(min=1).convert(value, param, context)
        return number


@click.command("check-gradients", short_help="Check the gradient against central differences.")
@click.argument("config", metavar=TARGET, shell_complete=files)
@set_option
@click.option(
    "--entries",
    type=Entries(),
    default=50,
    show_default=True,
    metavar="N|all",
    help="Entries to check of each parameter array.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="N",
    help="Training samples that the loss averages.",
)
@json_option
@click.pass_context
def check_gradients(
    context: click.Context,
    config: str,
    overrides: tuple[str, ...],
    entries: int | Literal["all"],
    samples: int,
    as_json: bool,
) -> int:
    """Compare the gradient with central differences, near w_0, in float64, on training samples.

    The seed of the config chooses the entries.  Where relu or max-pooling has a kink within the
    difference, there is no derivative to compare with: such entries are skipped and counted.  The
    exit code is 8 if the two disagree, or if nothing is left to compare.

    \b
    Example:
      cnntrain check-gradients digits.yaml --entries all
    """
    import numpy as np

    from cnntrain import randomness
    from cnntrain.experiment import set_up
    from cnntrain.nn.inspect.gradcheck import TOLERANCE
    from cnntrain.nn.inspect.gradcheck import check_gradients as check
    from cnntrain.nn.shapes import outer

    settings = load_target(config, (*overrides, "compute.dtype=float64", "start_from=none"))
    dataset, network, _ = set_up(settings)
    count = min(samples, len(dataset.train))
    x, y = dataset.samples(dataset.train).chunk(0, count, np.float64)
    w = network.initial_parameters(settings.seed)
    w += NOISE * randomness.normal(len(w), "gradient check", settings.seed)
    checks = check(network, w, outer(x), y, entries, settings.seed)
    passed = any(c.checked for c in checks) and all(c.passed or c.checked == 0 for c in checks)
    if as_json:
        emit_json({"passed": passed, "tolerance": TOLERANCE, "arrays": [asdict(c) for c in checks]})
    else:
        emit(_text(checks, TOLERANCE, passed))
    return 0 if passed else DISAGREES


def _text(checks: list[ArrayCheck], tolerance: float, passed: bool) -> str:
    rows = [
        [c.name, f"{c.entries:,}", str(c.checked), str(c.kinks), f"{c.error:.1e}", _verdict(c)]
        for c in checks
    ]
    header = ["array", "entries", "checked", "kinks", "worst error", ""]
    lines = [table(header, rows), ""]
    for c in checks:
        if c.checked and not c.passed:
            lines += [
                f"{c.name}{list(entry.index)}: back-propagation {entry.analytic:.8g}, "
                f"difference {entry.numeric:.8g}, relative error {entry.error:.1e}"
                for entry in c.worst
                if entry.error > tolerance
            ]
    if any(c.checked for c in checks):
        verdict = f"the gradient {'agrees' if passed else 'DISAGREES'} with central differences"
        lines.append(f"{verdict} (relative error at most {tolerance:g})")
    else:
        lines.append("nothing was checked: every entry is at a kink (try more --entries)")
    return "\n".join(lines)


def _verdict(check: ArrayCheck) -> str:
    if not check.checked:
        return "only kinks"
    return "ok" if check.passed else "WRONG"
