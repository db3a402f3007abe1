"""What comes to the blocks of a net, and what the loss asks of them: one pass forward and back, in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from foldscape.growth.blocks.site import Site
from foldscape.growth.sampled import sampled

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.growth.base import Scene
    from foldscape.losses import Loss
    from foldscape.net.modular import ModularNet

EXAMPLES = 512
"""Training examples that rules for blocks look at."""
AT_ONCE = 128
"""Examples that pass together."""


class Sample(NamedTuple):
    """Training examples as a net's module takes them.

    Attributes:
        x: (N, numbers) in the net's precision.
        y: (N,) classes.
    """

    x: Tensor
    y: Tensor

    def parts(self) -> Iterator[tuple[Sample, float]]:
        """Give them some at a time, each with its share of all."""
        for start in range(0, len(self.y), AT_ONCE):
            part = Sample(self.x[start : start + AT_ONCE], self.y[start : start + AT_ONCE])
            yield part, len(part.y) / len(self.y)


class Look(NamedTuple):
    """What was seen of one site on some examples.

    Attributes:
        inputs: What comes to the layer whose units they are.
        errors: Gradient of the mean loss of all examples by the outputs of the layer that reads them.
    """

    inputs: Tensor
    errors: Tensor


def sample_of(net: ModularNet, scene: Scene, rng: np.random.Generator, most: int = EXAMPLES) -> Sample:
    """Draw the training examples that a rule looks at, all if there are no more than so many."""
    x, y = sampled(scene, most, rng)
    return Sample(torch.tensor(np.asarray(x, net.arrays[0].dtype)), torch.tensor(y))


def looks(net: ModularNet, sites: Sequence[Site], sample: Sample, loss: Loss) -> Iterator[list[Look]]:
    """Pass examples forward and back, at rest.

    Args:
        net: The network.
        sites: Where to look.
        sample: The examples.
        loss: What is minimised.

    Yields:
        For some of the examples at a time, what was seen of each site.
    """
    module = net.module().requires_grad_(False)
    first = module.get_submodule(sites[0].inner)
    first.requires_grad_()  # gradients are wanted from there on only
    for part, share in sample.parts():
        with (
            torch.enable_grad(),
            _caught(module, [site.inner for site in sites], [site.reader for site in sites]) as (came, left),
        ):
            errors = torch.autograd.grad(loss.mean_of(module(part.x), part.y) * share, left)
        yield [Look(x.detach(), error) for x, error in zip(came, errors, strict=True)]


def mean_loss(net: ModularNet, sample: Sample, loss: Loss) -> float:
    """Give the mean loss of some examples, at rest."""
    module = net.module()
    with torch.no_grad():
        parts = [(module(part.x).numpy(), part.y.numpy(), share) for part, share in sample.parts()]
    return sum(share * float(loss.values(np.asarray(out, np.float64), y).mean()) for out, y, share in parts)


def statistics_of(net: ModularNet, norms: Sequence[str], sample: Sample) -> dict[str, FloatArray]:
    """Measure mean and variance of what comes to some batch normalisations.

    Args:
        net: The network.
        norms: Their full names.
        sample: The examples, taken as one batch.

    Returns:
        The running statistics that it asks for, by their full names.
    """
    module = net.module()
    for name in norms:
        norm: Any = module.get_submodule(name)
        norm.train()
        norm.momentum = 1.0
    with torch.no_grad():
        module(sample.x)
    return {
        f"{name}.{part}": getattr(module.get_submodule(name), part).numpy()
        for name in norms
        for part in ("running_mean", "running_var")
    }


@contextmanager
def _caught(
    module: nn.Module, entering: Sequence[str], leaving: Sequence[str]
) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    """Catch what comes to some layers and what leaves others while the block runs, in the order of the names."""
    came: list[Any] = [None] * len(entering)
    left: list[Any] = [None] * len(leaving)

    def into(at: int) -> Any:
        return lambda _, given: came.__setitem__(at, given[0])

    def out(at: int) -> Any:
        return lambda _, given, made: left.__setitem__(at, made)

    hooks = [module.get_submodule(name).register_forward_pre_hook(into(at)) for at, name in enumerate(entering)]
    hooks += [module.get_submodule(name).register_forward_hook(out(at)) for at, name in enumerate(leaving)]
    try:
        yield came, left
    finally:
        for hook in hooks:
            hook.remove()
