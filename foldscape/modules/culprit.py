"""Find what keeps a torch module from being differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_leaves, tree_map

from foldscape.errors import FoldscapeError, NotPossible
from foldscape.modules.failing import first_line
from foldscape.modules.graph import refuse_cut

Trial = Callable[[], object]


@contextmanager
def naming_culprit(module: nn.Module, run: Trial) -> Iterator[None]:
    """Turn torch's complaint about a derivative into an error that says what it is about.

    Args:
        module: The net.
        run: Runs it forward, with parameters that ask for gradients; called only after a complaint.

    Raises:
        NotPossible: Instead of torch's RuntimeError or NotImplementedError. It names the smallest part of the module
            that by itself has the fault; where none has, it gives torch's own words.
    """
    try:
        yield
    except (RuntimeError, NotImplementedError) as complaint:
        part = _Watch(module, str(complaint)).find(run)
        raise NotPossible(
            f"The derivatives of this {type(module).__name__} cannot be taken: {part or first_line(complaint)}.",
            hint="Replace that part by one that makes new tensors and that torch can differentiate twice."
            if part
            else "No part of it fails by itself: the cause is a function that forward calls, or the loss.",
        ) from complaint


class _Watch:
    """Watches all parts during one run, children before their parents."""

    def __init__(self, module: nn.Module, complaint: str) -> None:
        self.names = {part: name for name, part in module.named_modules()}
        self.is_in_place = "inplace" in complaint
        self.versions: dict[nn.Module, list[int]] = {}
        self.told: dict[nn.Module, str] = {}
        self.is_trying = False

    def find(self, run: Trial) -> str:
        """Run, and say which parts have the fault; nothing where none has."""
        hooks = [part.register_forward_pre_hook(self.enter, with_kwargs=True) for part in self.names]
        hooks += [part.register_forward_hook(self.leave, with_kwargs=True) for part in self.names]
        try:
            run()
        except (RuntimeError, FoldscapeError):
            pass  # What was told until then is what there is to say.
        finally:
            for hook in hooks:
                hook.remove()
        return "; ".join(f"{self.named(part)} {fault}" for part, fault in self.told.items())

    def named(self, part: nn.Module) -> str:
        return f"{self.names[part]!r} ({type(part).__name__})" if self.names[part] else "its own forward"

    def enter(self, part: nn.Module, args: Any, kwargs: Any) -> None:
        if not self.is_trying:
            self.versions[part] = _versions((args, kwargs))

    def leave(self, part: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if self.is_trying or any(child in self.told for child in part.modules()):
            return
        if self.is_in_place:
            if _versions((args, kwargs)) != self.versions[part]:
                self.told[part] = "changes its input in place"
            return
        differentiated = any(tensor.requires_grad for tensor in (*_floats((args, kwargs)), *part.parameters()))
        if differentiated and not any(tensor.requires_grad for tensor in _floats(output)):
            self.told[part] = "lets no gradient through"
            return
        self.is_trying = True
        try:
            problem = _twice(part, args, kwargs)
        finally:
            self.is_trying = False
        if problem:
            self.told[part] = f"cannot be differentiated twice ({problem})"


def _twice(part: nn.Module, args: Any, kwargs: Any) -> str:
    """Differentiate a part's own output twice by inputs and parameters, and give torch's complaint if it has one."""

    def fresh(value: Any) -> Any:
        is_float = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.detach().clone().requires_grad_() if is_float else value

    args, kwargs = tree_map(fresh, (args, kwargs))
    by = [tensor for tensor in (*_floats((args, kwargs)), *part.parameters()) if tensor.requires_grad]
    try:
        total = sum((tensor.square().sum() for tensor in _floats(part.forward(*args, **kwargs))), torch.zeros(()))
        if not by or not total.requires_grad:
            return ""
        for gradient in torch.autograd.grad(total, by, create_graph=True, allow_unused=True):
            if gradient is not None and gradient.requires_grad:
                refuse_cut(gradient)
                torch.autograd.grad(gradient.square().sum(), by, allow_unused=True, retain_graph=True)
    except (RuntimeError, NotImplementedError) as complaint:
        return first_line(complaint)
    return ""


def _floats(values: Any) -> list[torch.Tensor]:
    tensors = (value for value in tree_leaves(values) if isinstance(value, torch.Tensor))
    return [tensor for tensor in tensors if tensor.is_floating_point()]


def _versions(values: Any) -> list[int]:
    return [tensor._version for tensor in _floats(values)]
