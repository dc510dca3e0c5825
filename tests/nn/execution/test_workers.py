"""Worker threads: order, bounded memory, errors, and BLAS held to one thread."""

from __future__ import annotations

import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from cnntrain.nn.execution.workers import Workers

counts = pytest.mark.parametrize("count", [1, 2, 4])


def blas_threads() -> set[int]:
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


@counts
@pytest.mark.parametrize("items", [0, 1, 2, 7, 50])
def test_results_come_in_the_order_of_the_items(count, items):
    results = Workers(count).map(lambda item, _: item * item, list(range(items)))
    assert list(results) == [item * item for item in range(items)]


def test_results_keep_their_order_when_later_ones_are_ready_first():
    second_done = threading.Event()

    def work(item, _):
        if item == 0:
            assert second_done.wait(10)
        elif item == 1:
            second_done.set()
        return item

    assert list(Workers(2).map(work, [0, 1, 2, 3])) == [0, 1, 2, 3]


@counts
def test_at_most_two_results_a_worker_wait_to_be_taken(count):
    lock, started, most, taken = threading.Lock(), 0, 0, 0

    def work(item, _):
        nonlocal started, most
        with lock:
            started += 1
            most = max(most, started - taken)
        return item

    for _ in Workers(count).map(work, list(range(100))):
        with lock:
            taken += 1
    assert started == taken == 100
    assert most <= 2 * count


def test_threads_work_at_the_same_time():
    together = threading.Barrier(3, timeout=10)
    list(Workers(3).map(lambda item, _: together.wait(), [0, 1, 2]))


@counts
def test_each_thread_has_a_workspace_of_its_own_and_keeps_it(count):
    workers, seen = Workers(count), {}
    for _ in range(3):
        for thread, workspace in workers.map(
            lambda item, workspace: (threading.get_ident(), workspace), list(range(20))
        ):
            assert seen.setdefault(thread, workspace) is workspace
    assert len({id(workspace) for workspace in seen.values()}) == len(seen)


@counts
def test_an_error_reaches_the_caller_and_the_workers_go_on(count):
    workers = Workers(count)

    def work(item, _):
        if item == 3:
            raise ArithmeticError("item 3")
        return item

    results = workers.map(work, list(range(10)))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ArithmeticError, match="^item 3$"):
        next(results)
    assert list(workers.map(lambda item, _: item, [1, 2])) == [1, 2]


@counts
def test_blas_has_one_thread_meanwhile_and_its_own_number_afterwards(count):
    with threadpool_limits(3, user_api="blas"):
        before = blas_threads()
        inside = set().union(*Workers(count).map(lambda item, _: blas_threads(), [1, 2, 3]))
        assert inside == {1}
        assert blas_threads() == before == {3}


@counts
def test_blas_is_restored_after_an_error(count):
    def fail(item, _):
        raise ArithmeticError

    with threadpool_limits(3, user_api="blas"):
        with pytest.raises(ArithmeticError):
            list(Workers(count).map(fail, [1, 2, 3]))
        assert blas_threads() == {3}


@counts
def test_blas_is_restored_when_the_results_are_not_all_taken(count):
    with threadpool_limits(3, user_api="blas"):
        results = Workers(count).map(lambda item, _: item, list(range(20)))
        assert next(results) == 0
        results.close()
        assert blas_threads() == {3}
