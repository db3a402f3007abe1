"""The ways between nets: straight, straight after the units were put in order, a trained curve; a hub of three."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from foldscape.landscape import Connection, Evaluator, curve_connection, hub, linear_connection
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.rows import GROUND, LandscapeProgress, LandscapeRow, row
from foldscape.landscape.recorded.spec import ConnectionOf
from foldscape.wire import finite

BATCH = 128
"""Samples of an update of a curve."""


def ways(centre: Centre, spec: ConnectionOf) -> Iterator[LandscapeProgress]:
    """Measure the straight way, that after units or channels were put in order where they can be, and the curve."""
    yield LandscapeProgress(share=0.02, doing="Reading the other net")
    b = centre.other(spec.to, spec.to_step, aligned=False)
    ends = {"linear": b}
    if not (unordered := centre.why_not_ordered):
        ends["ordered"] = centre.other(spec.to, spec.to_step, aligned=True)
    a, arrays = centre.theta, {"other": b} | {key: end for key, end in ends.items() if key == "ordered"}
    begun = row(GROUND, centre.about() | {"not_ordered": unordered}, {"theta": a} | arrays)
    yield LandscapeProgress(share=0.05, doing="Ends found", rows=(begun,))
    for share, (key, end) in zip((0.2, 0.4), ends.items(), strict=False):
        found = {name: linear_connection(which, a, end, spec.points) for name, which in centre.evaluators()}
        measured = way_row(key, found, {})
        yield LandscapeProgress(share=share, doing=f"The {key} way is measured", rows=(measured,))
    yield LandscapeProgress(share=0.4, doing=f"Training a curve with {spec.updates:,} updates")
    trained_on, epochs = training(centre, spec)
    curve = curve_connection(trained_on, a, b, epochs=epochs, batch=BATCH, seed=spec.seed, points=spec.points)
    assert curve.bend is not None
    found = {
        name: curve_connection(which, a, b, epochs=0, bend=curve.bend, points=spec.points)
        for name, which in centre.evaluators()
    }
    last = way_row("curve", found, {"bend": curve.bend})
    yield LandscapeProgress(share=1, doing=f"{len(ends) + 1} ways", rows=(last,))


def hub_ways(centre: Centre, spec: ConnectionOf) -> Iterator[LandscapeProgress]:
    """Measure the straight ways from three nets to a hub, and from each net to the next."""
    assert spec.third is not None
    yield LandscapeProgress(share=0.02, doing="Reading the other nets")
    others = [(spec.to, spec.to_step), (spec.third, spec.third_step)]
    nets = [centre.theta, *(centre.other(run, step, aligned=False) for run, step in others)]
    arrays = dict(zip(("theta", "other", "third"), nets, strict=True))
    begun = row(GROUND, centre.about(), arrays)
    yield LandscapeProgress(share=0.05, doing=f"Training a hub with {spec.updates:,} updates", rows=(begun,))
    trained_on, epochs = training(centre, spec)
    hub_net, _ = hub(trained_on, np.stack(nets), epochs=epochs, batch=BATCH, seed=spec.seed)
    for place, net in enumerate(nets):
        found, straight = (
            {name: linear_connection(which, net, end, spec.points) for name, which in centre.evaluators()}
            for end in (hub_net, nets[place - 1])
        )
        hills = {name: finite(way.barrier) for name, way in straight.items()}
        said = way_row(f"hub{place}", found, {"centre": hub_net}, {"straight": hills})
        share = (4 + place) / 6 if place < 2 else 1
        yield LandscapeProgress(share=share, doing="Three ways to a hub", rows=(said,))


def training(centre: Centre, spec: ConnectionOf) -> tuple[Evaluator, int]:
    """Give what a point is trained on, and the passes over it that the updates make."""
    trained_on = centre.train or centre.test
    assert trained_on is not None
    return trained_on, -(-spec.updates // -(-trained_on.samples // BATCH))


def way_row(
    key: str, found: dict[str, Connection], more: dict[str, np.ndarray], plain: Mapping[str, Any] | None = None
) -> LandscapeRow:
    """Give a way between two nets as a row."""
    arrays = {"t": next(iter(found.values())).t} | more
    about = dict(plain or {})
    for name, way in found.items():
        arrays |= {f"{name}_loss": way.loss.astype(np.float32), f"{name}_accuracy": way.accuracy.astype(np.float32)}
        about[name] = {"barrier": finite(way.barrier), "accuracy_drop": finite(way.accuracy_drop)}
    return row(f"way.{key}", about, arrays)
