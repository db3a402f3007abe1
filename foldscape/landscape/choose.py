"""Which evaluator measures a torch module quickest."""

from __future__ import annotations

from typing import Any

from torch import nn

from foldscape.curvature.blocks import block_table
from foldscape.curvature.stack import DenseStack, dense_stack
from foldscape.landscape.batched import BatchedEvaluator
from foldscape.landscape.dense import DenseEvaluator
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.module import ModuleEvaluator
from foldscape.landscape.tracing import traced_stack
from foldscape.modules.batch_loss import BatchLoss, LossLike, known_loss
from foldscape.modules.reading import classes_of, read_samples
from foldscape.modules.unwrapping import unwrapped


def evaluator_of(
    module: nn.Module, X: Any, y: Any, loss: LossLike = "cross_entropy", norm_data: Any = None
) -> Evaluator:
    """Take a plain chain of linear layers compiled or batched, any other module point by point.

    Args:
        module: Any module.
        X: Inputs, or data in any form that ``ModuleEvaluator`` takes.
        y: Labels; ``None`` with data that hold them.
        loss: As for ``ModuleEvaluator``.
        norm_data: As for ``ModuleEvaluator``; a plain chain has no such statistics.

    Returns:
        The quickest kind that fits.
    """
    module = unwrapped(module)
    samples, known = read_samples(X, y, whole=isinstance(loss, BatchLoss)), known_loss(loss)
    plain = None if known is None else classes_of(samples)
    stack = None if plain is None else dense_stack(module, plain[0]) or traced_stack(module, plain[0])
    if known is None or plain is None or stack is None or any(bias is None for bias in stack.biases):
        return ModuleEvaluator(module, samples, None, loss, norm_data=norm_data)
    if not _is_compiled(stack) or not known.is_softmax:
        return BatchedEvaluator(module, stack, samples, loss=known)
    weights = [weight.detach().numpy() for weight in stack.weights]
    biases = [bias.detach().numpy() for bias in stack.biases if bias is not None]
    data = (part.cpu().numpy() for part in (plain[0].flatten(1), plain[1]))
    compiled = DenseEvaluator(weights, biases, stack.activation, *data, negative_slope=stack.negative_slope or 0.0)
    compiled.blocks = block_table((name, one.shape) for name, one in zip(stack.names, stack.tensors, strict=True))
    return compiled


def _is_compiled(stack: DenseStack) -> bool:
    """Tell whether the compiled evaluator does the same: single precision, on the processor, a slope of at most 1."""
    on_processor = all(weight.device.type == "cpu" for weight in stack.weights)
    return stack.single and on_processor and 0 <= (stack.negative_slope or 0.0) <= 1
