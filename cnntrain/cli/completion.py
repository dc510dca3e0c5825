"""Completion in the shell: the script that turns it on, and what stands at each place."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from cnntrain.cli.options import emit

COMPLETE = "_CNNTRAIN_COMPLETE"  # the variable in which a shell asks
SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that lets SHELL complete commands, options, files, runs and keys.

    \b
    Examples:
      eval "$(cnntrain completion bash)"        in ~/.bashrc
      eval "$(cnntrain completion zsh)"         in ~/.zshrc
      cnntrain completion fish > ~/.config/fish/completions/cnntrain.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    emit(kind(root, {}, "cnntrain", COMPLETE).source().rstrip("\n"))


def files(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Files and directories, as the shell itself completes them."""
    return [CompletionItem(typed, type="file")]


def runs(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Directories, as the shell itself completes them."""
    return [CompletionItem(typed, type="dir")]


def starters(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """The names that `cnntrain init` knows."""
    from cnntrain.cli.init import starter_files

    return [CompletionItem(name) for name in starter_files() if name.startswith(typed)]


def keys(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Keys of a config outside of lists, with the sign after which their value stands."""
    from cnntrain.config.reference import Reference

    sections = [s for s in Reference().sections() if s.path not in {"layers", "phases"}]
    known = {f"{s.path}.{entry.name}".lstrip(".") for s in sections for entry in s.entries}
    return [CompletionItem(f"{key}=") for key in sorted(known) if key.startswith(typed)]


def addresses(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """What `cnntrain reference` knows."""
    from cnntrain.config.reference import Reference

    sections = list(Reference().sections())
    known = {s.address for s in sections} | {e.address for s in sections for e in s.entries}
    return [CompletionItem(key) for key in sorted(known - {""}) if key.startswith(typed)]
