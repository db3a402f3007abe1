"""The gradient of a new inner unit whose incoming weights are zero, as a matrix that its outgoing weights multiply.

Let a new unit of a block have incoming weights w and outgoing weights v. At w = 0 the gradient of the loss by w is
``v @ M`` (arXiv 2201.05125; for convolutions its section 3.3), with a row of M for each outgoing and a column for
each incoming weight. What each incoming weight reads is laid out as a channel of its own and passed through what
stands between: a fresh normalisation divides by sqrt(1 + eps), an activation multiplies by its slope at 0, and the
largest of equal numbers in a square is the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from foldscape.errors import NotPossible
from foldscape.growth.blocks.looking import Sample, looks
from foldscape.growth.blocks.site import Site
from foldscape.growth.gradmax_conv import kernel_gradient
from foldscape.net.blocks.activation import ActivationLayer
from foldscape.net.blocks.convolution import ConvLayer
from foldscape.net.blocks.layer import Layer
from foldscape.net.blocks.normalisation import BatchNormLayer
from foldscape.net.blocks.pooling import PoolLayer

if TYPE_CHECKING:
    from foldscape.arrays import Float64Array
    from foldscape.losses import Loss
    from foldscape.net.modular import ModularNet

EPS = 1e-5
"""What batch normalisation adds to a variance."""


class GradientMatrix(NamedTuple):
    """M of one site.

    Attributes:
        matrix: (outputs · columns · kernel places of the reader, incoming weights of a unit), float64.
        scale: Root of the mean squares of errors and of what is read, multiplied: M divided by it has no unit.
    """

    matrix: Float64Array
    scale: float


def moments(net: ModularNet, sites: Sequence[Site], sample: Sample, loss: Loss) -> list[GradientMatrix]:
    """Give M of each site, summed over some examples.

    Args:
        net: The network.
        sites: Where units could be added.
        sample: The examples.
        loss: What is minimised.

    Returns:
        One a site.

    Raises:
        NotPossible: If something stands between that a unit at rest cannot pass, or gives no gradient at 0.
    """
    module = net.module().requires_grad_(False)
    found: list[Tensor | float] = [0.0] * len(sites)
    squares = np.zeros((len(sites), 2))
    with torch.no_grad():
        for seen in looks(net, sites, sample, loss):
            for at, (site, look) in enumerate(zip(sites, seen, strict=True)):
                laid = _laid_out(site, module, look.inputs)
                found[at] = found[at] + _read(site, module, laid, look.errors)
                squares[at] += float(laid.square().sum()), float(look.errors.square().sum())
    scales = np.sqrt(squares.prod(axis=1))
    matrices = [part.double().numpy() for part in found if isinstance(part, Tensor)]
    return [GradientMatrix(matrix, float(scale)) for matrix, scale in zip(matrices, scales, strict=True)]


def usual_kernel(weight: Tensor) -> Tensor:
    """Give the depthwise filter of a new unit: it hands on what it gets, with the mean norm of the others."""
    kernel = torch.zeros_like(weight[:1])
    kernel[..., kernel.shape[-2] // 2, kernel.shape[-1] // 2] = weight.flatten(1).norm(dim=1).mean()
    return kernel


def _laid_out(site: Site, module: nn.Module, x: Tensor) -> Tensor:
    """Give what each incoming weight of a unit sends to the reader, a channel for each."""
    inner = module.get_submodule(site.inner)
    if isinstance(inner, nn.Conv2d):
        padding = tuple(int(side) for side in inner.padding)
        laid = functional.unfold(x, inner.kernel_size, padding=padding, stride=inner.stride)
        sides = zip(x.shape[2:], padding, inner.kernel_size, inner.stride, strict=True)
        rows, columns = ((side + 2 * p - k) // s + 1 for side, p, k, s in sides)
        x = laid.reshape(len(x), -1, rows, columns)
    for name, layer in site.between:
        x = _through(layer, module.get_submodule(name), x)
    return x


def _through(layer: Layer, module: nn.Module, x: Tensor) -> Tensor:
    """Pass what is small through a layer, to first order."""
    if isinstance(layer, BatchNormLayer):
        return x * float((1 + EPS) ** -0.5)
    if isinstance(layer, ActivationLayer):
        return x * slope_at_rest(module)
    if isinstance(layer, PoolLayer) and layer.of == "max":
        rows, columns = (side // layer.size for side in x.shape[2:])
        return x[:, :, :: layer.size, :: layer.size][:, :, :rows, :columns]
    if isinstance(layer, ConvLayer) and isinstance(module, nn.Conv2d) and layer.groups == layer.outputs:
        kernel = usual_kernel(module.weight).expand(x.shape[1], -1, -1, -1)
        return functional.conv2d(x, kernel, None, module.stride, module.padding, 1, x.shape[1])
    if layer.tensors():
        raise NotPossible(
            "A unit that begins with zero weights cannot be followed through this block's layers.",
            hint="Grow it by net2wider or random_direction.",
        )
    passed: Tensor = module(x)
    return passed


def slope_at_rest(activation: nn.Module) -> float:
    """Give an activation's derivative at 0.

    Args:
        activation: The activation.

    Returns:
        The derivative.

    Raises:
        NotPossible: If it is 0 there: units that begin with zero weights would never learn.
    """
    with torch.enable_grad():
        z = torch.zeros(1, requires_grad=True)
        (slope,) = torch.autograd.grad(activation(z).sum(), z)
    if not slope:
        raise NotPossible("The activation has no slope at 0, where GradMax's units begin.", hint="Take relu.")
    return float(slope)


def _read(site: Site, module: nn.Module, laid: Tensor, errors: Tensor) -> Tensor:
    """Give the gradient by the weights of a reader of what is laid out, (outgoing, incoming)."""
    reader = module.get_submodule(site.reader)
    if isinstance(reader, nn.Conv2d):
        padding = tuple(int(side) for side in reader.padding)
        sums = kernel_gradient(laid, reader.kernel_size, errors, reader.stride, padding)
        return sums.permute(0, 2, 3, 1).flatten(0, 2)
    by_weight = errors.flatten(0, -2).T @ laid.flatten(0, -2)
    return by_weight.reshape(len(by_weight), -1, site.columns).transpose(1, 2).flatten(0, 1)
