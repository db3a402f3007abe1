"""Which evaluator measures a torch module quickest."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from foldscape.curvature.blocks import block_table
from foldscape.curvature.stack import DenseStack, dense_stack
from foldscape.landscape.batched import BatchedEvaluator
from foldscape.landscape.dense import DenseEvaluator
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.module import ModuleEvaluator
from foldscape.landscape.tracing import traced_stack


def evaluator_of(module: nn.Module, X: Any, y: Any) -> Evaluator:
    """Take a plain chain of linear layers compiled or batched, any other module point by point.

    Args:
        module: Any module.
        X: Its inputs, first axis N.
        y: Labels, first axis N.

    Returns:
        The evaluator, in the precision of the module.
    """
    stack = dense_stack(module, X) or traced_stack(module, X)
    if stack is None or any(bias is None for bias in stack.biases):
        return ModuleEvaluator(module, X, y)
    if not _is_compiled(stack):
        return BatchedEvaluator(module, stack, X, y)
    weights = [weight.detach().numpy() for weight in stack.weights]
    biases = [bias.detach().numpy() for bias in stack.biases if bias is not None]
    data = (torch.as_tensor(part).detach().cpu().numpy() for part in (torch.as_tensor(X).flatten(1), y))
    compiled = DenseEvaluator(weights, biases, stack.activation, *data, negative_slope=stack.negative_slope or 0.0)
    trained = ((name, one) for name, one in module.named_parameters() if one.requires_grad)
    compiled.blocks = block_table((name, tuple(parameter.shape)) for name, parameter in trained)
    return compiled


def _is_compiled(stack: DenseStack) -> bool:
    """Tell whether the compiled evaluator does the same: single precision, on the processor, a slope of at most 1."""
    on_processor = all(weight.device.type == "cpu" for weight in stack.weights)
    return stack.single and on_processor and 0 <= (stack.negative_slope or 0.0) <= 1
