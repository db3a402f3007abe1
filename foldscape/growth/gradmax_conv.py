"""GradMax for a pair of convolutions, as torch modules (Evci et al. 2022, arXiv 2201.05125).

New filters of the first convolution start with zero kernels; the slices of the second that read them are chosen so
that the first gradient is as large as it can be. With x the pair's input, c and a channel and place in a kernel of
the first, m and b in one of the second, it is ``outgoing.T @ M`` with

    M[(m, b), (c, a)] = Σ error[m, p] · x[c, what place a reads for what place b reads for p]

Torch is imported when a function is called: growth rules, the specs among them, do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from foldscape.errors import NotPossible
from foldscape.growth.gradmax import ScaleBy, orthogonal_outgoing

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import BatchNorm2d, Conv2d

_FRESH = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}


class GrownPair(NamedTuple):
    """Two convolutions with more filters between them.

    Attributes:
        first: The first, its new filters last and zero.
        norm: The normalisation between, with blank new channels, or ``None``.
        second: The second, which reads the new filters.
        gradient_norms: Norm of the gradient of each new filter's kernel, the largest first.
    """

    first: Conv2d
    norm: BatchNorm2d | None
    second: Conv2d
    gradient_norms: list[float]


def grow_pair(
    first: Conv2d,
    norm: BatchNorm2d | None,
    second: Conv2d,
    x: Tensor,
    errors: Tensor,
    units: int = 1,
    scale: float = 1.0,
    scale_by: ScaleBy = "equal",
) -> GrownPair:
    """Add filters between two convolutions, with the largest first gradient; the function is kept.

    The activation between has to be 0 at 0 with derivative 1 there: write ReLU as ``clamp_min(0)``, since torch's own
    ``relu`` would never let the new filters learn. With a normalisation the gradient is that of eval mode.

    Args:
        first: The convolution that gets new filters.
        norm: Batch normalisation behind it, if any.
        second: The convolution that reads them.
        x: (N, channels, height, width) inputs of ``first``.
        errors: Gradient of the loss by the outputs of ``second``.
        units: Filters to add.
        scale: Norm of a new filter's slice of ``second``, as a share of the mean norm of the others.
        scale_by: Whether all get the same norm, or one that falls off as the singular values of M do.

    Returns:
        The pair with its normalisation, and the norm of each new filter's first gradient.

    Raises:
        NotPossible: If a convolution has groups or dilation, or M a lower rank than there are filters to add.

    Example:
        >>> import torch
        >>> _ = torch.manual_seed(0)
        >>> first, second, x = torch.nn.Conv2d(1, 3, 3), torch.nn.Conv2d(3, 5, 2), torch.randn(8, 1, 6, 6)
        >>> outputs = second(first(x).clamp_min(0))
        >>> errors, = torch.autograd.grad(outputs.square().mean(), outputs)
        >>> wider, _, reader, _ = grow_pair(first, None, second, x, errors, units=2)
        >>> torch.equal(reader(wider(x).clamp_min(0)), outputs), wider.out_channels
        (True, 5)
    """
    import torch

    found = orthogonal_outgoing(
        moment(first, norm, second, x, errors).double().cpu().numpy(),
        units,
        scale * float(second.weight.detach().transpose(0, 1).flatten(1).norm(dim=1).mean()),
        scale_by,
    )
    slices = torch.from_numpy(found.outgoing).to(second.weight)
    outgoing = slices.reshape(second.out_channels, *second.kernel_size, units).movedim(-1, 1)
    wider = _like(first, first.in_channels, first.out_channels + units)
    reader = _like(second, second.in_channels + units, second.out_channels)
    with torch.no_grad():
        for grown, old in ((wider, first), (reader, second)):
            grown.weight.zero_()[: old.out_channels, : old.in_channels] = old.weight
            if grown.bias is not None and old.bias is not None:
                grown.bias.zero_()[: old.out_channels] = old.bias
        reader.weight[:, second.in_channels :] = outgoing
    return GrownPair(wider, norm and _with_channels(norm, units), reader, found.gradient_norms.tolist())


def moment(first: Conv2d, norm: BatchNorm2d | None, second: Conv2d, x: Tensor, errors: Tensor) -> Tensor:
    """Give M: (out channels and kernel places of ``second``, in channels and kernel places of ``first``).

    Where the second does not pad, all sums stand in the gradient of one auxiliary convolution straight from the
    pair's input to its output, of kernel k1 + k2 - 1 at stride 1: place (b, a) is the one at ``stride · b + a``.
    Where it pads, that would count the zeros around its input as if the new filters reached there, so the windows
    that the first reads are laid out as channels of the second; that is as exact, and takes k1² times the memory.

    Args:
        first: The first convolution.
        norm: Batch normalisation behind it, if any.
        second: The second convolution.
        x: (N, channels, height, width) inputs of ``first``.
        errors: Gradient of the loss by the outputs of ``second``.

    Returns:
        A matrix in the precision of ``x``.

    Raises:
        NotPossible: If a convolution has groups or dilation, or pads with anything but zeros.
    """
    import torch

    one, two = _shape_of(first), _shape_of(second)
    with torch.no_grad():
        sums = (_by_windows if any(two.padding) else _by_auxiliary)(one, two, x, errors)
        return sums / (1 + norm.eps) ** 0.5 if norm is not None else sums


class _Shape(NamedTuple):
    """Along height and width."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]


def _shape_of(convolution: Conv2d) -> _Shape:
    padding, plain = convolution.padding, convolution.groups == 1 and set(convolution.dilation) == {1}
    if not plain or convolution.padding_mode != "zeros" or isinstance(padding, str):
        raise NotPossible(
            f"{convolution} cannot be grown.", hint="One group, no dilation and a number of zeros as padding can."
        )
    return _Shape(convolution.kernel_size, convolution.stride, padding)


def _by_auxiliary(first: _Shape, second: _Shape, x: Tensor, errors: Tensor) -> Tensor:
    size = [s * (k2 - 1) + k1 for s, k1, k2 in zip(first.stride, first.kernel, second.kernel, strict=True)]
    stride = tuple(s1 * s2 for s1, s2 in zip(first.stride, second.stride, strict=True))
    gradient = kernel_gradient(x, size, errors, stride, first.padding)
    rows, columns = zip(first.kernel, first.stride, strict=True)
    windows = gradient.unfold(2, *rows).unfold(3, *columns)  # (m, c, b, b, a, a)
    return windows.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(0, 2)


def _by_windows(first: _Shape, second: _Shape, x: Tensor, errors: Tensor) -> Tensor:
    from torch.nn.functional import unfold

    sizes = zip(x.shape[2:], first.padding, first.kernel, first.stride, strict=True)
    height, width = ((length + 2 * p - k) // s + 1 for length, p, k, s in sizes)
    windows = unfold(x, first.kernel, padding=first.padding, stride=first.stride)
    laid_out = windows.reshape(len(x), -1, height, width)
    gradient = kernel_gradient(laid_out, second.kernel, errors, second.stride, second.padding)
    return gradient.permute(0, 2, 3, 1).flatten(0, 2)


def kernel_gradient(
    x: Tensor, kernel: Sequence[int], errors: Tensor, stride: Sequence[int], padding: Sequence[int]
) -> Tensor:
    """Give the gradient (out channels, channels, height, width) by the weights of a convolution of x."""
    from torch.nn.grad import conv2d_weight

    shape = (errors.shape[1], x.shape[1], *kernel)
    gradient: Tensor = conv2d_weight(x, shape, errors, stride=stride, padding=padding)  # type: ignore[no-untyped-call]
    return gradient


def _like(convolution: Conv2d, into: int, out: int) -> Conv2d:
    from torch.nn import Conv2d

    kernel, stride, padding = _shape_of(convolution)
    bias, weight = convolution.bias is not None, convolution.weight
    return Conv2d(into, out, kernel, stride, padding, bias=bias, device=weight.device, dtype=weight.dtype)  # type: ignore[arg-type]


def _with_channels(norm: BatchNorm2d, units: int) -> BatchNorm2d:
    """Give the normalisation with new channels at the end: gamma 1, beta 0, mean 0, var 1."""
    from torch import cat
    from torch.nn import BatchNorm2d

    wider = BatchNorm2d(norm.num_features + units, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
    state = {
        name: cat([part, part.new_full((units,), _FRESH[name])]) if name in _FRESH else part.clone()
        for name, part in norm.state_dict().items()
    }
    wider.load_state_dict(state, assign=True)  # their own precision and device
    return wider.train(norm.training)
