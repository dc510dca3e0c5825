"""Files that travel with cnntrain: the digits data and the starter configs."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Path of `name` ("data/digits.csv.gz", "configs"): inside an installed package
    under `bundled/`, in a checkout beside the package."""
    installed = _PACKAGE / "bundled" / name
    return installed if installed.exists() else _PACKAGE.parent / name
