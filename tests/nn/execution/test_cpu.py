"""Cores: what affinity and the control group grant."""

from __future__ import annotations

import os

import pytest

from cnntrain.nn.execution import cpu


@pytest.fixture
def cgroup(tmp_path, monkeypatch):
    monkeypatch.setattr(cpu, "_CGROUP", tmp_path)
    return tmp_path


def test_without_a_limit_every_core_of_the_affinity_counts(cgroup):
    assert cpu.usable_cores() == len(os.sched_getaffinity(0))


def test_a_process_bound_to_one_core_has_one(cgroup):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert cpu.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("content", "quota"),
    [
        ("max 100000\n", None),
        ("50000 100000\n", 0.5),
        ("250000 100000\n", 2.5),
        ("nonsense\n", None),
    ],
)
def test_version_2_quotas(content, quota, cgroup):
    (cgroup / "cpu.max").write_text(content)
    assert cpu._cgroup_quota() == quota


@pytest.mark.parametrize(("content", "quota"), [("-1\n", None), ("300000\n", 3.0)])
def test_version_1_quotas(content, quota, cgroup):
    (cgroup / "cpu").mkdir()
    (cgroup / "cpu/cpu.cfs_quota_us").write_text(content)
    (cgroup / "cpu/cpu.cfs_period_us").write_text("100000\n")
    assert cpu._cgroup_quota() == quota


@pytest.mark.parametrize("content", ["50000 100000", "100 100000"])
def test_a_fraction_of_a_core_counts_as_one(content, cgroup):
    (cgroup / "cpu.max").write_text(content)
    assert cpu.usable_cores() == 1
