"""Who does work that can be divided: this process, several on this machine, or a cluster.

Everything that is handed out goes through the interface of ``concurrent.futures``, which a cluster of dask offers too:
the work does not know where it is done. A cluster does again what a lost worker had begun.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from xlperf.core.problems import Problem

Task = TypeVar("Task")
Done = TypeVar("Done")
TRIES = 3  # for work that a worker of a cluster has lost


class NoWorkers(Exception):  # noqa: N818 - a refusal, told to the user in the words of its problem
    """The work cannot be handed out, or whoever did it is gone."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.found("en"))
        self.problem = problem


@contextmanager
def workers(jobs: int, cluster: str = "") -> Iterator[Executor | None]:
    """Give an executor with so many processes, or that of a cluster; None where this process is to do the work.

    Raises
    ------
    NoWorkers
        Where the cluster cannot be reached, or its library is not installed.
    """
    if cluster:
        with _cluster(cluster) as executor:
            yield executor
    elif jobs > 1:
        with ProcessPoolExecutor(jobs, get_context("spawn"), _leave_interruptions) as executor:
            try:
                yield executor
            except BaseException:  # what was not begun is not done
                executor.shutdown(wait=False, cancel_futures=True)
                raise
    else:
        yield None


def _leave_interruptions() -> None:
    """Let the process that handed out the work answer Ctrl-C, which all processes of a terminal get."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as lacking:
        raise NoWorkers(Problem("workers-library", details={"cell": address})) from lacking
    try:
        client = Client(address, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as refusal:
        raise NoWorkers(Problem("workers-unreachable", details={"cell": address})) from refusal
    with client:
        yield client.get_executor(retries=TRIES, pure=False)  # type: ignore[no-untyped-call]


def each_done(executor: Executor | None, work: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
    """Hand out tasks and give what comes of each, as it is done.

    >>> list(each_done(None, abs, [-1, 2]))
    [1, 2]
    """
    if executor is None:
        yield from map(work, tasks)
        return
    try:
        for future in as_completed([executor.submit(work, task) for task in tasks]):
            yield future.result()
    except BrokenProcessPool as loss:
        raise NoWorkers(Problem("workers-lost")) from loss
