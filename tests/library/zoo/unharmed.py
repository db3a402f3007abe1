"""What a net is, bit for bit, so that nothing that was measured has changed it."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks")


class State:
    """A net at one moment: which objects it holds under which names, their bits, flags, hooks and gradients.

    Args:
        module: The net.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.objects = _objects(module)
        self.bits = {key: _bits(one) for key, one in self.objects.items()}
        self.slopes = {key: one.grad for key, one in self.objects.items() if isinstance(one, nn.Parameter)}
        self.slope_bits = {key: _bits(one) for key, one in self.slopes.items() if one is not None}
        self.facts = _facts(module)
        self.world = _world()

    def harm(self) -> list[str]:
        """Say what is no longer as it was."""
        now = State(self.module)
        said = [f"{key} is another object" for key, one in self.objects.items() if now.objects.get(key) is not one]
        said += [f"{key} is new" for key in now.objects.keys() - self.objects.keys()]
        said += [f"{key} has other bits" for key, bits in self.bits.items() if not _same(bits, now.bits.get(key))]
        said += [
            f"the gradient of {key} is another" for key, one in self.slopes.items() if now.slopes.get(key) is not one
        ]
        said += [
            f"{key} has another gradient" for key, one in self.slope_bits.items() if not _same(one, now.slope_bits[key])
        ]
        said += [f"{name} differs" for name, fact in self.facts.items() if now.facts.get(name) != fact]
        return said + [f"{name} is {now.world[name]}" for name, fact in self.world.items() if now.world[name] != fact]


def can_be_copied(module: nn.Module) -> bool:
    """Say whether ``copy.deepcopy`` takes a net."""
    try:
        copy.deepcopy(module)
    except Exception:
        return False
    return True


def moves(module: nn.Module, optimiser: torch.optim.Optimizer) -> bool:
    """Say whether a step of an optimiser that was made before moves what the net holds, and put it back."""
    trained = [one for one in module.parameters() if one.requires_grad and one.numel()]
    before = [one.detach().clone() for one in trained]
    optimiser.step()
    moved = all(not torch.equal(one, was) for one, was in zip(trained, before, strict=True))
    with torch.no_grad():
        for one, was in zip(trained, before, strict=True):
            one.copy_(was)
    return moved


def _objects(module: nn.Module) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for name, part in module.named_modules(remove_duplicate=False):
        for kind in ("_parameters", "_buffers"):
            found |= {f"{name}.{own}": one for own, one in getattr(part, kind).items() if one is not None}
        found |= {f"{name}.{own} (attribute)": one for own, one in vars(part).items() if isinstance(one, torch.Tensor)}
    return found


def _facts(module: nn.Module) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in module.named_modules(remove_duplicate=False):
        found[f"training of {name}"] = part.training
        found[f"identity of {name}"] = id(part)
        found[f"class of {name}"] = type(part)
        found[f"forward of {name}"] = vars(part).get("forward")
        found |= {f"{kind} of {name}": list(getattr(part, kind, {}).items()) for kind in HOOKS}
        found[f"attributes of {name}"] = sorted(vars(part))
        found |= {
            f"requires_grad of {name}.{own}": one.requires_grad
            for own, one in part._parameters.items()
            if one is not None
        }
    return found


def _world() -> dict[str, Any]:
    return {
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "default dtype": torch.get_default_dtype(),
        "flash kernel": torch.backends.cuda.flash_sdp_enabled(),
        "math kernel": torch.backends.cuda.math_sdp_enabled(),
        "memory-efficient kernel": torch.backends.cuda.mem_efficient_sdp_enabled(),
        "fast path of attention": torch.backends.mha.get_fastpath_enabled(),
        "threads": torch.get_num_threads(),
        "random numbers": torch.get_rng_state().sum().item(),
    }


def _bits(tensor: torch.Tensor) -> torch.Tensor | None:
    if isinstance(tensor, nn.parameter.UninitializedParameter):
        return None
    if tensor.is_inference():
        tensor = tensor.clone()
    return tensor.detach().clone().to_dense().contiguous().reshape(-1).view(torch.uint8)


def _same(one: torch.Tensor | None, other: torch.Tensor | None) -> bool:
    return (one is None and other is None) or (one is not None and other is not None and torch.equal(one, other))
