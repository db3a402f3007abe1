"""Optimisers, as specs; the engines carry them out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from foldscape.model import Model


class Optimizer(Model):
    """Base of the optimisers."""

    kind: str
    lr: float = Field(0.1, gt=0, le=100)
    """Learning rate."""
    weight_decay: float = Field(0, ge=0, le=10)
    """Adds this share of each parameter to its gradient."""


class SGD(Optimizer):
    """Stochastic gradient descent."""

    kind: Literal["sgd"] = "sgd"


class Momentum(Optimizer):
    """Stochastic gradient descent with momentum."""

    kind: Literal["momentum"] = "momentum"
    momentum: float = Field(0.9, ge=0, lt=1)
    """Share of the last velocity that is kept."""
    nesterov: bool = False
    """Look ahead along the velocity (Nesterov)."""


class Adam(Optimizer):
    """Adam, with its usual coefficients."""

    kind: Literal["adam"] = "adam"
    lr: float = Field(0.01, gt=0, le=100)
    """Learning rate."""
    beta1: float = Field(0.9, ge=0, lt=1)
    """Decay of the mean of gradients."""
    beta2: float = Field(0.999, ge=0, lt=1)
    """Decay of the mean of squared gradients."""
    epsilon: float = Field(1e-8, gt=0, le=1)
    """Added to the root of the second moment."""
