"""Data sets in tables."""

import pytest


@pytest.fixture
def table(tmp_path, load):
    """`table(text, more, test=text)`: the data set in these tables, with `more` keys."""

    def loaded(text, more="", **others):
        for name, content in {"data": text, **others}.items():
            content = content.encode() if isinstance(content, str) else content
            (tmp_path / f"{name}.csv").write_bytes(content)
        return load(f"{{source: csv, path: data.csv{more}}}")

    return loaded
