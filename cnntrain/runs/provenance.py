"""Where a run comes from: what run.json records beside the config."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from cnntrain import __version__
from cnntrain.data import Dataset
from cnntrain.nn.network import Network
from cnntrain.runs.clock import now
from cnntrain.text import printable

LIBRARIES = ("pydantic", "pyyaml", "safetensors")


def provenance(network: Network, dataset: Dataset) -> dict[str, Any]:
    """Versions, machine, command line and data fingerprint; none of it changes a result."""
    return {
        "started": now(),
        "host": socket.gethostname(),
        "command": sys.argv,
        "cnntrain": __version__,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        **machine(),
        "workers": network.workers.count,
        "data_sha256": dataset.fingerprint,
        "split_sha256": dataset.split_hash,
        "warnings": list(dataset.warnings),
    }


def elsewhere(about: Mapping[str, Any]) -> list[str]:
    """What differs between this machine and that where a run began, by its run.json: reasons why
    the last bits of results may differ."""
    here = machine()
    return [
        f"the run began with {name} {printable(about[name])}, this is {printable(value)}: results "
        "are right, but not the same to the bit"
        for name, value in here.items()
        if name in about and about[name] != value
    ]


def machine() -> dict[str, Any]:
    """What the last bits of results depend on."""
    return {
        "numpy": version("numpy"),
        "cpu": _cpu(),
        "blas": [
            {key: library.get(key) for key in ("internal_api", "version", "architecture")}
            for library in threadpool_info()
            if library.get("user_api") == "blas"
        ],
    }


def _cpu() -> str:
    """The processor's name, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()
