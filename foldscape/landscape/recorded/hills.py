"""Hills in a slice or a plane: where their tops lie, and what they add to the loss at any place of it, in closed form.

With directions u and v the squared distance of the place (x, y) from a top is a quadratic form of x and y, so that the
hill over a whole plane follows from a few products for each top.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.landscape.direction import Direction
from foldscape.landscape.recorded.centre import Centre
from foldscape.terms.hill_shapes import height
from foldscape.terms.hills import HillPenalty
from foldscape.terms.standing import Standing, vector_of


def hills_in(centre: Centre, first: Direction, second: Direction | None = None) -> dict[str, Any]:
    """Tell in plain JSON of the hills that stand around a net, as seen from a line or a plane through it.

    Args:
        centre: The net in the middle.
        first: Direction of x.
        second: Direction of y; ``None`` for a line.

    Returns:
        ``hills`` with ``strength``, ``kernel``, the ``form`` of the squared distance (``xx``, ``xy``, ``yy``) and for
        each top its number, width and the rest of that form (``at``: squared distance at the net, ``x``, ``y``), and
        where its foot in the plane is (``foot``) and how far it is off it (``off``); or ``no_hills``, a sentence.
        Nothing where none stands.
    """
    standing, settings = centre.at.hills, centre.run.hills_at(centre.at.moment.step)
    if not len(standing) or settings is None:
        return {}
    if settings["kernel"] == "function":
        return {"no_hills": "The hills of this run compare outputs, so they have no place among the parameters."}
    if centre.run.is_normed(centre.at.moment.step):
        return {"no_hills": "Batch normalisation counts as folded in here; the hills stand on nets before that."}
    vectors = [one.vector for one in (first, second) if one is not None]
    axes = np.stack([*vectors, *([np.zeros_like(first.vector)] if second is None else [])])
    counted = _counted(centre, settings["scope"])
    form = (axes * counted) @ axes.T
    tops = [_top(centre, axes, counted, standing, c) for c in range(len(standing))]
    about = {"strength": settings["strength"], "kernel": settings["kernel"], "scope": settings["scope"]}
    return {"hills": about | {"form": {"xx": form[0, 0], "xy": form[0, 1], "yy": form[1, 1]}, "tops": tops}}


def heights(hills: Mapping[str, Any], x: Float64Array, y: Float64Array) -> Float64Array:
    """Give what hills add to the loss at places of the plane that tells of them.

    Args:
        hills: What ``hills_in`` told.
        x: (n,) places along the first direction.
        y: (n,) places along the second; 0 on a line.

    Returns:
        (n,) the sum of all hills, in the unit of the loss.
    """
    form, total = hills["form"], np.zeros(np.broadcast(x, y).shape)
    bent = form["xx"] * x**2 + 2 * form["xy"] * x * y + form["yy"] * y**2
    for top in hills["tops"]:
        squared = np.maximum(top["at"] + 2 * (top["x"] * x + top["y"] * y) + bent, 0)
        total += [height(hills["kernel"], float(each), top["sigma"]) for each in squared.ravel()]
    found: Float64Array = hills["strength"] * total
    return found


def _counted(centre: Centre, scope: Any) -> Float64Array:
    """Give 1 for the parameters in which distance is measured, and 0 for the others."""
    return HillPenalty(scope=scope).counted(centre.at.net.flat()).astype(np.float64)


def _top(centre: Centre, axes: Float64Array, counted: Float64Array, standing: Standing, c: int) -> dict[str, Any]:
    from_top = centre.theta - vector_of(standing.tops[c])
    foot = np.linalg.lstsq(axes.T, -from_top, rcond=None)[0]
    off = float(np.linalg.norm(from_top + foot @ axes))
    x, y = axes @ (counted * from_top)
    return {
        "number": int(standing.number[c]),
        "step": int(standing.step[c]),
        "sigma": float(standing.sigma[c]),
        "at": float(counted @ from_top**2),
        "x": float(x),
        "y": float(y),
        "foot": [float(each) for each in foot],
        "off": off,
    }
