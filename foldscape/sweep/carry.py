"""Carry a sweep out: its runs on all processors, many in one program where they differ in their seeds only."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from threadpoolctl import threadpool_limits

from foldscape.cost.rates import Rates
from foldscape.sweep.cost import seconds_of
from foldscape.sweep.expand import Cell, expand
from foldscape.sweep.moments import can_train_together
from foldscape.sweep.result import CellResult, SweepProgress
from foldscape.sweep.spec import Measure, SweepSpec
from foldscape.sweep.starting import Starts, given_first
from foldscape.sweep.task import carry_out

MOST_TOGETHER = 32
"""Runs of one program; more become several, so that the first are soon there."""
SECONDS_BETWEEN = 0.1
"""Time between two words."""


def follow(
    spec: SweepSpec, *, done: Collection[str] = (), threads: int | None = None, starts: Starts | None = None
) -> Iterator[SweepProgress]:
    """Carry a sweep out, and tell.

    Args:
        spec: The sweep.
        done: Keys of runs that are there already; they are skipped.
        threads: Threads to compute on; ``None`` is one a processor. They change no number but ``seconds``.
        starts: The weights that its runs begin with, where they are those of others; see ``starting.begin``.

    Yields:
        How far it is, with the runs that have ended since; closing the iteration stops the runs.
    """
    cells = given_first(expand(spec), starts or {})
    left = [cell for cell in cells if cell.key not in done]
    workers = threads or len(os.sched_getaffinity(0))
    cost = {cell.key: seconds_of(cell.spec, spec.measure, Rates()) for cell in cells}
    whole, open_cost = sum(cost.values()) or 1.0, sum(cost[cell.key] for cell in left)
    ended = len(cells) - len(left)
    one_thread = threadpool_limits(limits=1)  # the runs share the processors out; more would wait for each other
    with one_thread, _Crew(tasks(left, workers), spec.measure, cost, workers) as crew:
        yield SweepProgress(share=min(1 - open_cost / whole, 0.999), doing=_words(ended, len(cells)))
        while not crew.over:
            rows = crew.wait()
            ended += len(rows)
            share = min(1 - (open_cost - crew.spent) / whole, 0.999)
            yield SweepProgress(share=max(share, 0), doing=_words(ended, len(cells)), rows=rows)
    yield SweepProgress(share=1, doing=_words(ended, len(cells)))


def tasks(cells: Sequence[Cell], threads: int) -> list[list[Cell]]:
    """Part runs into tasks of one thread: those that differ in their seeds only together, all others alone.

    The longest come first, so that at the end no processor is left alone with one.

    Returns:
        The tasks, the longest first.
    """
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        shared = can_train_together(cell.spec)
        name = cell.spec.model_copy(update={"seed": 0}).model_dump_json() if shared else cell.key
        groups.setdefault(name, []).append(cell)
    parted: list[list[Cell]] = []
    for group in groups.values():
        size = min(MOST_TOGETHER, -(-len(group) // threads))
        parted += [group[start : start + size] for start in range(0, len(group), size)]
    return sorted(parted, key=lambda task: -len(task) * task[0].spec.updates)


class _Crew:
    """Threads that take one task after another.

    Args:
        work: The tasks.
        measure: What is measured of each run.
        cost: Seconds foreseen of each run, by key.
        threads: Number of threads.
    """

    def __init__(self, work: Sequence[list[Cell]], measure: Measure, cost: dict[str, float], threads: int) -> None:
        self._measure = measure
        self._costs = [sum(cost[cell.key] for cell in task) for task in work]
        self._shares = [0.0] * len(work)
        self._ended: queue.SimpleQueue[CellResult] = queue.SimpleQueue()
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
        return all(future.done() for future in self._futures) and self._ended.empty()

    @property
    def spent(self) -> float:
        """Seconds' worth of the work that is done, as foreseen."""
        return sum(cost * share for cost, share in zip(self._costs, self._shares, strict=True))

    def wait(self) -> tuple[CellResult, ...]:
        """Wait a moment for runs that have ended.

        Returns:
            The runs that ended meanwhile; none after a moment without any.

        Raises:
            Exception: Whatever went wrong in a task.
        """
        rows: list[CellResult] = []
        try:
            rows.append(self._ended.get(timeout=SECONDS_BETWEEN))
            while True:
                rows.append(self._ended.get_nowait())
        except queue.Empty:
            pass
        for future in self._futures:
            if future.done():
                future.result()
        return tuple(rows)

    def _do(self, number: int, task: list[Cell]) -> None:
        for step in carry_out(task, self._measure):
            self._shares[number] = step.share
            for row in step.ended:
                self._ended.put(row)
            if self._stop.is_set():
                return


def _words(ended: int, runs: int) -> str:
    return f"{ended:,} of {runs:,} runs"
