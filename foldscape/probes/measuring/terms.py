"""The values of a run's gradient terms."""

from __future__ import annotations

import numpy as np

from foldscape.measurements import Scalars
from foldscape.probes.measuring.moment import known
from foldscape.subject import Subject
from foldscape.terms import WeightDecay
from foldscape.terms.held import of_kind


def terms(subject: Subject) -> Scalars:
    """Work out what each term adds to the loss at this moment."""
    net, x, held = subject.net, subject.split.train_x, subject.held_by_terms()
    found: dict[str, float | None] = {}
    for term in (WeightDecay(strength=subject.weight_decay), *subject.terms):
        value = term.value_of(net, x, of_kind(term.kind, held), subject.step)
        found[term.column.name] = known(np.nan if value is None else value)
    return Scalars(
        **subject.stamp(), epoch=subject.epoch, points=0, subset="", method="closed form", iterations=0, residual=None,
        probe="terms", values=found,
    )  # fmt: skip
