"""What is measured of a run at one step: the row of scalars, the validation part, then the probes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from foldscape.device import memory_is_full
from foldscape.errors import NotPossible
from foldscape.events import Event, Unmeasured
from foldscape.probes import Probe
from foldscape.training.running import Running
from foldscape.training.scores import metrics, validation


class Measuring:
    """Measures a run.

    Args:
        run: The run.

    Attributes:
        timing: Gives what surrounds each measurement of a kind, for those who want to know what it costs.
    """

    def __init__(self, run: Running) -> None:
        self._run = run
        self.timing: Callable[[str], AbstractContextManager[Any]] = nullcontext

    def once(self) -> Iterator[Event]:
        """Measure, unless this step has been measured with this net."""
        run, step = self._run, self._run.subject.step
        if run.state.measured_at == step:
            return
        if run.state.scored_at != step:
            with self.timing("metrics"):
                row = metrics(run.subject)
            yield row
            if run.spec.validation_share:
                yield self._validation()
            run.change(scored_at=step)
        at_rest = run.state.paused or run.state.stop_at == step
        for probe in run.state.probes:
            apart = probe.every * (1 if probe.kind == "frame" else run.state.sparing)
            lasting = probe.kind == "frame" and run.is_member(step)
            if at_rest or lasting or run.state.measured_at < 0 or run.state.measurements % apart == 0:
                with self.timing(probe.kind):
                    told = self._told_by(probe)
                yield from told
        run.change(measurements=run.state.measurements + 1, measured_at=step)

    def _told_by(self, probe: Probe) -> list[Event]:
        """Give what a probe tells; what keeps it from measuring this net is told once, and the run goes on."""
        subject = self._run.subject
        try:
            return list(probe.measure(subject))
        except Exception as error:
            full = memory_is_full(error)
            if not (full or isinstance(error, NotPossible)):
                raise
            why = f"It does not fit into the memory of {subject.device}; take it out." if full else str(error)
            mark = f"unmeasured_{probe.kind}"
            if mark in subject.notes:
                return []
            subject.notes[mark] = np.zeros(0, np.uint8)
            return [Unmeasured(**subject.stamp(), probe=probe.kind, why=why)]

    def frames(self) -> Iterator[Event]:
        """Keep the net of a moment at which nothing else is due."""
        for probe in self._run.state.probes:
            if probe.kind == "frame":
                yield from probe.measure(self._run.subject)

    def _validation(self) -> Event:
        run = self._run
        with self.timing("metrics"):
            found = validation(run.subject, uneven=run.spec.data.uneven)
        return replace(found, **run.subject.stamp())
