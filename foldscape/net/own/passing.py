"""Pass samples through a module of one's own at rest: what it draws is the same each time, what fails is a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from foldscape.arrays import FloatArray
from foldscape.device import memory_is_full
from foldscape.drawing import drawing
from foldscape.errors import FoldscapeError, NotPossible
from foldscape.net.blocks.layer import told
from foldscape.net.blocks.modules.passing import passed_outputs, samples_in_parts
from foldscape.net.own.factory import cut_short
from foldscape.net.own.making import ALWAYS

if TYPE_CHECKING:
    from foldscape.net.own.net import OwnNet


@contextmanager
def in_words(net: OwnNet, doing: str) -> Iterator[None]:
    """Turn whatever a module raises into one sentence; what the memory does not hold is told by whoever trains.

    Args:
        net: The net.
        doing: What it does, as "when it is trained".

    Raises:
        NotPossible: With the module's own complaint, cut short.
        FoldscapeError: If the block raises one, as it is.
    """
    try:
        yield
    except FoldscapeError:
        raise
    except Exception as error:
        if memory_is_full(error):
            raise
        raise NotPossible(
            f"The net of {net.spec.factory} fails {doing}: {cut_short(error)}.",
            hint=f"Run its module once by itself on a batch of samples of {told(net.shape)}.",
        ) from error


@contextmanager
def at_rest(net: OwnNet) -> Iterator[None]:
    """Run a net at rest; see ``ModularNet.running``."""
    with drawing(ALWAYS), in_words(net, "at rest"):
        yield


def own_outputs(net: OwnNet, x: FloatArray) -> FloatArray:
    """Give the outputs (N, K); in single precision where the module cannot compute in the one asked for."""
    try:
        return passed_outputs(net, x)
    except NotPossible:
        if net.arrays[0].dtype == np.float32:
            raise
        found: FloatArray = passed_outputs(net.astype(np.float32), x).astype(net.arrays[0].dtype)
        return found


def before_last_part(net: OwnNet, x: FloatArray) -> FloatArray:
    """Give what the part with parameters receives that runs last.

    Args:
        net: The net.
        x: (N, numbers) samples.

    Returns:
        (N, numbers).

    Raises:
        NotPossible: If it receives no row a sample.
    """
    module, seen = net.module(), []
    hook = module.get_submodule(net.anatomy.reads_last).register_forward_pre_hook(
        lambda _, given: seen.append(given[0] if given else None)
    )
    kept: list[FloatArray] = []
    try:
        with torch.no_grad(), net.running():
            for part in samples_in_parts(net, x):
                module(part)
                got = seen[-1]
                if not isinstance(got, torch.Tensor) or got.ndim < 2 or len(got) != len(part):
                    raise NotPossible(
                        f"The representation of the net of {net.spec.factory} is not known: its part "
                        f"{net.anatomy.reads_last or 'itself'}, which runs last, receives no row a sample.",
                        hint="Let the net end in a layer of its own, such as nn.Linear.",
                    )
                kept.append(got.flatten(1).numpy().copy())
                seen.clear()
    finally:
        hook.remove()
    return np.concatenate(kept)
