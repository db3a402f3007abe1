"""Gradient terms, one file each: what a run adds to its loss, and to the loss's gradient before each update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.registry import union_of
from foldscape.terms.base import Carry, Term, TermMoment
from foldscape.terms.hills import HillPenalty
from foldscape.terms.weight_decay import WeightDecay

if TYPE_CHECKING:
    TermSpec = Term
else:
    TermSpec = union_of("foldscape.terms", Term)

__all__ = ["Carry", "HillPenalty", "Term", "TermMoment", "TermSpec", "WeightDecay"]
