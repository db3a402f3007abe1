"""The landscape of anybody's torch module: a slice, a plane, a training path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.curvature import Objective, probe_subset
from foldscape.errors import InvalidInput
from foldscape.landscape.direction import (
    Direction,
    eigen_directions,
    gradient_direction,
    radial_direction,
    random_direction,
    towards,
)
from foldscape.landscape.embedding import Embedded
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.filling import fill
from foldscape.landscape.progress import Progress, shown
from foldscape.landscape.results import LinePlot, PathPlot, PlanePlot
from foldscape.landscape.spec import COARSE, Plane, Range, Scale
from foldscape.landscape.surface import Surface, axis
from foldscape.landscape.trajectory import principal_components, project

if TYPE_CHECKING:
    from torch.nn import Module

Loss = str | Callable[[Any, Any], Any]
BUDGET = 600.0
"""Seconds that a call may take unless more is allowed."""


def slice(
    module: Module,
    data: Any,
    direction: str | Direction | Module = "v1",
    *,
    test: Any = None,
    loss: Loss = "cross_entropy",
    scale: Scale = "own",
    reach: float | Range = 1.0,
    points: int = 201,
) -> LinePlot:
    """Measure the loss of a net along a line through its parameters.

    Args:
        module: Any torch module; it stays as it is.
        data: A loader of (inputs, labels), or the pair (X, y).
        direction: ``v1`` to ``v20``, ``gradient``, ``radial``, ``random``, ``random 5`` (the seed), another module
            of the same shape (the way to it), or a ``Direction``.
        test: Test data, as ``data``.
        loss: ``cross_entropy``, or a callable of outputs and labels that gives a mean.
        scale: What one step is: the direction's ``own`` length, a parameter ``unit``, or ``neuron-relative``.
        reach: How far, in steps: to both sides, or from where to where.
        points: Points on the line.

    Returns:
        The values, with ``figure()``.
    """
    train, held_out = _evaluators(module, data, test, loss)
    along = _direction(direction, module, train, data, loss).scaled(scale, train.theta)
    t = axis(_range(reach), points)
    return LinePlot(
        direction=along,
        t=t,
        train=train.on_line(t, along.vector),
        test=None if held_out is None else held_out.on_line(t, along.vector),
        loss=float(train.at(train.theta).loss[0]),
    )


def plane(
    module: Module,
    data: Any,
    directions: tuple[str | Direction | Module, str | Direction | Module] = ("random 0", "random 1"),
    *,
    test: Any = None,
    loss: Loss = "cross_entropy",
    scale: Scale = "own",
    orthogonal: bool = False,
    reach: float | Range = 1.0,
    resolution: int = 51,
    budget: float | None = BUDGET,
    progress: bool | Progress = True,
) -> PlanePlot:
    """Measure the loss of a net over a plane through its parameters.

    Args:
        module: Any torch module; it stays as it is.
        data: A loader of (inputs, labels), or the pair (X, y).
        directions: Along the x and the y axis; each as in ``slice``.
        test: Test data, as ``data``.
        loss: ``cross_entropy``, or a callable of outputs and labels that gives a mean.
        scale: What one step is: the direction's ``own`` length, a parameter ``unit``, or ``neuron-relative``.
        orthogonal: Whether the second direction is turned to a right angle with the first.
        reach: How far, in steps: to both sides, or from where to where.
        resolution: Points a side.
        budget: Seconds it may take by the estimate made first; ``None`` for any.
        progress: Whether to show a bar, if tqdm is installed; or a function of points done and points in all.

    Returns:
        The values, with ``figure()``.

    Raises:
        NotPossible: If it would take longer than the budget.
    """
    train, held_out = _evaluators(module, data, test, loss)
    first, second = (_direction(d, module, train, data, loss).scaled(scale, train.theta) for d in directions)
    cosine = first.cosine(second)
    if orthogonal:
        second = second.orthogonal_to(first)
    ranges = _range(reach)
    surface = _filled(_grid(ranges, ranges, resolution), first, second, train, held_out, budget, progress)
    return PlanePlot(first, second, cosine, surface)


def path(
    module: Module,
    states: Sequence[Any],
    data: Any,
    *,
    test: Any = None,
    loss: Loss = "cross_entropy",
    directions: tuple[Direction, Direction] | None = None,
    resolution: int = 51,
    margin: float = 0.25,
    budget: float | None = BUDGET,
    progress: bool | Progress = True,
) -> PathPlot:
    """Measure the loss around a training path, in the plane that shows most of its movement.

    Args:
        module: Any torch module; it stays as it is.
        states: Its ``state_dict()`` (copied!), parameter vector (P,) or a copy of the module at some moments; the last
            one is the origin.
        data: A loader of (inputs, labels), or the pair (X, y).
        test: Test data, as ``data``.
        loss: ``cross_entropy``, or a callable of outputs and labels that gives a mean.
        directions: The axes; the path's principal directions if ``None``.
        resolution: Points a side.
        margin: What the plane shows beyond the path, as a share of its extent.
        budget: Seconds it may take by the estimate made first; ``None`` for any.
        progress: Whether to show a bar, if tqdm is installed; or a function of points done and points in all.

    Returns:
        The values and the path's coordinates, with ``figure()``.
    """
    train, held_out = _evaluators(module, data, test, loss)
    thetas = np.stack([train.vector(_vector(state, train)) for state in states])
    moved = Embedded(thetas, np.arange(len(thetas)), np.zeros(len(thetas), np.int64), train.blocks)
    first, second = directions or principal_components(moved).directions
    found = project(moved, first, second)
    low, high = found.coordinates.min(axis=0), found.coordinates.max(axis=0)
    extent = margin * np.maximum(high - low, 1e-6 * (high - low).max())
    x, y = ((float(a), float(b)) for a, b in zip(low - extent, high + extent, strict=True))
    surface = _filled(_grid(x, y, resolution), first, second, train, held_out, budget, progress, thetas[-1])
    return PathPlot(first, second, found.cosine, surface, found, train.at(thetas).loss)


def _range(reach: float | Range) -> Range:
    return reach if isinstance(reach, tuple) else (-float(reach), float(reach))


def _grid(x: Range, y: Range, resolution: int) -> Plane:
    return Plane(x_reach=x, y_reach=y, resolution=resolution, stages=(COARSE,))


def _filled(
    grid: Plane,
    first: Direction,
    second: Direction,
    train: Evaluator,
    test: Evaluator | None,
    budget: float | None,
    progress: bool | Progress,
    origin: ArrayLike | None = None,
) -> Surface:
    surface = Surface.empty(grid)
    with shown(progress, grid.cells) as tell:
        for cells in fill(grid, first, second, train, test, origin=origin, budget=budget):
            surface = surface.with_cells(cells)
            tell(cells.done, cells.total)
    return surface


def _evaluators(module: Module, data: Any, test: Any, loss: Loss) -> tuple[Evaluator, Evaluator | None]:
    from foldscape.landscape.loading import loaded

    def made(source: Any) -> Evaluator:
        X, y = loaded(source)
        return Evaluator.of(module, X, y) if loss == "cross_entropy" else Evaluator.of_module(module, X, y, loss)

    return made(data), None if test is None else made(test)


def _direction(named: Any, module: Module, train: Evaluator, data: Any, loss: Loss) -> Direction:
    if isinstance(named, Direction):
        return named
    if not isinstance(named, str):
        return towards(train.theta, _vector(named, train), train.blocks)
    word, _, number = named.partition(" ")
    if word == "random" and (not number or number.isdecimal()):
        return random_direction(train.theta, train.blocks, int(number or 0))
    if named == "radial":
        return radial_direction(train.theta, train.blocks)
    if named == "gradient":
        return gradient_direction(_objective(module, data, loss))
    if named[:1] == "v" and named[1:].isdecimal() and 1 <= int(named[1:]) <= 20:
        return eigen_directions(_objective(module, data, loss), int(named[1:]))[-1]
    raise InvalidInput(
        f"There is no direction {named!r}.",
        hint="Give v1 to v20, gradient, radial, random, random 5, a module of the same shape, or a Direction.",
    )


def _objective(module: Module, data: Any, loss: Loss) -> Objective:
    from foldscape.landscape.loading import loaded

    X, y = loaded(data)
    rows = probe_subset(len(X)).indices
    if loss == "cross_entropy":
        return Objective.of(module, X[rows], y[rows])
    return Objective.of_module(module, X[rows], y[rows], loss)


def _vector(state: Any, train: Evaluator) -> ArrayLike:
    """Take a parameter vector from a state dict, a module or an array."""
    tensors = dict(state.named_parameters()) if hasattr(state, "named_parameters") else state
    if not isinstance(tensors, dict):
        return np.asarray(tensors, dtype=np.float64)
    missing = [block.name for block in train.blocks if block.name not in tensors]
    if missing:
        raise InvalidInput(f"A state has no {missing[0]}.", hint="Give states of the same module.")
    return np.concatenate([tensors[block.name].detach().cpu().double().numpy().ravel() for block in train.blocks])
