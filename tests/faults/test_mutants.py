"""The fault tests can fail: each of these breaks in the package is noticed by one of them."""

import shutil
import signal
from dataclasses import replace

import pytest

from ..run_files import digests
from .conftest import ROOT
from .strace import inject
from .test_protocol import traced, violations

pytestmark = pytest.mark.system

# How a file is written beside the one whose place it takes.
IN_TEMPORARY = """\
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
"""
# What is broken: the file, the text there, and what it becomes.
PROTOCOL = {
    "no sync of a file": (
        "storage/durable.py",
        "                file.flush()\n                os.fsync(file.fileno())\n",
        "                file.flush()\n",
    ),
    "no sync of a folder": (
        "storage/durable.py",
        "        os.fsync(descriptor)\n",
        "        pass\n",
    ),
    "no sync of the metrics": (
        "runs/table_writer.py",
        "sync=kind is Row",
        "sync=False",
    ),
    "written in place": (
        "storage/durable.py",
        IN_TEMPORARY,
        '            with path.open("wb") as file:\n                yield file\n',
    ),
}
RESUME = {
    "forgotten optimizer state": (
        "training/trainer.py",
        "self.w, self.buffers, self.optimizer_state = w, buffers, optimizer_state",
        "self.w, self.buffers = w, buffers",
    ),
    "forgotten running statistics": (
        "training/trainer.py",
        "self.w, self.buffers, self.optimizer_state = w, buffers, optimizer_state",
        "self.w, self.optimizer_state = w, optimizer_state",
    ),
    "forgotten average": (
        "training/trainer.py",
        "self.average.restore(means, state.averaged)",
        "pass",
    ),
    "forgotten sums": (
        "training/trainer.py",
        "replace(state.at), state.running",
        "replace(state.at), Sums()",
    ),
    "forgotten plateau": (
        "training/trainer.py",
        "plateau.restore(state.plateau)",
        "pass",
    ),
    "forgotten best": (
        "training/state.py",
        "run.best.restore(record.best_counter.model_dump())",
        "pass",
    ),
    "forgotten patience": (
        "training/state.py",
        "rule.restore(record.rules[rule.status])",
        "pass",
    ),
    "a row after its checkpoint": (
        "training/loop.py",
        "        directory.tables.add(row)\n"
        "        run.log.epoch(row)\n"
        "        directory.checkpoints.save_epoch(\n"
        "            state.save(run), row.epoch, run.summary.best_epoch, config.checkpoint.keep\n"
        "        )\n",
        "        run.log.epoch(row)\n"
        "        directory.checkpoints.save_epoch(\n"
        "            state.save(run), row.epoch, run.summary.best_epoch, config.checkpoint.keep\n"
        "        )\n"
        "        directory.tables.add(row)\n",
    ),
    "rows not cut off": (
        "runs/table_writer.py",
        "lines.truncate(self.files[Row], record.metrics.bytes)",
        "pass",
    ),
    "hidden random state": (
        "data/batches.py",
        "self.seed, epoch)",
        "self.seed, self.__dict__.setdefault('hidden', iter(range(1, 99))).__next__())",
    ),
    "a step twice": (
        "data/batches.py",
        "for number in range(start, ",
        "for number in range(max(start - 1, 0), ",
    ),
}


@pytest.fixture
def mutant(lab):
    """`mutant(file, old, new)`: the lab with a copy of the package in which `old` is `new`."""

    def make(file, old, new):
        package = lab.folder / "package"
        shutil.copytree(ROOT / "cnntrain", package / "cnntrain")
        for name in ("configs", "data"):
            (package / name).symlink_to(ROOT / name)
        path = package / "cnntrain" / file
        text = path.read_text()
        assert old in text, "the package has changed: write this mutant anew"
        path.write_text(text.replace(old, new))
        return replace(lab, package=package)

    return make


@pytest.mark.parametrize("change", PROTOCOL.values(), ids=PROTOCOL)
def test_the_protocol_check_notices(mutant, tally, change):
    assert violations(traced(mutant(*change)))
    tally["mutants noticed"] += 1


@pytest.mark.parametrize("change", RESUME.values(), ids=RESUME)
def test_a_kill_and_a_resume_notice(mutant, tally, change):
    """Killed when a row of metrics.csv has been written, but no checkpoint after it."""
    broken = mutant(*change)
    assert broken.run(broken.command("straight")).returncode == 0
    straight = digests(broken.folder / "straight")
    metrics = broken.folder / "killed" / "metrics.csv"
    for row in (3, 5, 6, 2, 4):
        shutil.rmtree(broken.folder / "killed", ignore_errors=True)
        killing = inject("fsync", "signal=KILL", row, metrics)
        killed = broken.run([*killing, *broken.command("killed")])
        assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        resumed = broken.run(broken.command("killed"))
        if resumed.returncode != 0 or digests(broken.folder / "killed") != straight:
            tally["mutants noticed"] += 1
            return
    raise AssertionError("not noticed")
