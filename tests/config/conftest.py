"""Config files to test with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
data: {source: digits, validation: 0.1}
layers:
  - {type: conv, filters: 4, kernel: 3}
  - {type: relu}
  - {type: max_pool, window: 2}
  - {type: conv, filters: 8, kernel: [3, 1], name: second}
  - {type: flatten}
  - {type: dense, units: 10}
  - {type: softmax}
loss: cross_entropy
batch_size: 32
epochs: 3
learning_rate: 0.1
"""


@pytest.fixture
def good() -> str:
    """A config that says only what it must."""
    return GOOD


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a config into the working directory, an empty one, and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes = GOOD, name: str = "c.yaml") -> str:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    return write
