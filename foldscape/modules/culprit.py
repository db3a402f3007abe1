"""Find the part of a torch module that keeps it from being differentiated twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from foldscape.errors import NotPossible

Run = Callable[[], object]


@contextmanager
def named(module: nn.Module, run: Run) -> Iterator[None]:
    """Turn torch's complaint about a derivative into an error that names the submodule.

    Args:
        module: The net.
        run: Runs it forward, with parameters that ask for gradients; called only after a complaint.

    Raises:
        NotPossible: Instead of torch's RuntimeError or NotImplementedError, where a submodule explains it.
    """
    try:
        yield
    except (RuntimeError, NotImplementedError) as complaint:
        part = _culprit(module, run)
        if part is None:
            raise
        raise NotPossible(
            f"The Hessian of this {type(module).__name__} cannot be taken: {part}.",
            hint="Replace that part by one that makes new tensors and that torch can differentiate twice.",
        ) from complaint


def refuse_cut(gradient: torch.Tensor) -> None:
    """Refuse a gradient some part of which torch would leave out, silently, when it is differentiated again.

    A function that is differentiable once only puts an error node into the graph. It leads to no parameter, so that
    torch never comes by when it is asked for the derivative by the parameters alone.

    Raises:
        RuntimeError: If there is such a node.
    """
    left, seen = [gradient.grad_fn], set()
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if "Error" in node.name() or node.name().endswith("NotImplemented"):
            raise RuntimeError("a function that can be differentiated only once")
        left += [following for following, _ in node.next_functions]


def _culprit(module: nn.Module, run: Run) -> str | None:
    """Watch every innermost submodule once; say which changes its input in place, or which lets no gradient through."""
    told: list[str] = []
    names = {part: name or "itself" for name, part in module.named_modules() if not any(part.children())}
    before: dict[nn.Module, list[int]] = {}

    def enter(part: nn.Module, inputs: tuple[object, ...]) -> None:
        before[part] = [tensor._version for tensor in _tensors(inputs)]

    def leave(part: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        where = f"{names[part]!r} ({type(part).__name__})"
        if [tensor._version for tensor in _tensors(inputs)] != before[part]:
            told.append(f"{where} changes its input in place")
        elif any(tensor.requires_grad for tensor in _tensors(inputs)) and not any(
            tensor.requires_grad for tensor in _tensors((output,))
        ):
            told.append(f"{where} lets no gradient through")
        elif (problem := _twice(part, inputs)) is not None:
            told.append(f"{where} cannot be differentiated twice ({problem})")

    hooks = [part.register_forward_pre_hook(enter) for part in names]
    hooks += [part.register_forward_hook(leave) for part in names]
    try:
        run()
    except RuntimeError:
        _note_unfinished(told, names, before)
    finally:
        for hook in hooks:
            hook.remove()
    return "; ".join(told) if told else None


def _note_unfinished(told: list[str], names: dict[nn.Module, str], before: dict[nn.Module, list[int]]) -> None:
    """Blame the part that was entered last, since running it failed."""
    if not told and before:
        part = list(before)[-1]
        told.append(f"{names[part]!r} ({type(part).__name__}) fails while it runs")


def _twice(part: nn.Module, inputs: tuple[object, ...]) -> str | None:
    """Differentiate a submodule's own output twice by its input, and give torch's complaint if it has one."""
    floats = [tensor for tensor in _tensors(inputs) if tensor.is_floating_point()]
    if not floats:
        return None
    fresh = [tensor.detach().clone().requires_grad_() for tensor in floats]
    try:
        output = type(part).forward(part, *fresh)
        total = torch.stack([tensor.square().sum() for tensor in _tensors((output,))]).sum()
        first = torch.autograd.grad(total, fresh, create_graph=True, allow_unused=True)
        for gradient in first:
            if gradient is not None and gradient.requires_grad:
                refuse_cut(gradient)
                torch.autograd.grad(gradient.square().sum(), fresh, allow_unused=True, retain_graph=True)
    except (RuntimeError, NotImplementedError, TypeError) as complaint:
        return str(complaint).splitlines()[0][:120]
    return None


def _tensors(values: object) -> list[torch.Tensor]:
    if isinstance(values, torch.Tensor):
        return [values]
    if isinstance(values, tuple | list):
        return [tensor for value in values for tensor in _tensors(value)]
    return []
