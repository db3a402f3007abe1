"""What all terms of a run hold, under one name each: ``kind.name``, as an engine's memory and a snapshot have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from foldscape.optimizer.memory import Blocks
from foldscape.terms.base import Carry, Term

T = TypeVar("T")


def of_kind(kind: str, held: Mapping[str, T]) -> dict[str, T]:
    """Give what the term of one kind holds, by its own names."""
    return {name.partition(".")[2]: value for name, value in held.items() if name.partition(".")[0] == kind}


def together(parts: Mapping[str, Mapping[str, T]]) -> dict[str, T]:
    """Give what the terms hold, by kind and own name, under one name each."""
    return {f"{kind}.{name}": value for kind, own in parts.items() for name, value in own.items()}


def terms_begun(terms: Iterable[Term], theta: Blocks) -> dict[str, Blocks]:
    """Give what terms hold before the first update."""
    return together({term.kind: term.begin(theta) for term in terms})


def grown(terms: Iterable[Term], held: Mapping[str, Blocks], theta: Blocks, carry: Carry) -> dict[str, Blocks]:
    """Give what terms hold of a grown net; see ``Term.grown``."""
    return together({term.kind: _grown(term, of_kind(term.kind, held), theta, carry) for term in terms})


def _grown(term: Term, held: Mapping[str, Blocks], theta: Blocks, carry: Carry) -> dict[str, Blocks]:
    shaped = {name: blocks for name, blocks in held.items() if name not in term.unshaped}
    plain = {name: held[name] for name in held if name in term.unshaped}
    return {**term.grown(shaped, theta, carry), **plain} if held else {}
