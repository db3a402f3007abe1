"""An ensemble as the lines of a table: each member, each number of members, each pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from foldscape.ensembles.rows import ADDED, IN_WEIGHTS, MEMBERS, PAIR, PAIRWISE

TableLine = list[Any]
SCORES = ("accuracy", "nll", "ece")
HEADING = ["what", "first", "second", "members", "weight", *SCORES, *PAIRWISE]


def ensemble_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[TableLine]:
    """Give the heading and the lines of an ensemble: members, then as they are added, then pairs.

    Args:
        rows: All rows of an ensemble.

    Yields:
        Lines of equally many fields, the heading first; what is not known is ``None``.
    """
    yield HEADING
    by_key = {str(one["key"]): one for one in rows}
    members = by_key[MEMBERS]["members"] if MEMBERS in by_key else []
    for one in members:
        yield _line("member", one, first=one["name"], members=1, weight=one["weight"])
    for one in counted(rows):
        yield _line("ensemble", one, members=one["members"])
    if IN_WEIGHTS in by_key:
        yield _line("mean of weights", by_key[IN_WEIGHTS], members=len(members) or None)
    for one in paired(rows):
        names = [members[one[end]]["name"] if members else one[end] for end in ("first", "second")]
        yield _line("pair", {name: one[name] for name in PAIRWISE}, first=names[0], second=names[1], members=2)


def counted(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the rows of an ensemble as members are added, in that order."""
    return sorted((one for one in rows if _is(one, ADDED)), key=lambda one: int(one["members"]))


def paired(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the rows of pairs, in the order of their members."""
    return sorted((one for one in rows if _is(one, PAIR)), key=lambda one: (one["first"], one["second"]))


def matrix_of(rows: Sequence[Mapping[str, Any]], name: str, members: int) -> np.ndarray:
    """Lay a pairwise measure out as a symmetric matrix.

    Args:
        rows: All rows of an ensemble.
        name: The measure.
        members: M.

    Returns:
        (M, M) with NaN where it is not known; the diagonal is that of a net and itself, 1 for the correlation of
        errors and 0 for the distances.
    """
    found = np.full((members, members), np.nan)
    np.fill_diagonal(found, 1.0 if name == "error_correlation" else 0.0)
    for one in paired(rows):
        value = np.nan if one[name] is None else one[name]
        found[one["first"], one["second"]] = found[one["second"], one["first"]] = value
    return found


def _line(what: str, values: Mapping[str, Any], **known: Any) -> TableLine:
    told = {"what": what, **known, **{name: values.get(name) for name in (*SCORES, *PAIRWISE)}}
    return [told.get(name) for name in HEADING]


def _is(one: Mapping[str, Any], name: str) -> bool:
    return str(one["key"]).partition(".")[0] == name
