"""The folder of a run's checkpoints: which files it keeps, and what they are called."""

from __future__ import annotations

from pathlib import Path

from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.checkpoint_names import BEST, LAST, epoch_name, number, step_name
from cnntrain.storage import disk, durable


class CheckpointFolder:
    """The checkpoints in the folder `path`: those of the last epochs and of the best one, at most
    one in the middle of an epoch, and the names `best` and `last`, which are links to two of them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.best = path / BEST
        self.last = path / LAST
        self._read_back = False

    def saved(self) -> list[Path]:
        """The checkpoints of epochs and of steps in order of their names, then best and last."""
        found = disk.listing(self.path)
        named = [path for path in (self.best, self.last) if path in found]
        return [path for path in found if number(path.name)] + named

    def numbered(self) -> list[Path]:
        """The checkpoints of epochs and of steps alone."""
        return [path for path in disk.listing(self.path) if number(path.name)]

    def save_epoch(self, data: bytes, epoch: int, best: int, keep: int) -> None:
        """Write the checkpoint of `epoch`, make it last, and best if it is; then drop those that
        are neither among the `keep` newest nor the best."""
        path = self.path / epoch_name(epoch)
        self._write(path, data)
        durable.link(self.last, path)
        if best == epoch:
            durable.link(self.best, path)
        self._keep({epoch_name(n) for n in (best, *range(epoch, epoch - keep, -1))})

    def save_step(self, data: bytes, step: int) -> None:
        """Write a checkpoint in the middle of an epoch, and drop the one before it."""
        path = self.path / step_name(step)
        self._write(path, data)
        durable.link(self.last, path)
        for old in self.numbered():
            if old != path and old.name.startswith("step-"):
                disk.remove(old)

    def forget_after(self, epoch: int) -> None:
        """Drop the checkpoints later than that of `epoch`; there is one of epoch 0 where weights
        were imported."""
        self._keep({epoch_name(n) for n in range(epoch + 1)})
        if not self.numbered():
            disk.remove(self.best)
            disk.remove(self.last)

    def _write(self, path: Path, data: bytes) -> None:
        """Write a checkpoint; the first one is read back before an older one is dropped.

        Raises CheckpointError where it cannot be read.
        """
        durable.write(path, data)
        if not self._read_back:
            Checkpoint.read(path)
            self._read_back = True

    def _keep(self, names: set[str]) -> None:
        """Drop the checkpoints of epochs and steps whose names are not among `names`."""
        for path in self.numbered():
            if path.name not in names:
                disk.remove(path)
