"""All columns that there are, by name: the scalars of a run, then what each probe declares, plugins included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from foldscape.errors import InvalidInput
from foldscape.measures.column import Column
from foldscape.measures.pooled import POOLED
from foldscape.measures.scalars import SCALARS
from foldscape.probes import Probe
from foldscape.registry import kinds, leave_out


def collected(probes: Iterable[type[Probe]]) -> Iterator[tuple[Column, str]]:
    """Give the columns with the kind of their probe, empty for scalars; one that is declared twice is left out.

    Args:
        probes: The probes.

    Yields:
        Each column once; of two with one name the first, with a warning that names both.
    """
    owners: dict[str, str] = {}
    mine = ((column, str(probe.model_fields["kind"].default)) for probe in probes for column in probe.columns)
    for column, kind in (*((scalar, "") for scalar in (*SCALARS, *POOLED)), *mine):
        if column.name in owners:
            first = f"the probe {owners[column.name]}" if owners[column.name] else "the scalars of every run"
            leave_out(
                f"The probe {kind} declares the column {column.name}, which {first} has already; it is left out. "
                "Give it another name."
            )
            continue
        owners[column.name] = kind
        yield column, kind


_ALL = tuple(collected(kinds("foldscape.probes", Probe).values()))  # type: ignore[arg-type]
MEASURES: dict[str, Column] = {column.name: column for column, _ in _ALL}
"""Every column by its name, in the order of a curve's."""
PROBE_OF: dict[str, str] = {column.name: kind for column, kind in _ALL}
"""The kind of the probe that declares it; empty for the scalars of a run."""
FLATNESS: tuple[Column, ...] = tuple(column for column in MEASURES.values() if column.flatness)
"""The columns that measure flatness: each is compared with itself only, since finer groups give smaller numbers."""
TOLD: tuple[str, ...] = tuple(name for name, column in MEASURES.items() if column.told)
"""Names of the columns that events tell one by one: those of the probes and of the validation part."""
TOLD_IN: frozenset[str] = frozenset(MEASURES[name].event for name in TOLD)
"""Kinds of these events."""
TOLD_BY: frozenset[str] = frozenset(column.event for column, kind in _ALL if kind)
"""Kinds of the events in which probes tell columns."""

if TYPE_CHECKING:
    MeasureName = str
else:
    MeasureName = Literal[tuple(MEASURES)]
"""The name of a column; in specs and requests any other is refused with those that there are."""


def measure_of(name: str) -> Column:
    """Give a column by its name.

    Returns:
        The column.

    Raises:
        InvalidInput: If there is none of that name.
    """
    if name not in MEASURES:
        raise InvalidInput(f"No measure is called {name!r}.", hint=f"Choose one of {', '.join(MEASURES)}.")
    return MEASURES[name]


def values_of(event: Any) -> dict[str, float | None]:
    """Give what an event tells, but for the rows of scalars.

    Args:
        event: An event of a probe or of the validation part, or its fields by name with ``kind``.

    Returns:
        Its numbers by column; ``None`` is one that was not found.
    """
    found: dict[str, float | None] = {}
    for name in TOLD:
        found |= MEASURES[name].read(event)
    return found


def probe_settings(event: Any) -> dict[str, str]:
    """Say of each column that an event tells with which settings of its probe it was made, where it depends on any."""
    return {name: MEASURES[name].made_with(event) for name in values_of(event) if MEASURES[name].set_by}


def columns_as_json() -> list[dict[str, Any]]:
    """Give all columns as plain JSON."""
    return [column.to_json(PROBE_OF[name]) for name, column in MEASURES.items()]
