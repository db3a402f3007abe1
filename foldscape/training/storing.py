"""Take the whole state of a run, and go on from one that was taken."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import TypeAdapter

from foldscape.terms import Term, TermSpec
from foldscape.training.grower import Grower
from foldscape.training.kept import Kept
from foldscape.training.running import Running
from foldscape.training.snapshot import Arrays, Snapshot
from foldscape.training.state import RunState

_TERMS: TypeAdapter[tuple[Term, ...]] = TypeAdapter(tuple[TermSpec, ...])


def snapshot_of(run: Running, grower: Grower, *, with_past: bool) -> Snapshot:
    """Take the whole state of a run.

    Args:
        run: The run.
        grower: Its growth.
        with_past: Whether growths before it can be taken back afterwards.

    Returns:
        The snapshot.
    """
    subject, engine, state = run.subject, run.engine, run.state
    data: dict[str, Any] = {
        **state.plain(),
        "step": subject.step,
        "seq": subject.seq,
        "lr": engine.lr,
        "weight_decay": engine.weight_decay,
        "growth": grower.state(with_past),
        "notes": sorted(subject.notes),
        **run.averager.state(),
    }
    if subject.terms != run.spec.other_terms:
        data["terms"] = [term.model_dump(mode="json") for term in subject.terms]
    notes = {f"note_{name}": value for name, value in subject.notes.items()}
    now: Arrays = Kept(engine.weights, engine.memory, subject.units).arrays()
    return Snapshot(data, now | state.watch.arrays() | grower.arrays(with_past) | run.averager.arrays() | notes)


def restore(run: Running, grower: Grower, start: Snapshot) -> None:
    """Go on from a snapshot, of this version or an earlier one.

    Args:
        run: The run at its beginning.
        grower: Its growth.
        start: The snapshot.
    """
    data, subject, engine = start.data, run.subject, run.engine
    arrays: dict[str, Any] = dict(start.arrays)
    now = Kept.read(arrays, subject.net)
    if "terms" in data:  # a command has changed them
        engine.terms = subject.terms = _TERMS.validate_python(data["terms"])
    engine.load(now.net, now.memory)
    engine.lr, engine.weight_decay = data["lr"], data["weight_decay"]
    subject.units = now.units
    subject.weight_decay = data["weight_decay"]
    subject.notes = {name: np.asarray(arrays[f"note_{name}"]) for name in data["notes"]}
    run.state = RunState.restored(data, arrays, engine.weights, run.spec.probes)
    grower.restore(data["growth"], arrays)
    run.averager.restore(data, arrays, engine.weights)
    subject.average = run.averager.net
    run.stand(start.step)
    subject.seq = data["seq"]
