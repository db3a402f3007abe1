"""Make a module of one's own ready to be trained: in single precision, tried on two samples, its tensors named."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from foldscape.arrays import FloatArray
from foldscape.drawing import drawing
from foldscape.errors import InvalidInput
from foldscape.modules.failing import Fails, module_errors
from foldscape.modules.unwrapping import unwrapped
from foldscape.net.blocks.layer import told
from foldscape.net.own.anatomy import Anatomy
from foldscape.net.own.counting import counting
from foldscape.net.own.factory import FactoryRefused, module_of, refuse_unless_allowed

if TYPE_CHECKING:
    from foldscape.net.kinds.module import ModuleSpec

TRIED = 2
"""Samples on which a module is tried; they are zeros, which every kind of input may hold."""
ALWAYS = (0,)
"""What seeds everything that a factory draws but the first weights: it is the same in all runs and measurements."""


class Made(NamedTuple):
    """A module with what it says of itself."""

    module: nn.Module
    anatomy: Anatomy


def made(spec: ModuleSpec, shape: tuple[int, ...], classes: int, words: Sequence[int]) -> Made:
    """Make a module and try it.

    Args:
        spec: Which factory, with which options.
        shape: Shape of one sample.
        classes: Number of outputs K.
        words: What seeds what it draws.

    Returns:
        The module, at rest on the processor in single precision, and what it says of itself.

    Raises:
        FactoryRefused: If there is none, it does not fit the data, or nothing in it can be trained.
    """
    with torch.inference_mode(False), torch.enable_grad(), drawing(words):
        module = _settled(spec, shape, classes)
        trained, kept = trained_of(module), kept_of(module)
        _refuse_strange(spec.factory, trained, kept)
    with torch.inference_mode(False), drawing(words):
        try:
            copied = copy.deepcopy(module)
        except Exception:  # what cannot be copied is made once more, to the same
            copied = _settled(spec, shape, classes)
        multiplications, reads_last = _tried(copied, spec.factory, shape, classes)
    anatomy = Anatomy(tuple(trained), _shapes(trained), tuple(kept), _shapes(kept), multiplications, reads_last)
    return Made(module, anatomy)


def own_module(
    spec: ModuleSpec, shape: tuple[int, ...], classes: int, arrays: Sequence[FloatArray], kept: Sequence[FloatArray]
) -> nn.Module:
    """Make the module of a net, which takes samples as rows.

    Args:
        spec: Which factory, with which options.
        shape: Shape of one sample.
        classes: Number of outputs K.
        arrays: Trained parameters, whose precision it gets.
        kept: What is kept beside them.

    Returns:
        The module with copies of them, at rest on the processor.
    """
    module = _like(spec, shape, classes).to(torch.from_numpy(np.zeros(0, arrays[0].dtype)).dtype)
    with torch.no_grad():
        into = [*trained_of(module).values(), *kept_of(module).values()]
        for tensor, array in zip(into, [*arrays, *kept], strict=True):
            tensor.copy_(torch.from_numpy(np.array(array)))
    # A copy, so that a module that changes what it is given spoils no data.
    module.register_forward_pre_hook(lambda _, given: (given[0].reshape(len(given[0]), *shape).clone(), *given[1:]))
    return module


def anatomy_of(spec: ModuleSpec, shape: tuple[int, ...], classes: int) -> Anatomy:
    """Give what the module of a spec says of itself."""
    refuse_unless_allowed(spec.factory)
    return _pattern(spec.factory, _key(spec), shape, classes).anatomy


def as_arrays(tensors: Mapping[str, Tensor]) -> tuple[FloatArray, ...]:
    """Copy tensors to numpy, in their order."""
    return tuple(tensor.detach().cpu().numpy().copy() for tensor in tensors.values())


def trained_of(module: nn.Module) -> dict[str, Tensor]:
    """Give the parameters that are trained, by name."""
    return {name: one for name, one in module.named_parameters() if one.requires_grad}


def kept_of(module: nn.Module) -> dict[str, Tensor]:
    """Give what is kept beside them, by name: frozen parameters, then buffers."""
    frozen: dict[str, Tensor] = {name: one for name, one in module.named_parameters() if not one.requires_grad}
    return frozen | dict(module.named_buffers())


def _settled(spec: ModuleSpec, shape: tuple[int, ...], classes: int) -> nn.Module:
    """Let the factory make its module, and bring it to rest, in single precision, with every tensor in its shape."""
    module = module_of(spec.factory, spec.options, shape, classes)
    try:
        module = unwrapped(module)
    except InvalidInput as error:
        raise FactoryRefused(spec.factory, f"cannot be used: {error.message.rstrip('.')}", error.hint) from None
    _take_out_of_inference_mode(module)
    module = module.float().eval()
    if any(nn.parameter.is_lazy(tensor) for tensor in (*module.parameters(), *module.buffers())):
        _run(module, spec.factory, shape)
    return module


def _like(spec: ModuleSpec, shape: tuple[int, ...], classes: int) -> nn.Module:
    """Give a module of its own to whoever asks; one that cannot be copied is made anew."""
    refuse_unless_allowed(spec.factory)
    try:
        return copy.deepcopy(_pattern(spec.factory, _key(spec), shape, classes).module)
    except FactoryRefused:
        raise
    except Exception:
        return made(spec, shape, classes, ALWAYS).module


@lru_cache(maxsize=8)
def _pattern(factory: str, options: str, shape: tuple[int, ...], classes: int) -> Made:
    from foldscape.net.kinds.module import ModuleSpec

    return made(ModuleSpec(wiring="module", factory=factory, options=json.loads(options)), shape, classes, ALWAYS)


def _key(spec: ModuleSpec) -> str:
    return json.dumps(spec.options)


def _tried(module: nn.Module, reference: str, shape: tuple[int, ...], classes: int) -> tuple[int | None, str]:
    """Run a module on two samples; give its multiplications a sample, and which part with parameters ran last."""
    order = [""]
    hooks = [
        part.register_forward_pre_hook(lambda _, given, name=name: order.append(name))
        for name, part in module.named_modules()
        if any(one.requires_grad for one in part.parameters(recurse=False))
    ]
    try:
        with counting(module) as counted:
            outputs = _run(module, reference, shape)
    finally:
        for hook in hooks:
            hook.remove()
    if why := unfit_outputs(outputs, TRIED, shape, classes):
        raise FactoryRefused(reference, f"gives a net that {why}", "Let its last layer have an output a class.")
    if not outputs.requires_grad:
        raise FactoryRefused(
            reference, "gives a net whose outputs depend on no trained parameter", "Look in forward for detach()."
        )
    return counted.multiplications(TRIED), order[-1]


def _run(module: nn.Module, reference: str, shape: tuple[int, ...]) -> Any:
    samples = torch.zeros(TRIED, *shape)
    try:
        with module_errors(module, (samples,)):
            return module(samples)
    except Fails as error:
        what = f"gives a net that cannot read samples of {told(shape)}: {error.message[:1].lower()}{error.message[1:]}"
        raise FactoryRefused(reference, what.rstrip("."), f"Let it make one for samples of {told(shape)}.") from error


def unfit_outputs(outputs: Any, samples: int, shape: tuple[int, ...], classes: int) -> str:
    """Say why outputs are not what a run needs, (N, K).

    Args:
        outputs: What a module gave.
        samples: Samples N that it was given.
        shape: Shape of one.
        classes: Number of classes K.

    Returns:
        The end of a sentence, "the net ..."; empty where they are.
    """
    if not isinstance(outputs, Tensor):
        return f"gives a {type(outputs).__name__} for a batch, where one tensor of outputs is wanted"
    if tuple(outputs.shape) == (samples, classes):
        return ""
    return (
        f"gives outputs of shape {tuple(outputs.shape)} for {samples} samples of {told(shape)}, where "
        f"({samples}, {classes}) is wanted, a number for each of the {classes} classes"
    )


def _take_out_of_inference_mode(module: nn.Module) -> None:
    """Put tensors that can be trained in the place of those that were made in inference mode."""
    fresh: dict[int, Tensor] = {}

    def taken(own: Tensor) -> Tensor:
        if id(own) not in fresh:
            clone = own.clone()
            fresh[id(own)] = nn.Parameter(clone, own.requires_grad) if isinstance(own, nn.Parameter) else clone
        return fresh[id(own)]

    for part in module.modules():
        for table in (part._parameters, part._buffers):
            for name, own in table.items():
                if own is not None and not nn.parameter.is_lazy(own) and own.is_inference():
                    table[name] = taken(own)  # type: ignore[assignment]


def _refuse_strange(reference: str, trained: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> None:
    if not trained:
        raise FactoryRefused(
            reference, "gives a net without a trained parameter", "Set requires_grad on those to be trained."
        )
    for name, tensor in (*trained.items(), *kept.items()):
        if tensor.is_complex() or tensor.is_quantized or tensor.layout != torch.strided:
            kind = "complex" if tensor.is_complex() else "quantized" if tensor.is_quantized else "sparse"
            raise FactoryRefused(
                reference,
                f"gives a net whose {name} is {kind}, which no run can keep",
                "Keep it as plain real tensors.",
            )


def _shapes(tensors: Mapping[str, Tensor]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(tensor.shape) for tensor in tensors.values())
