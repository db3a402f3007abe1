"""The landscape of anybody's torch module: a slice, a plane, a training path."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic import ValidationError

from foldscape.errors import InvalidInput
from foldscape.explain import explain
from foldscape.landscape.direction import Direction
from foldscape.landscape.embedding import Embedded
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.filling import fill_plane
from foldscape.landscape.measured_module import MeasuredModule
from foldscape.landscape.progress import ProgressCallback, progress_callback
from foldscape.landscape.results import LinePlot, PathPlot, PlanePlot, PlanesPlot
from foldscape.landscape.spec import COARSE, Biases, Plane, Range, Scale
from foldscape.landscape.surface import Surface, axis
from foldscape.landscape.trajectory import principal_components, project
from foldscape.modules.batch_loss import LossLike

if TYPE_CHECKING:
    from torch.nn import Module

BUDGET = 600.0
"""Seconds that a call may take unless more is allowed."""


def slice(
    module: Module,
    data: Any,
    direction: str | Direction | Module = "v1",
    *,
    test: Any = None,
    loss: LossLike = "cross_entropy",
    scale: Scale = "own",
    reach: float | Range = 1.0,
    points: int = 201,
    biases: Biases = "zero",
    norm_data: Any = None,
) -> LinePlot:
    """Measure the loss of a net along a line through its parameters.

    Args:
        module: Any torch module; it stays as it is.
        data: The pair (X, y), a data set, or a loader of pairs or dicts, read once; ``foldscape.modules.reading`` lists
            all forms. A loader that shuffles is read in the order of its data set.
        direction: ``v1`` to ``v20``, ``gradient``, ``radial``, ``random``, ``random 5`` (the seed), another module
            of the same shape (the way to it), or a ``Direction``. A random one and another module are found on
            parameters alone; the others are the loss's on at most 2,000 of the samples, the same in every call.
        test: Test data, as ``data``.
        loss: A name, one of ``foldscape.losses``, a callable of outputs and labels that gives a mean, or ``BatchLoss``.
        scale: What one step is: the direction's ``own`` length, a parameter ``unit``, or ``neuron-relative``.
        reach: How far, in steps: to both sides, or from where to where.
        points: Points on the line.
        biases: What a random direction does with tensors of one axis (biases, normalisation): ``zero`` leaves them
            as they are, ``free`` moves them too.
        norm_data: Inputs or data on which the statistics of batch normalisation are computed anew at every point;
            ``"data"`` for those of ``data``. ``None`` keeps the net's own, and refuses other nets that have others.

    Returns:
        The values, with ``figure()``.
    """
    measured = MeasuredModule.of(module, data, test, loss, norm_data)
    train, held_out = measured.train, measured.test
    along = measured.direction(direction, biases).scaled(scale, train.theta)
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
    loss: LossLike = "cross_entropy",
    scale: Scale = "own",
    orthogonal: bool = False,
    reach: float | Range = 1.0,
    resolution: int = 51,
    budget: float | None = BUDGET,
    progress: bool | ProgressCallback = True,
    biases: Biases = "zero",
    norm_data: Any = None,
) -> PlanePlot:
    """Measure the loss of a net over a plane through its parameters.

    Args:
        module: Any torch module; it stays as it is.
        data: The pair (X, y), a data set, or a loader of pairs or dicts, read once; ``foldscape.modules.reading`` lists
            all forms. A loader that shuffles is read in the order of its data set.
        directions: Along the x and the y axis; each as in ``slice``.
        test: Test data, as ``data``.
        loss: A name, one of ``foldscape.losses``, a callable of outputs and labels that gives a mean, or ``BatchLoss``.
        scale: What one step is: the direction's ``own`` length, a parameter ``unit``, or ``neuron-relative``.
        orthogonal: Whether the second direction is turned to a right angle with the first.
        reach: How far, in steps: to both sides, or from where to where.
        resolution: Points a side.
        budget: Seconds it may take by the estimate made first; ``None`` for any.
        progress: Whether to show a bar, if tqdm is installed; or a function of points done and points in all.
        biases: What a random direction does with tensors of one axis (biases, normalisation): ``zero`` leaves them
            as they are, ``free`` moves them too.
        norm_data: Inputs or data on which the statistics of batch normalisation are computed anew at every point;
            ``"data"`` for those of ``data``. ``None`` keeps the net's own, and refuses other nets that have others.

    Returns:
        The values, with ``figure()``.

    Raises:
        NotPossible: If it would take longer than the budget.
    """
    measured = MeasuredModule.of(module, data, test, loss, norm_data)
    train, held_out = measured.train, measured.test
    first, second = (measured.direction(one, biases).scaled(scale, train.theta) for one in directions)
    cosine = first.cosine(second)
    if orthogonal:
        second = second.orthogonal_to(first)
    ranges = _range(reach)
    surface = _filled(_grid(ranges, ranges, resolution), first, second, train, held_out, budget, progress)
    return PlanePlot(first, second, cosine, surface)


def planes(
    module: Module,
    data: Any,
    directions: int | Sequence[str | Direction | Module] = 3,
    *,
    test: Any = None,
    loss: LossLike = "cross_entropy",
    scale: Scale = "own",
    reach: float | Range = 1.0,
    resolution: int = 31,
    budget: float | None = BUDGET,
    progress: bool | ProgressCallback = True,
    biases: Biases = "zero",
    norm_data: Any = None,
) -> PlanesPlot:
    """Measure the loss of a net over every plane that two of up to five directions span.

    Args:
        module: Any torch module; it stays as it is.
        data: The pair (X, y), a data set, or a loader of pairs or dicts, read once; ``foldscape.modules.reading`` lists
            all forms. A loader that shuffles is read in the order of its data set.
        directions: Two to five directions, each as in ``slice``; a number k stands for ``v1`` to ``vk``.
        test: Test data, as ``data``.
        loss: A name, one of ``foldscape.losses``, a callable of outputs and labels that gives a mean, or ``BatchLoss``.
        scale: What one step is: the direction's ``own`` length, a parameter ``unit``, or ``neuron-relative``.
        reach: How far, in steps: to both sides, or from where to where.
        resolution: Points a side of each of the k(k - 1)/2 planes.
        budget: Seconds that all planes may take by the estimates made first; ``None`` for any.
        progress: Whether to show a bar, if tqdm is installed; or a function of points done and points in all.
        biases: What a random direction does with tensors of one axis (biases, normalisation): ``zero`` leaves them
            as they are, ``free`` moves them too.
        norm_data: Inputs or data on which the statistics of batch normalisation are computed anew at every point;
            ``"data"`` for those of ``data``. ``None`` keeps the net's own, and refuses other nets that have others.

    Returns:
        The values, with ``figure()``; ``plane(i, j)`` gives one of them.

    Raises:
        InvalidInput: If there are not two to five directions.
        NotPossible: If it would take longer than the budget.
    """
    named = [f"v{number + 1}" for number in range(directions)] if isinstance(directions, int) else list(directions)
    if not 2 <= len(named) <= 5:
        raise InvalidInput(f"{len(named)} directions span no planes to compare.", hint="Give two to five of them.")
    measured = MeasuredModule.of(module, data, test, loss, norm_data)
    train, held_out = measured.train, measured.test
    along = [one.scaled(scale, train.theta) for one in measured.directions(named, biases)]
    grid = _grid(_range(reach), _range(reach), resolution)
    pairs = list(combinations(range(len(along)), 2))
    share = None if budget is None else budget / len(pairs)
    surfaces: dict[tuple[int, int], Surface] = {}
    with progress_callback(progress, grid.cells * len(pairs)) as tell:
        for place, (i, j) in enumerate(pairs):
            surface = Surface.empty(grid)
            for cells in fill_plane(grid, along[i], along[j], train, held_out, budget=share):
                surface = surface.with_cells(cells)
                tell(place * grid.cells + cells.done, grid.cells * len(pairs))
            surfaces[i, j] = surface
    return PlanesPlot(tuple(along), surfaces)


def path(
    module: Module,
    states: Sequence[Any],
    data: Any,
    *,
    test: Any = None,
    loss: LossLike = "cross_entropy",
    directions: tuple[Direction, Direction] | None = None,
    resolution: int = 51,
    margin: float = 0.25,
    budget: float | None = BUDGET,
    progress: bool | ProgressCallback = True,
    norm_data: Any = None,
) -> PathPlot:
    """Measure the loss around a training path, in the plane that shows most of its movement.

    Args:
        module: Any torch module; it stays as it is.
        states: Its ``state_dict()`` (copied!), parameter vector (P,) or a copy of the module at some moments; the last
            one is the origin.
        data: The pair (X, y), a data set, or a loader of pairs or dicts, read once; ``foldscape.modules.reading`` lists
            all forms. A loader that shuffles is read in the order of its data set.
        test: Test data, as ``data``.
        loss: A name, one of ``foldscape.losses``, a callable of outputs and labels that gives a mean, or ``BatchLoss``.
        directions: The axes; the path's principal directions if ``None``.
        resolution: Points a side.
        margin: What the plane shows beyond the path, as a share of its extent.
        budget: Seconds it may take by the estimate made first; ``None`` for any.
        progress: Whether to show a bar, if tqdm is installed; or a function of points done and points in all.
        norm_data: Inputs or data on which the statistics of batch normalisation are computed anew at every point;
            ``"data"`` for those of ``data``. ``None`` keeps the net's own, and refuses other nets that have others.

    Returns:
        The values and the path's coordinates, with ``figure()``.
    """
    measured = MeasuredModule.of(module, data, test, loss, norm_data)
    train, held_out = measured.train, measured.test
    thetas = np.stack([measured.vector(state) for state in states])
    moved = Embedded(thetas, np.arange(len(thetas)), np.zeros(len(thetas), np.int64), train.blocks)
    first, second = directions or principal_components(moved).directions[:2]
    found = project(moved, first, second)
    low, high = found.coordinates.min(axis=0), found.coordinates.max(axis=0)
    extent = margin * np.maximum(high - low, 1e-6 * (high - low).max())
    x, y = ((float(a), float(b)) for a, b in zip(low - extent, high + extent, strict=True))
    surface = _filled(_grid(x, y, resolution), first, second, train, held_out, budget, progress, thetas[-1])
    return PathPlot(first, second, found.cosine, surface, found, train.at(thetas).loss)


def _range(reach: float | Range) -> Range:
    return reach if isinstance(reach, tuple) else (-float(reach), float(reach))


def _grid(x: Range, y: Range, resolution: int) -> Plane:
    try:
        return Plane(x_reach=x, y_reach=y, resolution=resolution, stages=(COARSE,))
    except ValidationError as error:
        raise InvalidInput(" ".join(fault["message"] for fault in explain(error.errors(), Plane))) from None


def _filled(
    grid: Plane,
    first: Direction,
    second: Direction,
    train: Evaluator,
    test: Evaluator | None,
    budget: float | None,
    progress: bool | ProgressCallback,
    origin: ArrayLike | None = None,
) -> Surface:
    surface = Surface.empty(grid)
    with progress_callback(progress, grid.cells) as tell:
        for cells in fill_plane(grid, first, second, train, test, origin=origin, budget=budget):
            surface = surface.with_cells(cells)
            tell(cells.done, cells.total)
    return surface
