"""The provenance of a run, which run.json records: versions, machine, command line, data."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_info

from cnntrain import __version__
from cnntrain.files import read_text
from cnntrain.runs.clock import utc_now
from cnntrain.text import printable

if TYPE_CHECKING:
    from cnntrain.data import Dataset
    from cnntrain.nn.network import Network

LIBRARIES = ("pydantic", "pyyaml", "safetensors")


def provenance(network: Network, dataset: Dataset) -> dict[str, Any]:
    """The content of run.json for a run that starts now; nothing in it changes a result."""
    return {
        "started": utc_now(),
        "host": socket.gethostname(),
        "command": sys.argv,
        "cnntrain": __version__,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        **machine(),
        "engine": network.engine.name,
        "engine_library": network.engine.library_text,
        "workers": network.workers.count,
        "data_sha256": dataset.fingerprint,
        "split_sha256": dataset.split_hash,
        "warnings": list(dataset.warnings),
    }


def machine_differences(provenance: Mapping[str, Any]) -> list[str]:
    """How this machine differs from the one where a run began, by its run.json: reasons why the
    last bits of results may differ.  The compiled engine gives the same on all."""
    if provenance.get("engine") == "compiled":
        return []
    here = machine()
    return [
        f"the run began with {name} {printable(provenance[name])}, this is {printable(value)}: "
        "results are right, but not the same bit for bit"
        for name, value in here.items()
        if name in provenance and provenance[name] != value
    ]


def machine() -> dict[str, Any]:
    """Those properties of this machine on which the last bits of results depend."""
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
    """The name of the processor."""
    try:
        for line in read_text("/proc/cpuinfo").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()
