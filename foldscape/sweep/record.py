"""What is written down of a run: when it is looked at, and the row of numbers that it then gets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from foldscape import curvature
from foldscape.arrays import Float64Array
from foldscape.data.base import Split
from foldscape.engine.switching import Switching
from foldscape.events import Validation
from foldscape.measures.declared import probe_settings, values_of
from foldscape.measures.pooled import POOLED
from foldscape.measures.ratio import ratio_columns
from foldscape.measures.scalars import SCALARS
from foldscape.net.compute import operations_along
from foldscape.net.matthews import matthews
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.subject import Subject
from foldscape.sweep.moments import Moment
from foldscape.sweep.result import Record
from foldscape.sweep.spec import Measure
from foldscape.training.opening import subject_of
from foldscape.wire import finite


class Recorder:
    """Writes the curve of one run.

    Args:
        measure: What is measured, and when.
        split: The data; curvature is measured on the whole training set, or on 2,000 fixed points of a larger one.
        run: What decides the run.
    """

    def __init__(self, measure: Measure, split: Split, run: RunSpec) -> None:
        self._measure, self._split, self._run = measure, split, run
        self._subset = curvature.probe_subset(len(split.train_x))
        self._rows: list[dict[str, float | None]] = []
        self._births: dict[tuple[int, int], dict[str, Any]] = {}
        self._growing = 0.0
        self._open = sorted(measure.at_losses, reverse=True)
        self._reached: dict[str, float] = {}
        self._moments: list[tuple[int, float]] = []
        self._at: list[int] = []
        self._rates: list[float] = []
        self._last: Moment | None = None
        self._subject: Subject | None = None
        self._made_with: dict[str, str] = {}
        asked = {probe.kind for probe in measure.probes}
        self._probes = (*measure.probes, *(probe for probe in run.probes if probe.kind not in asked))
        own = [term.column.name for term in run.terms]
        own += [column.name for probe in run.probes if probe.kind == "average" for column in probe.columns]
        self._columns = tuple(dict.fromkeys((*measure.columns, *own)))

    @property
    def scored(self) -> int:
        """Epochs between two rows of metrics that it needs."""
        return 1 if self._open else self._measure.every

    def see(self, moment: Moment) -> None:
        """Take in the next moment, and measure it if it is due."""
        self._moments.append((moment.updates, moment.net.flops_per_sample))
        if moment.undone is not None:
            self._births.pop((moment.undone.birth_step, moment.undone.birth_seq), None)
        if moment.born is not None:
            self._growing += moment.born.seconds or 0.0
            self._see_birth(moment)
        elif moment.scalars and self._is_due(moment):
            self._write(moment)
        self._last = moment

    def curve(self) -> Record:
        """Give what has been written so far."""
        validated = bool(len(self._split.validation_y))
        told = (scalar.name for scalar in SCALARS if validated or scalar.event != Validation.kind)
        together = (column.name for column in POOLED if any(column.name in row for row in self._rows))
        names = (*told, *together, *self._columns)
        restored = self._last.restored if self._last is not None else None
        columns = {name: [row.get(name) for row in self._rows] for name in names}
        columns["flops"] = self._flops()
        columns |= self._ratios()
        return Record(
            columns=columns,
            births=list(self._births.values()),
            reached=self._reached,
            points=self._subset.hash,
            made_with=self._made_with,
            restored=restored,
        )

    def _is_due(self, moment: Moment) -> bool:
        crossed = self._crosses(moment)
        return crossed or moment.epoch % self._measure.every == 0 or bool(moment.over or moment.pooled)

    def _crosses(self, moment: Moment) -> bool:
        """Strike off the losses that have now been reached."""
        loss = moment.scalars["train_loss"]
        before = len(self._open)
        while self._open and loss <= self._open[0]:
            self._reached[f"{self._open.pop(0):g}"] = moment.epoch
        return len(self._open) < before

    def _see_birth(self, moment: Moment) -> None:
        born, last = moment.born, self._last
        assert born is not None
        entry: dict[str, Any] = {
            "epoch": born.epoch, "updates": born.step, "method": born.method, "layer": born.layer,
            "neurons": moment.scalars["neurons"], "parameters": moment.scalars["parameters"],
            "kept": finite(born.kept), "loss_change": finite(born.loss_change),
        }  # fmt: skip
        if self._measure.births:
            if last is not None:
                entry["before"] = self._measured(last)
            self._write(moment)
            entry["after"] = {name: self._rows[-1][name] for name in self._columns}
        self._births[born.step, born.seq] = entry

    def _write(self, moment: Moment) -> None:
        """Write a row; of two rows of one update the later stands."""
        told = {scalar.name for scalar in SCALARS}
        row = {name: finite(value) for name, value in moment.scalars.items() if name in told}
        row |= {"updates": moment.updates, "seconds": round(moment.seconds, 6)}
        row |= {"growing_seconds": round(self._growing, 6)}
        if self._rows and self._rows[-1]["updates"] == moment.updates:
            self._rows.pop()
            self._at.pop()
            self._rates.pop()
        self._at.append(len(self._moments) - 1)
        self._rates.append(moment.lr)
        row |= {name: finite(value) for name, value in moment.pooled.items()}
        self._rows.append(row | self._matthews(moment.net) | self._measured(moment))

    def _ratios(self) -> dict[str, list[float | None]]:
        """Work out what follows from learning rate and batch at each row."""
        updates, sharpest = (self._read(name) for name in ("updates", "lambda_none"))
        found = ratio_columns(self._run, updates, self._rates, sharpest)
        return {name: [finite(value) for value in values.tolist()] for name, values in found.items()}

    def _read(self, name: str) -> Float64Array:
        """Give a column of what has been written; NaN where nothing is known."""
        return np.array([math.nan if (value := row.get(name)) is None else value for row in self._rows])

    def _flops(self) -> list[float | None]:
        """Count the operations up to each row."""
        updates, each = np.array(self._moments, np.float64).reshape(-1, 2).T
        calendar = self._run.calendar
        done = operations_along(calendar.points * calendar.epochs_at(updates), each)
        return [float(done[place]) for place in self._at]

    def _matthews(self, net: Weights) -> dict[str, float | None]:
        """Correlate answers and truth on the test points."""
        x, y = self._split.test_x, self._split.test_y
        if not len(y) or not net.is_finite():
            return {"test_matthews": None}
        return {"test_matthews": matthews(y, net.logits(x).argmax(axis=1), self._split.classes)}

    def _measured(self, moment: Moment) -> dict[str, float | None]:
        """Measure what was asked for; nothing of a net that has left the finite numbers."""
        found: dict[str, float | None] = dict.fromkeys(self._columns)
        if found and moment.net.is_finite():
            found |= self._flatness(moment.net)
            found |= {name: value for name, value in self._probed(moment).items() if name in found}
        return found

    def _probed(self, moment: Moment) -> dict[str, float | None]:
        """Let the probes look at a moment; they remember what they found at the last one."""
        found: dict[str, float | None] = {}
        if not self._probes:
            return found
        if self._subject is None:
            self._subject = subject_of(self._run, self._split, moment.net, moment.net.unit_ids())
        subject = self._subject
        subject.net, subject.units, subject.average = moment.net, moment.net.unit_ids(), moment.average
        subject.step, subject.epoch, subject.seq = moment.updates, moment.epoch, 0
        subject.batch = self._run.calendar.batch_at(int(min(moment.epoch, self._run.stop.epochs - 1)))
        subject.lr, subject.weight_decay, subject.held = moment.lr, moment.weight_decay, moment.memory.terms
        subject.notes |= moment.notes
        if any(probe.needs_engine for probe in self._probes):
            subject.engine = Switching(self._run, moment.net, self._split)
            subject.engine.load(moment.net, moment.memory)
        for probe in self._probes:
            for event in probe.measure(subject):
                found |= values_of(event)
                self._made_with |= probe_settings(event)
        return found

    def _flatness(self, net: Weights) -> dict[str, float | None]:
        """Measure the curvature of a net."""
        if not self._measure.flatness and not self._measure.trace:
            return {}
        x, y, chosen = self._split.train_x, self._split.train_y, self._subset
        points = (x, y) if chosen.whole else (x[chosen.indices], y[chosen.indices])
        objective = net.objective(*points, self._run.loss)
        values = curvature.all_flatness(objective, self._measure.flatness)
        found = {f"lambda_{name}": finite(value) for name, value in values.items()}
        if self._measure.trace:
            found["trace"] = finite(curvature.trace(objective).value)
        return found
