"""Draw random inner units of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from foldscape.growth.blocks.looking import Sample
from foldscape.growth.blocks.measures import depthwise_of, mean_incoming, outgoing_of
from foldscape.growth.blocks.site import Site
from foldscape.growth.blocks.widening import named_parts, with_units

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray


def drawn_units(
    site: Site, count: int, scale: float, sample: Sample, rng: np.random.Generator
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Draw units of random weights; where the layer has biases, each is 0 at a random place of a random example.

    Args:
        site: Where.
        count: How many.
        scale: Norm of the incoming weights, as a share of the others' mean; depthwise filters have that mean itself.
        sample: Training examples.
        rng: Draws them.

    Returns:
        Incoming weights (count, ...), and rows of other arrays for them, by full name.
    """
    weight = named_parts(site.net)[f"{site.inner}.weight"]
    incoming = _of_norm(rng.normal(size=(count, *weight.shape[1:])), scale * mean_incoming(site))
    given = {}
    for name, kernels in depthwise_of(site).items():
        usual = float(np.linalg.norm(kernels.reshape(len(kernels), -1), axis=1).mean())
        given[name] = _of_norm(rng.normal(size=(count, *kernels.shape[1:])), usual)
    if f"{site.inner}.bias" in site.rows:
        given[f"{site.inner}.bias"] = -_answers(site, incoming, sample, rng)
    return incoming, given


def _answers(site: Site, incoming: FloatArray, sample: Sample, rng: np.random.Generator) -> FloatArray:
    """Give what each unit answers, without a bias, to an example of its own, at a place of its own."""
    examples = torch.from_numpy(rng.integers(len(sample.y), size=len(incoming)))
    none = np.zeros((len(incoming), named_parts(site.net)[f"{site.reader}.weight"].size // site.width))
    module = with_units(site, incoming, outgoing_of(site, none), {}).module()
    kept: list[torch.Tensor] = []
    hook = module.get_submodule(site.inner).register_forward_hook(lambda _, given, made: kept.append(made))
    with torch.no_grad():
        module(sample.x[examples])
    hook.remove()
    answers = kept[0][:, site.width :].flatten(2) if kept[0].dim() == 4 else kept[0][..., site.width :].unsqueeze(-1)
    own = answers.numpy()[np.arange(len(incoming)), np.arange(len(incoming))]
    return own[np.arange(len(own)), rng.integers(own.shape[-1], size=len(own))]


def _of_norm(rows: FloatArray, norm: float) -> FloatArray:
    """Give every row a norm."""
    scaled: FloatArray = rows * (norm / np.sqrt(np.square(rows).sum(axis=tuple(range(1, rows.ndim)), keepdims=True)))
    return scaled
