"""Plotly figures of measured landscapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from foldscape.errors import InvalidInput
from foldscape.landscape.direction import Direction
from foldscape.landscape.results import LinePlot, PathPlot, PlanePlot, PlanesPlot, PlotKind, Values
from foldscape.landscape.surface import Surface
from foldscape.vocabulary import PARTS

_TITLES = {
    "train_loss": "training loss (nats)",
    "train_accuracy": "training accuracy",
    "test_loss": "test loss (nats)",
    "test_accuracy": "test accuracy",
}
_COLOURS = "Cividis"
_INK = "#222222"


def line_figure(plot: LinePlot) -> go.Figure:
    """Draw losses along a line: train, test dashed, the parabola of the exact curvature dotted.

    Args:
        plot: The values.

    Returns:
        A figure of plotly.
    """
    curves: list[tuple[str, NDArray[np.float64] | None, str]] = [
        (PARTS["train"], plot.train.loss, "solid"),
        (PARTS["test"], None if plot.test is None else plot.test.loss, "dash"),
        ("curvature", plot.parabola, "dot"),
    ]
    figure = go.Figure(
        [
            go.Scatter(x=plot.t, y=_finite(values), name=name, mode="lines", line={"dash": dash})
            for name, values, dash in curves
            if values is not None
        ]
    )
    figure.add_trace(go.Scatter(x=[0], y=[plot.loss], name="the net", mode="markers", marker={"color": _INK}))
    top = _finite(plot.train.loss)
    if not np.isnan(top).all():
        low, high = float(np.nanmin(top)), float(np.nanmax(top))
        figure.update_yaxes(range=[low - 0.05 * (high - low), high + 0.05 * (high - low)])
    figure.update_layout(title=f"Loss along {plot.direction.name}", template="simple_white")
    figure.update_xaxes(title=_axis(plot.direction))
    figure.update_yaxes(title="mean loss (nats)")
    return figure


def plane_figure(plot: PlanePlot, kind: PlotKind, of: Values, log: bool) -> go.Figure:
    """Draw a plane, with the path in it if there is one.

    Args:
        plot: The values.
        kind: ``contour``, or a ``surface`` that can be turned.
        of: Which values.
        log: Whether colour and height follow the logarithm.

    Returns:
        A figure of plotly.

    Raises:
        InvalidInput: If there is no such figure or there are no such values.
    """
    limits = plot.surface.limits(of) if of in _TITLES else None
    if kind not in ("contour", "surface") or limits is None:
        raise InvalidInput(
            f"A {kind} of {of} cannot be drawn: there are no such values.",
            hint=f"Choose contour or surface, and of {', '.join(_TITLES)} one that was measured and is finite.",
        )
    label = f"log10 of {_TITLES[of]}" if log else _TITLES[of]
    heights = _heights(getattr(plot.surface, of), log)
    draw = _contour if kind == "contour" else _surface
    figure = go.Figure(draw(plot.surface, heights, label))
    if kind == "contour":
        _add_failed(figure, plot.surface, of)
    title = f"{label[0].upper()}{label[1:]} over {plot.first.name} and {plot.second.name}"
    if isinstance(plot, PathPlot):
        _add_path(figure, plot, kind, log)
        title += f"; the plane shows {plot.path.share:.0%} of the movement"
    elif abs(plot.cosine) > 0.01:
        title += f"; their cosine is {plot.cosine:.2f}"
    _label(figure, plot, kind, label, title)
    return figure


def planes_figure(plot: PlanesPlot, of: Values, log: bool) -> go.Figure:
    """Draw planes below the diagonal of a matrix: columns by the direction along x, rows by that along y.

    Args:
        plot: The values.
        of: Which values.
        log: Whether colours follow the logarithm.

    Returns:
        A figure of plotly with one colour scale.

    Raises:
        InvalidInput: If there are no such values.
    """
    limits = plot.limits(of) if of in _TITLES else None
    if limits is None:
        raise InvalidInput(
            f"Planes of {of} cannot be drawn: there are no such values.",
            hint=f"Choose of {', '.join(_TITLES)} one that was measured and is finite.",
        )
    side = len(plot.directions) - 1
    figure = make_subplots(
        side, side, shared_xaxes="columns", shared_yaxes="rows", horizontal_spacing=0.03, vertical_spacing=0.03
    )
    low, high = _heights(np.array(limits), log)
    for (i, j), surface in plot.surfaces.items():
        trace = go.Contour(
            x=surface.x, y=surface.y, z=_heights(getattr(surface, of), log), coloraxis="coloraxis", ncontours=20,
            name=f"{plot.directions[i].name}, {plot.directions[j].name}",
        )  # fmt: skip
        figure.add_trace(trace, j, i + 1)
        if j == side:
            figure.update_xaxes(title=_axis(plot.directions[i]), row=j, col=i + 1)
        if i == 0:
            figure.update_yaxes(title=_axis(plot.directions[j]), row=j, col=1)
    label = f"log10 of {_TITLES[of]}" if log else _TITLES[of]
    scale = {"colorscale": _COLOURS, "colorbar": {"title": {"text": label, "side": "right"}}}
    if np.isfinite(low):
        scale |= {"cmin": low, "cmax": high}
    title = f"{label[0].upper()}{label[1:]} over {len(plot.surfaces)} planes"
    figure.update_layout(title=title, template="simple_white", coloraxis=scale)
    return figure


def _label(figure: go.Figure, plot: PlanePlot, kind: PlotKind, label: str, title: str) -> None:
    figure.update_layout(title=title, template="simple_white")
    if kind == "contour":
        figure.update_xaxes(title=_axis(plot.first))
        figure.update_yaxes(title=_axis(plot.second))
    else:
        x, y, z = ({"title": {"text": text}} for text in (_axis(plot.first), _axis(plot.second), label))
        figure.update_layout(scene={"xaxis": x, "yaxis": y, "zaxis": z})


def _contour(surface: Surface, heights: NDArray[np.float64], label: str) -> go.Contour:
    bar = {"title": {"text": label, "side": "right"}}
    return go.Contour(x=surface.x, y=surface.y, z=heights, colorscale=_COLOURS, ncontours=25, colorbar=bar, name=label)


def _surface(surface: Surface, heights: NDArray[np.float64], label: str) -> go.Surface:
    bar = {"title": {"text": label, "side": "right"}}
    return go.Surface(x=surface.x, y=surface.y, z=heights, colorscale=_COLOURS, colorbar=bar, name=label)


def _add_failed(figure: go.Figure, surface: Surface, of: Values) -> None:
    rows, columns = np.nonzero(surface.failed(of))
    if len(rows):
        marks = {"symbol": "x", "color": _INK, "size": 5}
        trace = go.Scatter(x=surface.x[columns], y=surface.y[rows], mode="markers", marker=marks, name="not finite")
        figure.add_trace(trace)


def _add_path(figure: go.Figure, plot: PathPlot, kind: PlotKind, log: bool) -> None:
    x, y = plot.path.coordinates.T
    place: dict[str, Any] = {"x": x, "y": y}
    scatter = go.Scatter
    if kind == "surface":
        place["z"], scatter = _heights(plot.losses, log), go.Scatter3d
    style = {"mode": "lines+markers", "line": {"color": _INK}, "marker": {"size": 3, "color": _INK}}
    figure.add_trace(scatter(**place, **style, text=[f"step {step}" for step in plot.path.steps], name="path"))
    if len(plot.path.births):
        born = {name: np.asarray(values)[plot.path.births] for name, values in place.items()}
        figure.add_trace(scatter(**born, mode="markers", marker={"symbol": "diamond", "size": 8}, name="births"))


def _heights(values: NDArray[np.float64], log: bool) -> NDArray[np.float64]:
    """Give what is drawn: logarithms if asked for, and gaps where there is nothing finite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(np.log10(values) if log else values)


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, np.nan)


def _axis(direction: Direction) -> str:
    return f"{direction.name} ({direction.unit})"
