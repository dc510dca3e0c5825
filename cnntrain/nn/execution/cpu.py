"""The number of cores that this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

from cnntrain.files import read_text

_CGROUP = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """Cores granted by CPU affinity and by the cgroup's quota (version 2 or 1); at least 1."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    quota = _cgroup_quota()
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def _cgroup_quota() -> float | None:
    """Cores' worth of CPU time that the cgroup grants, None where there is no limit."""
    try:
        if (_CGROUP / "cpu.max").exists():
            quota, period = read_text(_CGROUP / "cpu.max").split()
        else:
            quota = read_text(_CGROUP / "cpu/cpu.cfs_quota_us").strip()
            period = read_text(_CGROUP / "cpu/cpu.cfs_period_us").strip()
        return None if quota in {"max", "-1"} else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None
