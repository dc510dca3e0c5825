"""The documents, and a folder in which their examples have been run."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from documents import DOCUMENTS, blocks
from readme import EVALUATION, FIRST_RUN


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A directory in which the first run and then the examples for the shell have been run, one
    after the other."""
    folder = tmp_path_factory.mktemp("documents")
    binaries = folder / "bin"
    binaries.mkdir()
    command = binaries / "cnntrain"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m cnntrain "$@"\n')
    command.chmod(0o755)
    _draw(folder / "pictures" / "cat", folder / "pictures" / "dog", folder / "new")
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}
    scripts = [script for text in DOCUMENTS.values() for script in blocks(text, "sh")]
    for script in [*FIRST_RUN, *EVALUATION, *scripts]:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"
    return folder


def _draw(*folders):
    """Folders of pictures, a dozen in each."""
    random = np.random.default_rng(0)
    for path in folders:
        path.mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(0, 256, size=(40, 50, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path / f"{number}.png")
