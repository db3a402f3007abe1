"""Sweeps from Python: read one, and carry it out in memory or in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foldscape.comparison import Curve
from foldscape.device import why_not
from foldscape.errors import InvalidInput
from foldscape.reading import read_file
from foldscape.start import StartSource
from foldscape.sweep.carry import follow
from foldscape.sweep.check import problems, without_card
from foldscape.sweep.cost import must_fit
from foldscape.sweep.curves import curves
from foldscape.sweep.expand import device_of, expand
from foldscape.sweep.folder import Folder, manifest_of
from foldscape.sweep.result import CellResult, SweepProgress
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.starting import begin, taken_all


@dataclass(frozen=True)
class SweepResult:
    """A sweep that was carried out.

    Attributes:
        spec: What it was.
        rows: Its runs, in the order of the spec.
        manifest: Everything needed to do it again.
    """

    spec: SweepSpec
    rows: tuple[CellResult, ...]
    manifest: dict[str, Any]

    def curves(self) -> list[Curve]:
        """Give the runs that came to their end as ``foldscape.comparison`` takes them."""
        return curves(self.spec, self.rows)


def read(given: SweepSpec | Mapping[str, Any] | Path | str) -> SweepSpec:
    """Read a sweep from a YAML or JSON file, or from plain values.

    Returns:
        The sweep.

    Raises:
        NotReadable: If the file is no YAML; says the line.
        pydantic.ValidationError: If it is no sweep.
    """
    if isinstance(given, SweepSpec):
        return given
    plain = given if isinstance(given, Mapping) else read_file(Path(given))
    return SweepSpec.model_validate(plain)


def run(
    given: SweepSpec | Mapping[str, Any] | Path | str,
    folder: Path | str | None = None,
    *,
    threads: int | None = None,
    source: StartSource | None = None,
    tell: Callable[[SweepProgress], None] | None = None,
) -> SweepResult:
    """Carry a sweep out and give its curves.

    Args:
        given: The sweep, or the YAML or JSON file that holds it.
        folder: Where to keep each run as soon as it is over; a sweep begun there goes on with the runs that are left.
        threads: Threads to compute on; ``None`` is one a processor.
        source: Where the weights are that runs begin with, as for ``foldscape.run``; the folder keeps them.
        tell: Told several times a second how far it is.

    Returns:
        The runs, failed ones included.

    Raises:
        InvalidInput: If a combination of settings is no run, asks for a card that is not here, or begins with weights
            that are not there or do not fit.
        NotPossible: If it is larger than its limits.

    Example:
        >>> import foldscape.sweep
        >>> spec = {"base": {"stop": {"epochs": 5}}, "vary": {"lr": [0.01, 0.03]}, "seeds": [0, 1]}
        >>> [row.name for row in foldscape.sweep.run(spec).rows][:2]
        ['lr 0.01 · seed 0', 'lr 0.01 · seed 1']
    """
    spec = read(given)
    faults = problems(spec)
    if not faults and device_of(spec) == "cuda" and (why := why_not("cuda")):
        faults = without_card(spec, f"device cuda is not on this machine: {why}")
    if faults:
        raise InvalidInput(f"{faults[0]['message']}.", hint=f"Change {faults[0]['path']}.")
    must_fit(spec)
    place = None if folder is None else Folder(folder)
    spec, starts = begin(spec, taken_all(spec, source, place.starts() if place else {}))
    manifest = manifest_of(spec) if place is None else place.open(spec, starts)
    rows = {row.key: row for row in (place.rows(spec) if place else ())}
    for told in follow(spec, done=set(rows), threads=threads, starts=starts):
        for row in told.rows:
            rows[row.key] = row
            if place is not None:
                place.save(row)
        if tell is not None:
            tell(told)
    return SweepResult(spec, tuple(rows[cell.key] for cell in expand(spec)), manifest)
