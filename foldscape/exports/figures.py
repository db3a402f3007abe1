"""Figures of a comparison, for print: scatter, flatness side by side, curves with bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.comparison import Comparison, Curve, Group, band, measured, value_at
from foldscape.measures.declared import MEASURES
from foldscape.vocabulary import CLOCKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GROWN, FIXED = ("#009E73", "#56B4E9", "#0072B2"), ("#CC79A7", "#E69F00", "#D55E00")
MARKS = {True: "^", False: "s"}


def scatter(comparison: Comparison, measure: str, title: str = "") -> Figure:
    """Draw a measure against the test accuracy, a mark a run, a line between the two runs of a pair.

    Args:
        comparison: The comparison.
        measure: The measure on the upright axis.
        title: What was asked.

    Returns:
        The figure.
    """
    figure, (axes,) = _figure(comparison, title)
    place = {curve.run: _at(comparison, curve, measure) for group in comparison.groups for curve in group.curves}
    for contrast in comparison.contrasts:
        for first, second in contrast.pairs:
            axes.plot(*zip(place[first.run], place[second.run], strict=True), color="0.75", lw=0.6, zorder=1)
    for group, colour in coloured(comparison.groups):
        x, y = zip(*(place[curve.run] for curve in group.curves), strict=True)
        face = colour if group.grows else "none"
        axes.scatter(x, y, marker=MARKS[group.grows], s=28, edgecolors=colour, facecolors=face, label=_named(group))
    axes.set_xlabel("test accuracy")
    _upright(axes, measure)
    axes.legend(frameon=False, fontsize=7)
    return figure


def flatness_figure(comparison: Comparison, title: str = "") -> Figure:
    """Draw every measure of flatness side by side, a mark a run and a bar at each group's geometric mean.

    The number of runs behind a mean stands beside the group's name.

    Args:
        comparison: The comparison.
        title: What was asked.

    Returns:
        The figure.
    """
    measures = measured([curve for group in comparison.groups for curve in group.curves])
    figure, panels = _figure(comparison, title, max(1, len(measures)))
    for axes, measure in zip(panels, measures, strict=False):
        named: list[str] = []
        for at, (group, colour) in enumerate(coloured(comparison.groups)):
            values = np.array([_at(comparison, curve, measure.name)[1] for curve in group.curves])
            values = values[np.isfinite(values) & (values > 0)]
            spread = np.linspace(-0.15, 0.15, len(values)) if len(values) > 1 else np.zeros(len(values))
            axes.scatter(at + spread, values, marker=MARKS[group.grows], s=12, edgecolors=colour, facecolors="none")
            if len(values):
                axes.hlines(np.exp(np.log(values).mean()), at - 0.3, at + 0.3, color=colour)
            named.append(f"{group.name} ({len(values)})")
        axes.set_xticks(range(len(named)), named, rotation=40, ha="right", fontsize=6)
        _upright(axes, measure.name)
    return figure


def curve_figure(comparison: Comparison, measure: str, title: str = "") -> Figure:
    """Draw a measure along the clock of the comparison: each seed faint, the mean and its 95 % band.

    A triangle is a birth, an upright stroke a restart of the learning rate.

    Args:
        comparison: The comparison.
        measure: The measure.
        title: What was asked.

    Returns:
        The figure.
    """
    figure, (axes,) = _figure(comparison, title)
    seen: list[float] = []
    for group, colour in coloured(comparison.groups):
        found = band(group, comparison.by, measure)
        seen += found.each[np.isfinite(found.each)].tolist()
        style: dict[str, Any] = {"color": colour, "linestyle": "-" if group.grows else "--"}
        for each in found.each:
            axes.plot(found.x, each, lw=0.5, alpha=0.3, **style)
        axes.plot(found.x, found.mean, lw=1.5, label=_named(group), **style)
        axes.fill_between(found.x, found.low, found.high, color=colour, alpha=0.15, lw=0)
        for curve in group.curves:
            _marks(axes, comparison, curve, measure, colour)
    axes.set_xlabel(CLOCKS[comparison.by].axis(comparison.point.unit if comparison.point else ""))
    if comparison.by == "loss":
        axes.set_xscale("log")
        axes.invert_xaxis()
    _upright(axes, measure)
    if seen and min(seen) < max(seen):
        axes.set_ylim(min(seen), max(seen))  # a band of two runs may be wider than any picture
    axes.legend(frameon=False, fontsize=7)
    return figure


def save(figure: Figure, folder: Path, name: str, about: str) -> list[Path]:
    """Write a figure as SVG and PDF; the same bits for the same figure.

    Args:
        figure: The figure.
        folder: Where to.
        name: File name without its ending.
        about: Everything it stands on; kept in the files' description.

    Returns:
        The files.
    """
    import matplotlib as mpl

    paths = [folder / f"{name}.svg", folder / f"{name}.pdf"]
    with mpl.rc_context({"svg.hashsalt": "foldscape", "svg.fonttype": "none", "pdf.fonttype": 42}):
        figure.savefig(paths[0], metadata={"Title": name, "Description": about, "Date": None})
        figure.savefig(paths[1], metadata={"Title": name, "Subject": about, "CreationDate": None})
    return paths


def coloured(groups: Sequence[Group]) -> Iterator[tuple[Group, str]]:
    """Give each group its colour; grown and fixed nets have different ones."""
    used = {True: count(), False: count()}
    for group in groups:
        palette = GROWN if group.grows else FIXED
        yield group, palette[next(used[group.grows]) % len(palette)]


def _figure(comparison: Comparison, title: str, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Begin a figure: the question above, the alignment and the runs below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(4.6, 1.5 * columns), 3.6), layout="constrained")
    panels: Any = figure.subplots(1, columns, squeeze=False)[0]
    figure.suptitle(title or "Comparison", fontsize=9)
    runs = [curve for group in comparison.groups for curve in group.curves]
    ids = ", ".join(curve.run for curve in runs[:3])
    more = f" and {len(runs) - 3} more, listed in this file's description" if len(runs) > 3 else ""
    figure.supxlabel(f"{comparison.words}\nn = {len(runs)} runs: {ids}{more}", fontsize=6, color="0.35")
    return figure, list(panels)


def _at(comparison: Comparison, curve: Curve, measure: str) -> tuple[float, float]:
    """Give test accuracy and measure of a run where the comparison is made."""
    point = comparison.point
    if point is None:
        return np.nan, np.nan
    accuracy, value = (float(value_at(curve, point.by, point.target, name)[0]) for name in ("test_accuracy", measure))
    return accuracy, value


def _upright(axes: Axes, measure: str) -> None:
    from matplotlib.ticker import LogLocator

    known = MEASURES[measure]
    axes.set_ylabel(f"{known.label} ({known.unit})" if known.unit else known.label, fontsize=8)
    axes.xaxis.label.set_fontsize(8)
    if known.log:
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(LogLocator(subs=(2.0, 3.0, 5.0), numticks=6))
        axes.yaxis.set_major_formatter(_plain_figure)
        axes.yaxis.set_minor_formatter(_plain_figure)
    axes.tick_params(labelsize=7)
    axes.tick_params(which="minor", labelsize=6)
    axes.spines[["top", "right"]].set_visible(False)


def _plain_figure(value: float, _: float) -> str:
    return f"{value:g}"


def _marks(axes: Axes, comparison: Comparison, curve: Curve, measure: str, colour: str) -> None:
    """Mark births on a run's curve, restarts of its learning rate that it came to, and what came back at the end."""
    from foldscape.comparison import clock_of

    def mark(steps: Sequence[int], marker: str, size: float, width: float, alpha: float = 0.35) -> None:
        at = np.searchsorted(curve["updates"], steps).clip(max=len(curve) - 1)
        x, y = clock_of(curve, comparison.by)[at], curve[measure][at]
        axes.scatter(x, y, marker=marker, s=size, color=colour, alpha=alpha, lw=width)

    if curve.births:
        mark(curve.births, "^", 10, 0)
    if restarts := [step for step in curve.restarts if step <= curve["updates"][-1]]:
        mark(restarts, "|", 40, 0.8)
    if curve.restored is not None:
        mark([curve.restored], "*", 24, 0, alpha=0.8)


def _named(group: Group) -> str:
    return f"{group.name} (n = {len(group.curves)})"
