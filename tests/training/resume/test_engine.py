"""A run goes on with the engine that it began with."""

import json
from pathlib import Path


def test_auto_that_means_another_engine_is_refused_unless_it_is_forced(digits, cnntrain):
    assert cnntrain("fit", digits, "--set", "epochs=1", "--run", "run").code == 0
    record = Path("run/run.json")
    told = json.loads(record.read_text())
    here, told["engine"] = told["engine"], "other"
    record.write_text(json.dumps(told))
    done = cnntrain("fit", digits, "--run", "run", "--resume")
    assert done.code == 2
    assert f"auto is {here} here, and the run began with other" in done.err
    forced = ("--set", f"compute.engine={here}", "--allow-changes")
    assert cnntrain("fit", digits, "--run", "run", "--resume", *forced).code == 0
