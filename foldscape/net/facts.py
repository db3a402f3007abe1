"""What can be said of a net before it is trained: its name, its size, what a sample costs, and its blocks to draw."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from foldscape.model import Model
from foldscape.net.compute import per_sample

if TYPE_CHECKING:
    from foldscape.net.spec import NetSpec


class DrawnBlock(Model):
    """A block of a net, as a page draws it."""

    name: str
    """Its name, as ``stage1_1``."""
    out: tuple[int, ...]
    """Shape behind it."""
    parameters: int
    """Trained parameters."""
    multiplications: int
    """Multiplications of one sample's way forward."""
    shortcut: tuple[str, ...] | None
    """Layers on the way around it; none of them leaves a sample as it is, ``null`` says that there is no way."""
    stage: int
    """Which group of blocks it stands in, from 0; -1 for all others."""
    inner: int | None
    """Number of its inner units, which growth can add to; ``null`` where it has none."""
    layers: tuple[str, ...]
    """What a sample passes through, in words."""


class NetFacts(Model):
    """A net on some data, in numbers and blocks."""

    name: str
    """What tables call it."""
    shape: tuple[int, ...]
    """Shape of one sample."""
    classes: int
    """Number of outputs."""
    parameters: int | None
    """Trained parameters; ``null``, with the two below, where they are known once the run has made the net."""
    multiplications: int | None
    """Multiplications by weights of one sample's way forward."""
    operations: int | None
    """Floating point operations of one step of training, forward and back, by sample."""
    blocks: tuple[DrawnBlock, ...]
    """What a sample passes through, in order."""


def facts_of(
    net: NetSpec, shape: tuple[int, ...], classes: int, structure: tuple[tuple[int, ...], ...] | None = None
) -> NetFacts:
    """Say what a net is on samples of a shape, without making it.

    Args:
        net: The net, which can read such samples.
        shape: Shape of one sample.
        classes: Number of outputs.
        structure: Inner widths of its blocks, where growth has changed them.

    Returns:
        Its numbers and blocks.

    Example:
        >>> from foldscape.net.spec import NetSpec
        >>> facts = facts_of(NetSpec(wiring="resnet"), (1, 8, 8), 10)
        >>> facts.name, facts.parameters, len(facts.blocks)
        ('ResNet-8, width 16', 75002, 5)
    """
    blocks = tuple(DrawnBlock.model_validate(told) for told in net.drawn_on(shape, classes, structure))
    named: dict[str, Any] = {"name": net.called_on(shape, classes), "shape": shape, "classes": classes}
    if not blocks:
        return NetFacts(**named, parameters=None, multiplications=None, operations=None, blocks=())
    parameters = sum(block.parameters for block in blocks)
    multiplications = sum(block.multiplications for block in blocks)
    counted = net.can.drawn == "blocks"  # of others, flops_on knows what each parameter takes
    operations = per_sample(multiplications) if counted else net.flops_on(parameters, shape, classes)
    return NetFacts(
        **named,
        parameters=parameters,
        multiplications=multiplications,
        operations=round(float(operations)),
        blocks=blocks,
    )


def layers_drawn(widths: Sequence[int], activation: str, *, bias: bool = True, first: str = "") -> list[dict[str, Any]]:
    """Tell a chain of layers as blocks.

    Args:
        widths: Widths of all layers, inputs and outputs too.
        activation: What the activation of the hidden ones is called.
        bias: Whether they have biases.
        first: Name of the first; ``layer1`` where it is empty.

    Returns:
        One block a layer.

    Example:
        >>> [block["parameters"] for block in layers_drawn((2, 3, 1), "ReLU")]
        [9, 4]
    """
    blocks, last = [], len(widths) - 2
    for number, (before, after) in enumerate(itertools.pairwise(widths)):
        hidden = number < last
        layers = [f"linear {after}", *([activation] if hidden and activation else [])]
        size = (before + bias) * after
        name = first or ("output" if not hidden else f"layer{number + 1}")
        blocks.append(block_drawn(name, (after,), size, before * after, layers, inner=after if hidden else None))
    return blocks


def block_drawn(
    name: str,
    out: tuple[int, ...],
    parameters: int,
    multiplications: int,
    layers: Sequence[str],
    inner: int | None = None,
) -> dict[str, Any]:
    """Tell one block without a way around it, as ``DrawnBlock`` reads it."""
    stage = 0 if inner is not None else -1
    told = {"parameters": parameters, "multiplications": multiplications, "layers": list(layers)}
    return {"name": name, "out": list(out), "shortcut": None, "stage": stage, "inner": inner, **told}
