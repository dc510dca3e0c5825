"""A run of weights that another program has trained: what `cnntrain import-weights` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cnntrain.config import ConfigSource, as_config, override
from cnntrain.errors import CheckpointError, StorageError, resource_errors
from cnntrain.runs.claim import check_free, claimed, erase, tidy
from cnntrain.runs.directory import RunDirectory
from cnntrain.storage.disk import remove_folder
from cnntrain.text import printable, shown_path
from cnntrain.training import start, state
from cnntrain.training.origin import Move, Origin, layer_of, load, sizes
from cnntrain.training.progress import Progress
from cnntrain.training.run import TrainingRun
from cnntrain.training.stopping import End


@dataclass(frozen=True)
class Imported:
    """What became of the arrays of a file.

    run      the run directory
    file     where they are from; sha256 is its digest
    by       whether they were found by "name" or by "order"
    arrays   all of the network, layer by layer
    warnings what may not be what people intend
    """

    run: str
    file: str
    sha256: str
    by: str
    arrays: tuple[Move, ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """What `import-weights --json` prints."""
        return asdict(self)


def import_weights(
    file: str | Path,
    into: ConfigSource,
    *,
    run: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    details: Mapping[str, Any] | None = None,
) -> Imported:
    """Make a run that has trained no epoch, and whose network holds the weights in `file`.

    file        a state_dict that PyTorch wrote as safetensors; a checkpoint or a run, too
    into        the config of the network, as for `fit`; raw inputs are standardised by its data
    run         the run directory, by default runs/<name>
    overwrite   whether the files of a run that is there are removed, once all has been found right
    progress    is told where arrays went, also where they do not fit, and warnings
    details     what run.json is to say besides

    Arrays are found by name if all of the network are named in the file, as "block1.conv1.weight"
    of "block1/conv1/weight"; otherwise by order, layer by layer of each kind, by the names in the
    file with the numbers in them by value.  No array may be missing or left.  The config of the run
    has the file as its `start_from`, so that `fit` with `resume` trains on.

    >>> exported = cnntrain.export("runs/digits", to="torch", output="answers")
    >>> found = cnntrain.import_weights("answers/model.safetensors", "digits.yaml", run="runs/back")
    >>> found.by, found.arrays[0].there, found.arrays[0].here
    ('name', 'conv1.weight', 'conv1/weight')
    >>> cnntrain.Run("runs/back").summary.status
    'imported'

    Raises NotFoundError where there is no file, CheckpointError where it is damaged or does not
    fit, RunExistsError, LockedError, StorageError, ConfigError and DataError as `fit`; nothing is
    left in the run directory then.
    """
    config, given = as_config(into), Path(file)
    config = override(config, {"start_from.checkpoint": str(given.absolute())})
    path = Path("runs") / config.name if run is None else Path(run)
    progress = progress or Progress()
    with resource_errors(), claimed(path) as directory:
        old_run = check_free(directory, overwrite)
        tidy(directory)
        training = TrainingRun(config, directory, progress)
        trainer = training.trainer
        origin = load(trainer.network, trainer.w, trainer.buffers, given, whole=True)
        _check_whole(origin, progress)
        start.begin_with(training, trainer.w, trainer.buffers, origin)
        start.check_space(training)
        if old_run:
            erase(directory)
        with _all_or_nothing(directory):
            start.begin(training, details or {}, None)
            directory.checkpoints.save_epoch(state.save(training), 0, 0, config.checkpoint.keep)
            reason = f"weights of {printable(given.name)}, by {origin.by}"
            training.journal.end(End("imported", reason, 0))
    source = origin.source
    return Imported(
        run=str(path),
        file=str(source.file),
        sha256=source.sha256,
        by=origin.by,
        arrays=origin.moves,
        warnings=tuple(training.summary.warnings),
    )


def _check_whole(origin: Origin, progress: Progress) -> None:
    """Raise CheckpointError where an array of the network or of the file has no partner."""
    move = next((move for move in origin.moves if not move.fits), None)
    if move is None:
        return
    progress.origin(origin)
    there = f"{printable(move.there)} {sizes(move.there_shape)}"
    here = f"{printable(move.here)} {sizes(move.here_shape)}"
    if move.there is None:
        problem = f"nothing in it for {here}"
    elif move.here is None:
        problem = f"{there} has no place in the network"
    elif move.there_shape == move.here_shape:
        problem = f"{there} is not of floating-point numbers"
    else:
        problem = f"{there} does not fit {here}"
    way = "start_from in a config takes what fits"
    if move.here in origin.new and f"{layer_of(move.here)}/running_mean" in origin.new:
        way = "an export without folding keeps batch normalisation"
    raise CheckpointError(
        f"{shown_path(origin.source.file)}: by {origin.by}, {problem}; nothing was written ({way})"
    )


@contextmanager
def _all_or_nothing(directory: RunDirectory) -> Iterator[None]:
    """Remove what was written if anything goes wrong."""
    try:
        yield
    except BaseException:
        with suppress(StorageError):
            erase(directory)
        for folder in (directory.checkpoints.path, directory.control):
            remove_folder(folder)
        raise
