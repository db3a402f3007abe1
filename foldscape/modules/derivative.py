"""Hold a loss against its derivatives: what is differentiated has to be what is plotted.

``detach``, ``no_grad``, numpy, a reentrant checkpoint, or a function with a derivative of its own making leave torch a
gradient that looks like any other. A difference of the loss itself tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from foldscape.arrays import Vector
from foldscape.curvature.blocks import Block
from foldscape.errors import NotPossible
from foldscape.modules.failing import Fails
from foldscape.modules.graph import graph_leaves, types
from foldscape.modules.net import Net
from foldscape.modules.precision import to_single

Mean = Callable[[torch.Tensor], torch.Tensor]
"""The mean loss of some samples as a function of the flat tensor (P,)."""

SAMPLES = 8
"""Samples that a loss is held against its derivatives on; fewer where the data are few."""
DRAWS = 3
"""Directions that are tried: near a kink a difference may disagree."""


@dataclass(frozen=True)
class _Steps:
    """How far points lie apart, in units of the parameters' sizes, and how much may differ.

    Attributes:
        away: How far from the net itself: where weights or biases were set to zero it often lies on a kink.
        losses: Steps of the difference of the loss, of which one has to agree: there may be a kink within the longer.
        gradient: Step of the difference of the gradient: small, so that no unit of many crosses its kink.
        slope: What the slopes may differ, relative.
        curvature: What Hessian products may differ, relative.
        rounding: Rounding of a loss, relative.
        agreeing: Directions that have to agree. A wrong gradient may by chance, the coarser the easier.
    """

    away: float
    losses: tuple[float, ...]
    gradient: float
    slope: float
    curvature: float
    rounding: float
    agreeing: int


DOUBLE = _Steps(away=1e-3, losses=(1e-6, 1e-8), gradient=1e-9, slope=1e-5, curvature=1e-2, rounding=1e-14, agreeing=1)
SINGLE = _Steps(away=1e-2, losses=(3e-3,), gradient=np.inf, slope=0.05, curvature=np.inf, rounding=1e-5, agreeing=2)


def some_rows(samples: int) -> NDArray[np.int64]:
    """Choose the samples on which a loss is held against its derivatives, evenly over the data.

    They are so few that all that is done with them costs less than one gradient of the data.

    Returns:
        (n,) rising row numbers.
    """
    count = min(samples, max(2, min(SAMPLES, samples // 16)))
    return np.linspace(0, samples - 1, count).astype(np.int64)


def held(net: Net, order: int, mean_of: Callable[[Net], Mean]) -> None:
    """Hold a loss against its derivatives, in double precision where the module can be run in it.

    Args:
        net: The net.
        order: 1 for the gradient, 2 for Hessian products.
        mean_of: Gives the mean loss of some samples as the net computes it.

    Raises:
        NotPossible: If they disagree.
        Fails: If the module fails on these samples.
        RuntimeError: If torch cannot differentiate it, where it is in double precision already.
        TypeError: As ``RuntimeError``.
    """
    hold = hold_gradient if order == 1 else hold_hessian
    if order == 1:
        _refuse_rounding(net, mean_of(net))
    double = net.in_double()
    try:
        hold(double, mean_of(double))
    except (Fails, RuntimeError, TypeError):
        if net.dtype == torch.float64:
            raise
        hold(net, mean_of(net))


def hold_gradient(net: Net, mean: Mean) -> None:
    """Hold the gradient against a difference of the loss along a random direction.

    Args:
        net: The net.
        mean: Its mean loss of some samples.

    Raises:
        NotPossible: If they differ, if the loss is random, or if it uses a parameter in another way than by its name.
    """
    steps, agreed = DOUBLE if net.dtype == torch.float64 else SINGLE, 0
    for draw in range(DRAWS):
        base, along = _drawn(net, steps, draw)
        point = net.tensor(base).requires_grad_()
        with net.placed(point):
            loss = mean(point)
            _refuse_hidden(net, loss)
            gradient = _numbers(torch.autograd.grad(loss, point)[0])
        here = float(loss.detach())
        told = float(gradient @ along)
        for step in steps.losses:
            found = _difference(net, mean, base, along, step)
            allowed = steps.slope * max(float(np.linalg.norm(gradient * along)), abs(found))
            allowed += steps.rounding * max(1.0, abs(here)) / step
            if agrees := not abs(found - told) > allowed:  # So written, a loss that is not finite agrees.
                break
        agreed += agrees
        if agreed == steps.agreeing:
            return
    refuse_random(net, mean, base)
    off = _disagreeing(net, mean, base, along, gradient, steps)
    raise NotPossible(
        f"The gradient of this {type(net.module).__name__} is not that of its loss: on the way along a random "
        f"direction the loss changes by {found:.6g} a unit, by the gradient {told:.6g}{off}.",
        hint="Look in forward and in the loss for detach(), no_grad, .data, numpy, a rounding with a gradient of "
        "its own, or a checkpoint without use_reentrant=False.",
    )


def hold_hessian(net: Net, mean: Mean) -> None:
    """Hold a Hessian product against a difference of gradients.

    Args:
        net: The net.
        mean: Its mean loss of some samples.

    Raises:
        NotPossible: If they differ.
    """
    steps = DOUBLE if net.dtype == torch.float64 else SINGLE
    if not np.isfinite(steps.gradient):
        return
    for draw in range(DRAWS):
        base, along = _drawn(net, steps, draw)
        point = net.tensor(base).requires_grad_()
        with net.placed(point):
            gradient = torch.autograd.grad(mean(point), point, create_graph=True)[0]
            by = (gradient, point, net.tensor(along))
            second = torch.autograd.grad(*by, allow_unused=True)[0] if gradient.requires_grad else None
        told = np.zeros_like(base) if second is None else _numbers(second)
        ahead, behind = (_gradient(net, mean, base + sign * steps.gradient * along) for sign in (1, -1))
        found = (ahead - behind) / (2 * steps.gradient)
        allowed = steps.curvature * float(np.linalg.norm(found))
        allowed += 10 * steps.rounding * max(1e-3, float(np.linalg.norm(ahead))) / steps.gradient
        if not np.linalg.norm(found - told) > allowed:
            return
    raise NotPossible(
        f"The second derivative of this {type(net.module).__name__} is not that of its loss: along a random direction "
        f"the gradient changes by {np.linalg.norm(found):.6g} a unit, by the Hessian {np.linalg.norm(told):.6g}.",
        hint="A function of its own in forward or in the loss has a backward pass that torch cannot differentiate: "
        "it has to use tensors saved with save_for_backward.",
    )


def refuse_random(net: Net, mean: Mean, theta: Vector | None = None) -> None:
    """Refuse a loss that is another one in each pass.

    Args:
        net: The net.
        mean: Its mean loss of some samples.
        theta: Where, (P,); the net itself if None.

    Raises:
        NotPossible: If two passes disagree by more than rounding.
    """
    point = net.tensor(net.theta if theta is None else theta)
    one, other = (float(mean(point).detach()) for _ in range(2))
    if abs(one - other) > 1e-5 * max(abs(one), abs(other)):
        raise NotPossible(
            f"The loss of this {type(net.module).__name__} is random: two passes give {one:.6g} and {other:.6g}.",
            hint="Switch off what is drawn anew in evaluation mode, such as functional.dropout without "
            "training=self.training.",
        )


def _refuse_rounding(net: Net, mean: Mean) -> None:
    short = {dtype for dtype in types(mean(net.tensor(net.theta).requires_grad_())) if to_single(dtype) != dtype}
    if short:
        raise NotPossible(
            f"The {type(net.module).__name__} computes in {str(short.pop()).removeprefix('torch.')} on its way to the "
            "loss, which rounds a curvature away.",
            hint="Take autocast and casts out of forward while it is measured; half precision weights are fine.",
        )


def _refuse_hidden(net: Net, loss: torch.Tensor) -> None:
    for leaf in graph_leaves(loss):
        name = net.name_of(leaf)
        if name is not None:
            raise NotPossible(
                f"Parameter {name} is also used from a place where no module holds it, such as a list.",
                hint="Register it there too, as an attribute of a module: then it is moved in both places.",
            )


def _drawn(net: Net, steps: _Steps, seed: int) -> tuple[Vector, Vector]:
    """Draw a point near the net, and a direction, both in units of the parameters' sizes."""
    rng, sizes = np.random.default_rng(seed), _sizes(net.theta, net.blocks) * net.moves
    away, along = sizes * rng.uniform(-1, 1, size=(2, net.size))
    return net.theta + steps.away * away, along


def _sizes(theta: Vector, blocks: Sequence[Block]) -> Vector:
    """Give the size of each parameter; of one that is zero that of its tensor, or of the whole net."""
    sizes = np.abs(theta)
    whole = float(np.sqrt(np.mean(theta**2))) or 1.0
    for block in blocks:
        part = sizes[block.span]
        part[part == 0] = float(np.sqrt(np.mean(part**2))) or whole
    return sizes


def _difference(net: Net, mean: Mean, base: Vector, along: Vector, step: float) -> float:
    ahead, behind = (float(mean(net.tensor(base + sign * step * along)).detach()) for sign in (1, -1))
    return (ahead - behind) / (2 * step)


def _gradient(net: Net, mean: Mean, theta: Vector) -> Vector:
    point = net.tensor(theta).requires_grad_()
    with net.placed(point):
        return _numbers(torch.autograd.grad(mean(point), point)[0])


def _disagreeing(net: Net, mean: Mean, base: Vector, along: Vector, gradient: Vector, steps: _Steps) -> str:
    """Name up to three tensors by which gradient and loss disagree."""
    names = []
    for block in net.blocks:
        alone = np.zeros_like(along)
        alone[block.span] = along[block.span]
        found, told = _difference(net, mean, base, alone, steps.losses[0]), float(gradient @ alone)
        if abs(found - told) > max(0.01, 4 * steps.slope) * max(abs(found), abs(told)):
            names.append(block.name)
        if len(names) == 3:
            break
    return f" (they differ by {', '.join(names)})" if names else ""


def _numbers(tensor: torch.Tensor) -> Vector:
    return np.asarray(tensor.detach().cpu().to(torch.float64).numpy())
