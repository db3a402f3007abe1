"""Carry a sweep out: its runs on all processors, and those that are quickly done in tasks of many."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from threadpoolctl import threadpool_limits

from foldscape.cost.rates import Rates
from foldscape.progress import ALMOST
from foldscape.sweep.cost import is_held_up, seconds_of
from foldscape.sweep.expand import PlannedRun, expand
from foldscape.sweep.result import CellResult, SweepProgress
from foldscape.sweep.spec import Measure, SweepSpec
from foldscape.sweep.starting import Starts, given_first
from foldscape.sweep.straight import trains_straight
from foldscape.sweep.task import goes_stacked, run_task

MOST_TOGETHER = 32
"""Runs of one task; more become several."""
MOST_STACKED = 64
"""Runs of one program on a card."""
SECONDS_BETWEEN = 0.1
"""Time between two words."""


def follow(
    spec: SweepSpec, *, done: Collection[str] = (), threads: int | None = None, starts: Starts | None = None
) -> Iterator[SweepProgress]:
    """Carry a sweep out, and tell.

    Args:
        spec: The sweep.
        done: Keys of runs that are there already; they are skipped.
        threads: Threads to compute on at most; ``None`` is one a processor. They change no number but ``seconds``.
        starts: The weights that its runs begin with, where they are those of others; see ``starting.begin``.

    Yields:
        How far it is, with the runs that have ended since; closing the iteration stops the runs.
    """
    cells = given_first(expand(spec), starts or {})
    left = [cell for cell in cells if cell.key not in done]
    workers = threads or len(os.sched_getaffinity(0))
    if left and all(is_held_up(cell.spec, spec.measure) for cell in _one_a_setting(left)):
        workers = 1
    cost = _costs(cells, spec.measure)
    whole, open_cost = sum(cost.values()) or 1.0, sum(cost[cell.key] for cell in left)
    ended = len(cells) - len(left)
    one_thread = threadpool_limits(limits=1)  # the runs share the processors out; more would wait for each other
    with one_thread, _Crew(tasks(left, workers), spec.measure, cost, workers) as crew:
        yield SweepProgress(share=min(1 - open_cost / whole, ALMOST), doing=_words(ended, len(cells)))
        while not crew.over:
            rows = crew.wait()
            ended += len(rows)
            share = min(1 - (open_cost - crew.spent) / whole, ALMOST)
            yield SweepProgress(share=max(share, 0), doing=_words(ended, len(cells)), rows=rows)
    yield SweepProgress(share=1, doing=_words(ended, len(cells)))


def tasks(cells: Sequence[PlannedRun], threads: int) -> list[list[PlannedRun]]:
    """Part runs into tasks of one thread: those on one data set that need no run loop together, all others alone.

    On a card those that differ in their seeds alone are one program, whatever the number of threads.

    The longest come first, so that at the end no processor is left alone with one.

    Returns:
        The tasks, the longest first.
    """
    groups: dict[str, list[PlannedRun]] = {}
    for cell in cells:
        name = cell.spec.data.model_dump_json() if trains_straight(cell.spec) and not cell.members else cell.key
        name = " ".join(_settings(cell)) if goes_stacked(cell) else name
        groups.setdefault(name, []).append(cell)
    parted: list[list[PlannedRun]] = []
    for group in groups.values():
        size = MOST_STACKED if goes_stacked(group[0]) else min(MOST_TOGETHER, -(-len(group) // (2 * threads)))
        parted += [group[start : start + size] for start in range(0, len(group), size)]
    return sorted(parted, key=lambda task: -sum(cell.spec.updates for cell in task))


def _costs(cells: Sequence[PlannedRun], measure: Measure) -> dict[str, float]:
    """Foresee the seconds of each run, by key; those that differ in their seeds take the same."""
    found = {
        _settings(cell): max(1, cell.members) * seconds_of(cell.spec, measure, Rates())
        for cell in _one_a_setting(cells)
    }
    return {cell.key: found[_settings(cell)] for cell in cells}


def _one_a_setting(cells: Sequence[PlannedRun]) -> Collection[PlannedRun]:
    """Give one of the runs that differ in their seeds only."""
    return {_settings(cell): cell for cell in cells}.values()


def _settings(cell: PlannedRun) -> tuple[str, ...]:
    return tuple(cell.settings.values())


class _Crew:
    """Threads that take one task after another.

    Args:
        work: The tasks.
        measure: What is measured of each run.
        cost: Seconds foreseen of each run, by key.
        threads: Number of threads.
    """

    def __init__(
        self, work: Sequence[list[PlannedRun]], measure: Measure, cost: dict[str, float], threads: int
    ) -> None:
        self._measure = measure
        self._costs = [sum(cost[cell.key] for cell in task) for task in work]
        self._shares = [0.0] * len(work)
        self._ended: queue.SimpleQueue[CellResult | None] = queue.SimpleQueue()  # None where a task is over
        self._open, self._told = len(work), False
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sweep")
        self._futures: list[Future[None]] = [self._pool.submit(self._do, n, task) for n, task in enumerate(work)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    @property
    def over(self) -> bool:
        """Whether all is done and told."""
        return not self._open

    @property
    def spent(self) -> float:
        """Seconds' worth of the work that is done, as foreseen."""
        return sum(cost * share for cost, share in zip(self._costs, self._shares, strict=True))

    def wait(self) -> tuple[CellResult, ...]:
        """Wait a moment for runs that have ended; only for the first of all no longer than it takes.

        Returns:
            The runs that ended meanwhile; none after a moment without any.

        Raises:
            Exception: Whatever went wrong in a task.
        """
        rows: list[CellResult] = []
        until = time.monotonic() + SECONDS_BETWEEN
        with contextlib.suppress(queue.Empty):
            while not self.over and (self._told or not rows):
                row = self._ended.get(timeout=max(0.0, until - time.monotonic()))
                if row is None:
                    self._open -= 1
                else:
                    rows.append(row)
        self._told = self._told or bool(rows)
        for future in self._futures:
            if self.over or future.done():
                future.result()
        return tuple(rows)

    def _do(self, number: int, task: list[PlannedRun]) -> None:
        try:
            for step in run_task(task, self._measure):
                self._shares[number] = step.share
                for row in step.ended:
                    self._ended.put(row)
                if self._stop.is_set():
                    return
        finally:
            self._ended.put(None)


def _words(ended: int, runs: int) -> str:
    return f"{ended:,} of {runs:,} runs"
