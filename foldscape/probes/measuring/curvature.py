"""The ends of the Hessian's spectrum, their scale-free partners, and the stability edge beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foldscape import curvature as curves
from foldscape.events import Curvature
from foldscape.probes.measuring.moment import TOLERANCE, believed, known, measured_on, objective_now, top_pairs
from foldscape.subject import Subject


def curvature(subject: Subject, k: int, smallest: bool, granularities: Sequence[str]) -> Curvature:
    """Measure the ends of the spectrum at this moment."""
    objective = objective_now(subject)
    pairs = top_pairs(subject, k)
    values = believed(pairs)[:k]
    low = curves.top_eigenpairs(objective, which="SA", tol=TOLERANCE) if smallest else None
    scale_free = {name: curves.flatness(objective, granularity=name) for name in granularities}
    products = pairs.iterations + sum(it.iterations for it in scale_free.values()) + (low.iterations if low else 0)
    return Curvature(
        **measured_on(subject, pairs.method, products, float(pairs.residuals[:k].max())),
        lambda_max=known(values[0]),
        **edge_fields(subject, objective),
        values=values,
        residuals=pairs.residuals[:k],
        smallest=known(believed(low)[0]) if low else None,
        smallest_residual=float(low.residuals[0]) if low else None,
        flatness={name: known(believed(it)[0]) for name, it in scale_free.items()},
        flatness_residual={name: float(it.residuals[0]) for name, it in scale_free.items()},
        flat_channels=[
            {"layer": pair.layer, "units": list(pair.units), "incoming_cosine": pair.incoming_cosine}
            for pair in curves.flat_channels(subject.net)
        ],
    )


def edge_fields(subject: Subject, objective: curves.Objective) -> dict[str, Any]:
    """Give the stability edge of the optimiser in use, and the eigenvalue that it is an edge of if that is another."""
    rule = subject.optimizer
    edge = rule.edge(subject.lr)
    if edge is None:
        return {"edge": None, "edge_name": "", "edge_note": f"No stability edge of {rule.name} is known."}
    fields = {"edge": edge.value, "edge_name": edge.name, "edge_of": edge.of}
    if edge.of == "hessian":
        return fields
    steps = f"{rule.name}'s steps"
    if subject.net.is_folded:
        return fields | {"edge_note": f"{steps} are not known for weights with batch normalisation folded in."}
    scale = None if subject.engine is None else rule.step_scale(subject.engine.memory)
    if scale is None or not scale.any():
        return fields | {"edge_note": f"{steps} have no length before the first update."}
    found = curves.top_eigenpairs(objective, tol=TOLERANCE, scale=scale)
    return fields | {"preconditioned": known(believed(found)[0])}
