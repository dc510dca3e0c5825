"""The command `cnntrain`: its subcommands, one-line errors, exit codes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any, NoReturn

import click
from click.shell_completion import shell_complete

from cnntrain import __version__
from cnntrain.cli.bench import bench
from cnntrain.cli.check_gradients import check_gradients
from cnntrain.cli.compare import compare
from cnntrain.cli.completion import COMPLETE, completion
from cnntrain.cli.control import control
from cnntrain.cli.describe import describe
from cnntrain.cli.evaluate import evaluate
from cnntrain.cli.export import export
from cnntrain.cli.fetch import fetch
from cnntrain.cli.fit import fit
from cnntrain.cli.import_weights import import_weights
from cnntrain.cli.init import init
from cnntrain.cli.inspect import inspect
from cnntrain.cli.loading import loading_shown
from cnntrain.cli.lr_sweep import lr_sweep
from cnntrain.cli.options import emit, engine_text
from cnntrain.cli.predict import predict
from cnntrain.cli.reference import reference
from cnntrain.cli.report import report
from cnntrain.cli.schedule import schedule
from cnntrain.cli.schema import schema
from cnntrain.cli.sweep import sweep
from cnntrain.cli.trace import trace
from cnntrain.cli.watch import watch
from cnntrain.errors import CnntrainError, ConfigError, Interrupted, StorageError, resource_errors
from cnntrain.limits import memory_is_limited, rehearse
from cnntrain.text import Spelling, printable, shown_path

SECTIONS: dict[str, list[click.Command]] = {
    "Configure": [init, fetch, reference, schema, completion],
    "Train": [fit, watch, control, lr_sweep, sweep],
    "Use": [evaluate, report, compare, predict, export, import_weights],
    "Inspect": [inspect, describe, schedule, trace, check_gradients, bench],
}
COMMANDS = [command for section in SECTIONS.values() for command in section]


class Sections(click.Group):
    """A group whose help lists its commands by section, in the order of use."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.commands)
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (str(command.name).ljust(width), command.get_short_help_str(80))
                        for command in commands
                    ]
                )


@click.group(
    cls=Sections,
    commands={str(command.name): command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, asked: _show_version(context) if asked else None,
    help="Show the version and the engine, and exit.",
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Train small convolutional networks, described by a YAML file and written in NumPy.

    \b
    Start here:
      cnntrain init digits > digits.yaml   a commented config
      cnntrain fit digits.yaml             train it; its files go to runs/digits
      cnntrain evaluate runs/digits        errors of the best epoch on the test part

    `cnntrain COMMAND --help` shows the options of a command, with an example.

    \b
    Exit codes:
      0  done                              6  diverged, or no usable rate
      1  a bug in cnntrain                 7  stopped before the end
      2  usage or config                   8  check-gradients disagrees
      3  data                             10  no such run or checkpoint
      4  checkpoint or run state          11  run directory in use
      5  disk, permission or memory       12  run directory already holds a run
    """
    asks_for_help = set(context.help_option_names) & set(sys.argv)
    if memory_is_limited() and not asks_for_help:  # which takes little
        rehearse(_load, "raise the limit that `ulimit -v` or `ulimit -d` shows")


def _show_version(context: click.Context) -> None:
    """What this is, and what `compute.engine: auto` means here."""
    from cnntrain.nn.engines.choice import engine

    emit(f"cnntrain {__version__}\n{engine_text(engine())}")
    context.exit()


def _load() -> None:
    """Import what takes the most memory."""
    import cnntrain.cli.progress
    import cnntrain.training.fit  # noqa: F401


def main() -> NoReturn:
    """Run the command line and exit with the code that the help documents."""
    Spelling.as_options = True
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # others would never be used
    _open_standard_streams()
    _interrupt_on_signals()
    try:
        asked = os.environ.get(COMPLETE)
        if asked is not None:
            sys.exit(shell_complete(cli, {}, "cnntrain", COMPLETE, asked))
        shown = contextlib.nullcontext() if "--quiet" in sys.argv else loading_shown()
        with resource_errors(), shown, cli.make_context("cnntrain", sys.argv[1:]) as context:
            code = cli.invoke(context)
    except click.exceptions.Exit as end:  # after --help or --version
        code = end.exit_code
    except BrokenPipeError:  # nobody reads the help
        code = 0
    except CnntrainError as error:
        _complain(error)
        code = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        _say(error.format_message())
        code = error.exit_code
    except click.ClickException as error:
        _say(f"cnntrain: error: {_usage_message(error)}")
        code = error.exit_code
    except OSError as error:  # not translated elsewhere
        name = f"{shown_path(error.filename)}: " if error.filename is not None else ""
        _say(f"cnntrain: error: {name}{printable(error.strerror or error)}")
        code = StorageError.exit_code
    except Interrupted as interruption:
        _die_by(signal.Signals[str(interruption)])
    _drop_what_cannot_be_written()
    sys.exit(code if isinstance(code, int) else 0)


def _complain(error: CnntrainError) -> None:
    located = isinstance(error, ConfigError)
    _say(str(error) if located else f"cnntrain: error: {error}")


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _drop_what_cannot_be_written() -> None:
    """Python would try again at the end of the process, and exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _usage_message(error: click.ClickException) -> str:
    """The message of click on one line, with the help to look at."""
    message = " ".join(error.format_message().split())
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message} (see {context.command_path} --help)" if context else message


def _open_standard_streams() -> None:
    """Open closed standard streams on /dev/null: no file of a run may get descriptor 0, 1 or 2."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _interrupt_on_signals() -> None:
    """Let SIGINT and SIGTERM raise Interrupted; a signal that is ignored stays ignored."""

    def interrupt(number: int, _: Any) -> NoReturn:
        raise Interrupted(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)


def _die_by(number: signal.Signals) -> NoReturn:
    """End by the signal itself, so that a shell loop around this process stops too."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stdout.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
