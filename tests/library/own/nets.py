"""Factories of tests: modules that somebody brings along, good ones and bad ones."""

import math
import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def mlp(shape, classes, width=8):
    """A plain chain."""
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), width), nn.ReLU(), nn.Linear(width, classes))


class Busy(nn.Module):
    """Everything that a state can hold: batch norm that counts, frozen and tied parameters, buffers of many types, a
    parameter that takes no part, and chance of all three generators.
    """

    def __init__(self, shape, classes, width=6, drop=0.3):
        super().__init__()
        self.first = nn.Linear(math.prod(shape), width)
        self.norm = nn.BatchNorm1d(width)
        self.again = nn.Linear(width, width)
        self.shared = nn.Linear(width, width)
        self.shared.weight = self.again.weight
        self.fixed = nn.Linear(width, width).requires_grad_(False)
        self.idle = nn.Parameter(torch.ones(2))
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.register_buffer("mask", torch.tensor([True, False, True]))
        self.register_buffer("sums", torch.zeros(2), persistent=False)
        self.last = nn.Linear(width, classes)
        self.drop = drop

    def forward(self, x):
        """Give the logits."""
        h = torch.relu(self.norm(self.first(x.flatten(1))))
        h = functional.dropout(h, self.drop, self.training)
        if self.training:
            self.seen += len(x)
            self.sums += torch.tensor([random.random(), np.random.random()])
            h = h + 0.01 * torch.randn_like(h)
        h = torch.tanh(self.fixed(self.shared(torch.tanh(self.again(h)))))
        return self.last(self.scale * h)


def busy(shape, classes, **options):
    """See ``Busy``."""
    return Busy(shape, classes, **options)


def convolutions(shape, classes, channels=4):
    """A small net of pictures, which is told its shape only where the first batch comes."""
    return nn.Sequential(
        nn.Conv2d(shape[0], channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.LazyLinear(classes),
    )  # fmt: skip


def told_nothing(width=5):
    """A factory that asks for neither shape nor classes: for the plane and two classes."""
    return nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, 2))


def residual(shape, classes, width=8, depth=2):
    """Blocks with ways around them."""
    return Residual(math.prod(shape), classes, width, depth)


class Residual(nn.Module):
    """A residual net of dense blocks."""

    def __init__(self, inputs, classes, width, depth):
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(width, width), nn.Tanh()) for _ in range(depth))
        self.last = nn.Linear(width, classes)

    def forward(self, x):
        """Give the logits."""
        h = self.first(x.flatten(1))
        for block in self.blocks:
            h = h + block(h)
        return self.last(h)


def fails(**options):
    """A factory that fails."""
    raise RuntimeError("the weights of this net are on another planet, " + 30 * "far away, ")


def no_module(shape, classes):
    """A factory that gives something else."""
    return [nn.Linear(2, 2)]


def one_class_too_many(shape, classes):
    """A net with an output too many."""
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), classes + 1))


def of_other_shape(shape, classes):
    """A net that reads other samples."""
    return nn.Sequential(nn.Flatten(), nn.Linear(3, classes))


def two_outputs(shape, classes):
    """A net that gives a tuple."""

    class Two(nn.Linear):
        def forward(self, x):
            out = super().forward(x.flatten(1))
            return out, out

    return Two(math.prod(shape), classes)


def nothing_trained(shape, classes):
    """A net without a trained parameter."""
    return mlp(shape, classes).requires_grad_(False)


def squeezes(shape, classes):
    """A net that loses the axis of a batch of one point."""

    class Squeezes(nn.Linear):
        def forward(self, x):
            return super().forward(x.flatten(1)).squeeze(0)

    return Squeezes(math.prod(shape), classes)


def fails_when_trained(shape, classes):
    """A net that fails at an update."""

    class Fails(nn.Linear):
        def forward(self, x):
            if self.training:
                raise ValueError("no batch is good enough")
            return super().forward(x)

    return Fails(math.prod(shape), classes)


def not_differentiable_twice(shape, classes):
    """A net that trains, and whose curvature is none of its loss."""

    class Rounded(nn.Sequential):
        def forward(self, x):
            h = self[0](x.flatten(1))
            return self[1](h + (h.round() - h).detach())

    return Rounded(nn.Linear(math.prod(shape), 4), nn.Linear(4, classes))


def too_large(shape, classes, most=16):
    """A net whose batches of more than so many points do not fit into memory."""

    class TooLarge(nn.Linear):
        def forward(self, x):
            if self.training and len(x) > most:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
            return super().forward(x)

    return TooLarge(math.prod(shape), classes)


NOT_CALLED = 5
