"""Carry the study out: all nets of a row at once, row after row, data set after data set (docs/utilisation.md)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from foldscape.engine.base import Memory
from foldscape.geometry.box import default_box
from foldscape.growth.base import Scene
from foldscape.net.mlp import Weights
from foldscape.studies.base import StudyProgress
from foldscape.studies.utilisation.chance import draws_of, first_nets, growth_chances, places_of
from foldscape.studies.utilisation.crowd import Crowd
from foldscape.studies.utilisation.findings import findings, verdict
from foldscape.studies.utilisation.growing import Growing
from foldscape.studies.utilisation.ledger import Ledger
from foldscape.studies.utilisation.methods import METHODS, MethodName, SetName
from foldscape.studies.utilisation.spec import CHUNK, Utilisation

UPDATES_BETWEEN = 100_000
"""Updates, of all nets together, between two things told: a tenth of a second on two processors."""
GROWN_BETWEEN = 64
"""The same in nets that grow."""


def run(spec: Utilisation, threads: int | None = None) -> Iterator[StudyProgress]:
    """Carry a study out.

    Args:
        spec: Everything that decides it.
        threads: Threads to compute on; ``None`` is one a processor. They change no bit of what is told.

    Yields:
        The rows that changed, several times a second; at the end all of them with what was found.
    """
    places = places_of(spec)
    ledger = Ledger(spec, places)
    yield ledger.tell("drawing the first weights")
    for data in spec.sets:
        yield from _OneSet(spec, data, places, ledger, threads).run()
    found = findings(ledger.rows)
    yield StudyProgress(share=1, doing="", rows=ledger.rows, findings=found, verdict=verdict(found))


class _OneSet:
    """All rows of one data set."""

    def __init__(
        self, spec: Utilisation, data: SetName, places: list[slice], ledger: Ledger, threads: int | None
    ) -> None:
        self._spec, self._data, self._places, self._ledger = spec, data, places, ledger
        self._threads = threads
        self._draws = draws_of(spec, data)
        self._half = spec.steps // 2
        self._small: tuple[Sequence[Weights], Sequence[Memory]] | None = None

    def run(self) -> Iterator[StudyProgress]:
        """Go through the rows; those that begin as 2-2-2 share their first half."""
        for method in self._spec.rows:
            if METHODS[method].width == 3:
                yield from self._train(self._fresh(3), (method,), 0, self._spec.steps)
                continue
            if self._small is None:
                sharing = tuple(each for each in self._spec.rows if METHODS[each].width == 2)
                crowd = self._fresh(2)
                yield from self._train(crowd, sharing, 0, self._half)
                self._small = crowd.nets, crowd.memories
            if METHODS[method].grows:
                crowd = yield from self._grow(method)
            else:
                crowd = self._crowd(*self._small)
            yield from self._train(crowd, (method,), self._half, self._spec.steps)

    def _fresh(self, width: int) -> Crowd:
        return self._crowd(first_nets(self._spec, self._data, width), None)

    def _crowd(self, nets: Sequence[Weights], memories: Sequence[Memory] | None) -> Crowd:
        return Crowd(nets, memories, self._draws, self._places, self._threads)

    def _train(self, crowd: Crowd, methods: tuple[MethodName, ...], first: int, end: int) -> Iterator[StudyProgress]:
        """Train from one update to another, and count for all the methods that share these nets."""
        spec, ledger = self._spec, self._ledger
        label = METHODS[methods[0]].label if len(methods) == 1 else "2-2-2, the first half of all grown nets"
        every = max(CHUNK, UPDATES_BETWEEN // spec.nets // CHUNK * CHUNK)
        for step in range(first, end, every):
            updates = min(every, end - step)
            crowd.train(updates)
            ledger.trained(crowd.width, updates)
            now, right = step + updates, crowd.right()
            phase = "done" if now == spec.steps else "training"
            for method in methods:
                ledger.note(self._data, method, right, phase=phase, done=now / spec.steps)
            yield ledger.tell(f"{self._data} · {label} · update {now:,} of {spec.steps:,}")

    def _grow(self, method: MethodName) -> Generator[StudyProgress, None, Crowd]:
        """Give every 2-2-2 net its third unit; returns the crowd that goes on."""
        assert self._small is not None
        scenes: list[Scene] = []
        for draw, place in zip(self._draws, self._places, strict=True):
            scene = Scene(draw.train_x, draw.train_y, default_box(draw.train_x))
            scenes += [scene] * (place.stop - place.start)
        chances = growth_chances(self._spec, self._data, method)
        growing = Growing(*self._small, method, scenes, chances, self._threads)
        while (before := len(growing.nets)) < self._spec.nets:
            growing.grow(GROWN_BETWEEN)
            self._ledger.grown(METHODS[method], len(growing.nets) - before)
            self._ledger.note(self._data, method, phase="growing", without_fold=growing.without_fold)
            words = f"grown {len(growing.nets):,} of {self._spec.nets:,}"
            yield self._ledger.tell(f"{self._data} · {METHODS[method].label} · {words}")
        self._ledger.note(self._data, method, kept=growing.kept)
        return self._crowd(growing.nets, growing.memories)
