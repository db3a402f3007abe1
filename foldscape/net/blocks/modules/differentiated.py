"""Samples that have gone through a net that torch computes, ready for the way back to the inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from foldscape.arrays import FloatArray
from foldscape.net.blocks.modules.passing import samples_in_parts

if TYPE_CHECKING:
    from torch import Tensor

    from foldscape.net.modular import ModularNet


@dataclass(frozen=True)
class PassedModule:
    """As ``foldscape.net.input_gradient.Passed``, for a net at rest that a torch module computes.

    Attributes:
        net: The net.
        outputs: (N, K).
        x: (N, numbers) the samples.
        run: Its module.
    """

    net: ModularNet
    outputs: FloatArray
    x: FloatArray
    run: Callable[[Tensor], Tensor]

    @classmethod
    def through(cls, net: ModularNet, x: FloatArray) -> PassedModule:
        """Pass samples (N, numbers) through a net."""
        module = net.placed().requires_grad_(False)
        with torch.no_grad(), net.running():
            parts = [module(part).cpu().numpy() for part in samples_in_parts(net, x)]
        nothing = np.zeros((0, net.outputs), net.arrays[0].dtype)
        return cls(net, np.concatenate([nothing, *parts]), np.array(x), module)

    def only(self, rows: npt.NDArray[np.bool_]) -> PassedModule:
        """Give some of the samples, by a mask (N,)."""
        return replace(self, outputs=self.outputs[rows], x=self.x[rows])

    def gradient(self, error: FloatArray) -> FloatArray:
        """Give the gradient (N, numbers) of each sample's function by its input, from that by its outputs (N, K)."""
        found, done = [np.zeros((0, self.x.shape[1]), self.outputs.dtype)], 0
        for part in samples_in_parts(self.net, self.x):
            at = part.detach().requires_grad_()
            by_outputs = torch.from_numpy(np.ascontiguousarray(error[done : done + len(at)], self.outputs.dtype))
            found.append(torch.autograd.grad(self.run(at), at, by_outputs.to(at.device))[0].cpu().numpy())
            done += len(at)
        return np.concatenate(found)
