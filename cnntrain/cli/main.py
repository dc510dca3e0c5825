"""The command `cnntrain`: its subcommands, its errors on one line each, its exit codes."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

import click

from cnntrain import __version__
from cnntrain.cli.check_gradients import check_gradients
from cnntrain.cli.describe import describe
from cnntrain.cli.evaluate import evaluate
from cnntrain.cli.fit import fit
from cnntrain.cli.init import init
from cnntrain.cli.predict import predict
from cnntrain.cli.schema import schema
from cnntrain.errors import CnntrainError, ConfigError

COMMANDS = [fit, evaluate, predict, describe, check_gradients, init, schema]


class Ordered(click.Group):
    """Commands in the order in which one uses them."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=Ordered,
    commands={str(command.name): command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="cnntrain %(version)s")
def cli() -> None:
    """Train convolutional networks, described in a YAML file and written in NumPy, on a CPU.

    \b
    Start here:
      cnntrain init digits > digits.yaml      a commented config
      cnntrain fit digits.yaml                train it; files go to runs/digits
      cnntrain evaluate runs/digits           errors of the best epoch on the test part

    \b
    Exit codes:
      0  done                                5  disk, permission or memory
      1  a bug in cnntrain                   6  diverged
      2  usage or config                     8  check-gradients disagrees
      3  data                               10  no such run or checkpoint
      4  checkpoint or run state            11  run directory in use
                                            12  run directory already holds a run
    """


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: stop as after Ctrl-C."""


def main() -> NoReturn:
    """Run the command line and exit with the code that the help documents."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = cli(prog_name="cnntrain", standalone_mode=False)
    except CnntrainError as error:
        _complain(error)
        code = error.exit_code
    except click.ClickException as error:
        click.echo(f"cnntrain: error: {_usage_message(error)}", err=True)
        code = error.exit_code
    except MemoryError:
        click.echo(
            "cnntrain: error: not enough memory (a smaller compute.chunk needs less)", err=True
        )
        code = 5
    except Terminated:
        _die_by(signal.SIGTERM)
    except (KeyboardInterrupt, click.Abort):
        _die_by(signal.SIGINT)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(error: CnntrainError) -> None:
    located = isinstance(error, ConfigError)
    click.echo(str(error) if located else f"cnntrain: error: {error}", err=True)


def _usage_message(error: click.ClickException) -> str:
    """Click's message on one line, with the help that it concerns."""
    message = " ".join(error.format_message().split())
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message} (see {context.command_path} --help)" if context else message


def _terminate(*_: Any) -> NoReturn:
    raise Terminated("SIGTERM")


def _die_by(number: signal.Signals) -> NoReturn:
    """End by the signal itself, so that a shell loop around this process stops too."""
    sys.stdout.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
