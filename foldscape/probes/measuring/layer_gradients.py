"""The norm of the gradient in each layer of a run's net."""

from __future__ import annotations

from collections.abc import Iterator

from foldscape import curvature as curves
from foldscape.events import LayerGradients
from foldscape.probes.measuring.moment import finite_objective, known, measured_on
from foldscape.subject import Subject


def by_layer(subject: Subject) -> Iterator[LayerGradients]:
    """Measure the gradient by layer; batch normalisation counts as folded in."""
    objective = finite_objective(subject)
    if objective is None:
        return
    found = curves.layer_gradients(objective)
    yield LayerGradients(
        **measured_on(subject, "backward pass", 1),
        names=list(found.names),
        norms=found.norms,
        first=float(found.norms[0]),
        last=float(found.norms[-1]),
        per_layer=known(found.per_layer),
    )
