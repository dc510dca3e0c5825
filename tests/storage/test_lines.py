"""Lines are appended whole or not at all."""

import subprocess
import sys

import pytest

from cnntrain.errors import StorageError
from cnntrain.storage import lines


def test_append_adds_whole_lines_to_a_file_that_is_there(tmp_path):
    path = tmp_path / "rows"
    with pytest.raises(StorageError, match="cannot write .*rows: No such file"):
        lines.append(path, "a,b")
    path.touch()
    lines.append(path, "a,b")
    lines.append(path, "1,2", sync=True)
    assert path.read_text() == "a,b\n1,2\n"


def test_of_a_line_that_does_not_fit_nothing_stays(tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(b"a,b\n")
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from cnntrain.storage import lines\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6, 6))\n"
        "lines.append(Path(sys.argv[1]), '1,2')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert "StorageError" in done.stderr
    assert path.read_text() == "a,b\n"


def test_truncate_cuts_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abcdef")
    lines.truncate(path, 2)
    assert path.read_bytes() == b"ab"
