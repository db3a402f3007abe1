"""The weights that runs of a sweep begin with: taken once, before anything runs, and kept with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from foldscape.errors import FieldRefused
from foldscape.spec import RunSpec, Start
from foldscape.start import NoStart, StartNet, StartSource, found, not_given, weights_begun
from foldscape.sweep.check import place_of
from foldscape.sweep.expand import PlannedRun, combinations
from foldscape.sweep.spec import SweepSpec

Starts = Mapping[str, StartNet]
"""Weights by ``start_name``."""


def start_name(start: Start) -> str:
    """Name a moment, as ``quiet-heron@800``."""
    return f"{start.run}@{'newest' if start.step is None else start.step}"


def starts_of(spec: SweepSpec) -> dict[str, tuple[Start, dict[str, str]]]:
    """Give the moments that runs of a sweep begin with by name, each with the settings of the first such run."""
    found: dict[str, tuple[Start, dict[str, str]]] = {}
    for settings, plain in combinations(spec):
        if plain.get("start"):
            start = Start.model_validate(plain["start"])
            found.setdefault(start_name(start), (start, settings))
    return found


def taken_all(spec: SweepSpec, source: StartSource | None, kept: Starts) -> dict[str, StartNet]:
    """Take the weights that runs of a sweep begin with.

    Args:
        spec: The sweep.
        source: Who has them.
        kept: Those that were taken before.

    Returns:
        The weights by name.

    Raises:
        FieldRefused: If some are not to be had; at the field of the sweep that asks for them.
    """
    nets: dict[str, StartNet] = {}
    for name, (start, settings) in starts_of(spec).items():
        try:
            nets[name] = kept[name] if name in kept else found(spec.base, start, source)
        except FieldRefused as error:
            raise error.moved(place_of(spec, settings, error.field["path"])) from None
    return nets


def begin(spec: SweepSpec, nets: Starts) -> tuple[SweepSpec, dict[str, StartNet]]:
    """Hold the weights against every run, and name them in the base where no axis changes them.

    Args:
        spec: The sweep.
        nets: All that its runs begin with.

    Returns:
        The sweep with step and digest of the weights, and the weights under their names there too.

    Raises:
        FieldRefused: If some do not fit; at the field of the sweep that asks for them.
    """
    for settings, plain in combinations(spec):
        run = RunSpec.model_validate(plain)
        if run.start is None:
            continue
        try:
            weights_begun(run, nets[start_name(run.start)])
        except FieldRefused as error:
            raise error.moved(place_of(spec, settings, error.field["path"])) from None
    start = spec.base.start
    varied = {path.partition(".")[0] for axis in spec.vary.values() for one in axis.values() for path in one}
    if start is None or "start" in varied:
        return spec, dict(nets)
    net = nets[start_name(start)]
    start = start.model_copy(update={"step": net.step, "digest": net.digest})
    base = spec.base.model_copy(update={"start": start})
    return spec.model_copy(update={"base": base}), {**nets, start_name(start): net}


def given_first(cells: Iterable[PlannedRun], nets: Starts) -> list[PlannedRun]:
    """Give each run the weights that it begins with.

    Args:
        cells: The runs.
        nets: The weights by name.

    Returns:
        The runs.

    Raises:
        NoStart: If the weights of one are not there.
    """
    told = []
    for cell in cells:
        start = cell.spec.start
        if start is not None and start_name(start) not in nets:
            raise NoStart(start, not_given(start))
        told.append(cell if start is None else replace(cell, first=nets[start_name(start)].net))
    return told
