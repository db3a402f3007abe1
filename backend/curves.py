"""Curves for a comparison, read from the log of runs that have ended or still go on.

Operations are counted with the net that there was at the time, as its growths told, or else by its parameters
(``foldscape.net.compute``); measuring is not counted. The log holds no time of its own for each
row, so a run's whole time is spread evenly over its updates, pauses and measuring included. Of a fork neither is known.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from backend import history
from backend.binary import PackedEntry, metrics_table
from foldscape.comparison import Curve
from foldscape.comparison.curve import json_numbers
from foldscape.events import COLUMNS as LOGGED
from foldscape.measures.declared import TOLD, TOLD_BY, TOLD_IN, values_of
from foldscape.measures.declared import probe_settings as made_of
from foldscape.measures.ratio import ratio_columns
from foldscape.net import compute
from foldscape.spec import RunSpec
from foldscape.wire import unpack
from workers.keys import FIRST
from workers.run_log.web import RunLog

NOT_SETTINGS = {"seed", "queue", "speed", "probes"}
"""Parts of a spec that tell apart where, how fast and with which seed a run went, or what was measured of it."""
KEPT = 400
Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class RunCurve:
    """A run's curve with what else a comparison shows of it.

    Attributes:
        curve: The curve.
        state: What the run does.
        plane: Whether its points lie in the plane.
        slice: Its last slice: ``t``, ``train`` and ``step``; ``None`` if none was measured.
    """

    curve: Curve
    state: str
    plane: bool
    slice: dict[str, Any] | None


class CurveReader:
    """Reads curves and keeps those of runs that have not moved since."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], RunCurve] = OrderedDict()

    async def read(self, log: RunLog, run: str) -> RunCurve:
        """Read a run.

        Args:
            log: The run log.
            run: Its id.

        Returns:
            Its curve, as far as it has come.

        Raises:
            RunNotFound: When there is no such run.
        """
        summary = await log.summary(run)
        key = (run, *(summary[name] for name in ("state", "step", "heartbeat", "version", "name")))
        if key not in self._kept:
            spec = await log.spec(run)
            rows = [block async for page in history.blocks(log, run) for block in page]
            self._kept[key] = await asyncio.to_thread(curve_of_run, summary, spec, rows, await _events(log, run))
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


async def _events(log: RunLog, run: str) -> list[PackedEntry]:
    found: list[PackedEntry] = []
    after = FIRST
    while rows := await log.read_stream(run, "events", after=after, count=history.READ_COUNT):
        found += [PackedEntry(row.id, row.fields["h"], row.fields["b"]) for row in rows]
        after = rows[-1].id
    return found


def curve_of_run(
    summary: dict[str, Any], spec: RunSpec, rows: Sequence[PackedEntry], events: Sequence[PackedEntry]
) -> RunCurve:
    """Make a run's curve of what its log holds.

    Args:
        summary: The run's summary.
        spec: What decides it.
        rows: Its blocks of metrics rows.
        events: Its other events.

    Returns:
        The curve with the run's state and its newest slice.
    """
    heads = [orjson.loads(entry.head) for entry in events]
    births = _births(heads)
    columns = _columns(metrics_table(rows), heads)
    fork = summary["parent_step"] is not None
    columns["flops"] = _flops(columns, heads, spec, fork)
    rates = columns.pop("lr")
    columns |= ratio_columns(spec, columns["updates"], rates, columns["lambda_none"])
    columns["seconds"] = _seconds(columns["updates"], summary, fork)
    columns["growing_seconds"] = _growing(columns["updates"], heads)
    settings = deciding_settings(spec, summary, bool(births))
    points = " and ".join(sorted({head["subset"] for head in heads if head["kind"] in TOLD_BY and head["subset"]}))
    names = spec.data.identity, spec.parted, spec.loss.label, points
    made, restored = _made_with(heads), _restored(heads)
    told = settings, spec.seed, columns, births, *names, made, spec.restarts, restored
    curve = Curve(summary["id"], summary["name"], *told)
    return RunCurve(curve, summary["state"], spec.data.features == 2, _slice(events, heads))


def deciding_settings(spec: RunSpec, summary: dict[str, Any], has_births: bool) -> dict[str, Any]:
    """Give everything that decides a run but its seed, and by which method it comes to its size.

    Args:
        spec: The run's spec.
        summary: Its summary, which knows where it was forked.
        has_births: Whether it was given a neuron, by hand if not by itself.

    Returns:
        The settings as plain JSON.
    """
    grown = has_births or spec.growth.schedule.kind != "by_hand"
    told = {name: value for name, value in spec.model_dump(mode="json").items() if name not in NOT_SETTINGS}
    fork = {} if summary["parent_step"] is None else {"forked": f"{summary['parent']} at {summary['parent_step']}"}
    return {"method": "grown" if grown else "fixed", **told, **fork}


def _columns(rows: tuple[np.ndarray, np.ndarray], heads: Sequence[dict[str, Any]]) -> Columns:
    """Lay metrics rows and measurements on one axis of updates."""
    steps, values = rows
    found = [head for head in heads if head["kind"] in TOLD_IN]
    newest = _made_with(heads)
    updates = np.union1d(steps, [head["step"] for head in found]).astype(np.float64)
    at = np.searchsorted(updates, steps)
    columns = {name: np.full(len(updates), np.nan) for name in (*LOGGED, *TOLD)}
    for place, name in enumerate(LOGGED):
        if len(steps):
            columns[name][at] = values[:, place]
    for head in found:
        row = np.searchsorted(updates, head["step"])
        made = made_of(head)
        for name, value in values_of(head).items():
            if made.get(name) == newest.get(name):
                columns[name][row] = math.nan if value is None else value
    return {**columns, "updates": updates}


def _made_with(heads: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Say with which settings each column was measured last; only numbers that were made with these are kept."""
    return {name: made for head in heads if head["kind"] in TOLD_BY for name, made in made_of(head).items()}


def _births(heads: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """Give the updates of the births that were not taken back."""
    gone = {(head["birth_step"], head["birth_seq"]) for head in heads if head["kind"] == "undone"}
    born = [head for head in heads if head["kind"] == "grown" and (head["step"], head["seq"]) not in gone]
    return tuple(sorted(head["step"] for head in born))


def _restored(heads: Sequence[dict[str, Any]]) -> int | None:
    """Give the updates of the moment that came back at the end, if one did."""
    found = [int(head["best_step"]) for head in heads if head["kind"] == "restored"]
    return found[-1] if found else None


def _flops(columns: Columns, heads: Sequence[dict[str, Any]], spec: RunSpec, fork: bool) -> np.ndarray:
    """Count the operations up to each row; what was grown, or taken back, counts from that update on."""
    updates = columns["updates"]
    if fork or not len(updates):
        return np.full(len(updates), np.nan)
    moved, parameters, told = _resized(heads)
    moments = np.concatenate([updates, moved])
    order = np.argsort(moments, kind="stable")
    sizes = np.concatenate([columns["parameters"], parameters])
    each = _of_found_net(heads, len(sizes))
    if each is None:
        each = np.array(spec.net.flops_on(sizes, spec.data.shape, spec.data.classes), np.float64)
    if np.isfinite(told).any():  # from the first growth that told it on, only what growths told counts
        each[moments > np.array(moved)[np.isfinite(told)].min()] = math.nan
        each[len(updates) :] = np.where(np.isfinite(told), told, each[len(updates) :])
    each = each[order]
    done = np.empty(len(moments))
    done[order] = compute.operations_along(spec.train_size * spec.calendar.epochs_at(moments[order]), each)
    return done[: len(updates)]


def _of_found_net(heads: Sequence[dict[str, Any]], moments: int) -> np.ndarray | None:
    """Give the operations a sample as the run counted them; ``None`` where they follow from the spec."""
    found = [head["multiplications"] for head in heads if head["kind"] == "net"]
    if not found:
        return None
    return np.full(moments, math.nan if found[0] is None else float(compute.per_sample(found[0])))


def _resized(heads: Sequence[dict[str, Any]]) -> tuple[list[int], list[float], list[float]]:
    """Give the updates at which the net was grown or went back, in order, its parameters and told operations since."""
    before: dict[tuple[int, int], tuple[float, float]] = {}
    moved: list[int] = []
    since: list[tuple[float, float]] = []
    for head in heads:
        if head["kind"] == "grown":
            before[head["step"], head["seq"]] = head["parameters_before"], head.get("flops_before", math.nan)
            since.append((head["parameters_after"], head.get("flops_after", math.nan)))
        elif head["kind"] == "undone":
            since.append(before.get((head["birth_step"], head["birth_seq"]), (math.nan, math.nan)))
        else:
            continue
        moved.append(head["step"])
    return moved, [parameters for parameters, _ in since], [told for _, told in since]


def _growing(updates: np.ndarray, heads: Sequence[dict[str, Any]]) -> np.ndarray:
    """Add up the time spent growing up to each row; NaN from the first growth on that nobody timed."""
    births = [(head["step"], head.get("seconds", math.nan)) for head in heads if head["kind"] == "grown"]
    spent = np.zeros(len(updates))
    for step, seconds in births:
        spent[updates >= step] += seconds
    return spent


def _seconds(updates: np.ndarray, summary: dict[str, Any], fork: bool) -> np.ndarray:
    began, ended = summary["started"], summary["ended"] or summary["heartbeat"]
    last = float(updates[-1]) if len(updates) else 0.0
    if fork or began is None or ended is None or last == 0:
        return np.full(len(updates), np.nan)
    seconds: np.ndarray = (ended - began) / 1000 * updates / last
    return seconds


def _slice(events: Sequence[PackedEntry], heads: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    for entry, head in zip(reversed(events), reversed(heads), strict=True):
        if head["kind"] == "slice" and head["direction"] == 1:
            arrays = unpack(entry.head, entry.body)[1]
            return {"step": head["step"], "t": arrays["t"].tolist(), "train": json_numbers(arrays["train"])}
    return None
