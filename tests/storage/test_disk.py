"""What is on the disk is told, or an error says that it cannot be."""

import pytest

from cnntrain.errors import StorageError
from cnntrain.storage import disk


def test_a_listing_has_files_only_and_fails_where_it_cannot_tell(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    assert disk.listing(tmp_path) == [tmp_path / "file"]
    assert disk.listing(tmp_path / "missing") == []
    assert not disk.exists(tmp_path / ("x" * 300))
    with pytest.raises(
        StorageError, match="cannot read .*/folder: it is a directory, expected a file"
    ):
        disk.read(tmp_path / "folder")
