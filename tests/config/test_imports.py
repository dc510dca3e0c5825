"""What using a config costs."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from cnntrain.config import dump, json_schema, load_config
from cnntrain.config.reference import Reference, markdown
from cnntrain.resources import bundled
dump(load_config(bundled("configs") / "digits.yaml"))
json_schema()
markdown([], list(Reference().sections()))
print(sorted({"numpy", "tqdm", "click"} & set(sys.modules)))
"""


def test_nothing_here_needs_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
