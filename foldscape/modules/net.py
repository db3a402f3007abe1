"""A torch module as a function of its trained tensors, laid end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from copy import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from foldscape.curvature.blocks import block_table
from foldscape.errors import InvalidInput
from foldscape.modules.arithmetic import differentiating, plain_kernels
from foldscape.modules.axes import with_output_axes
from foldscape.modules.failing import module_errors
from foldscape.modules.placing import placed
from foldscape.modules.precision import Lift, lifted, to_double, to_single
from foldscape.modules.unwrapping import unwrapped


class Net:
    """A module that can be run with any vector in the place of its trained parameters, in evaluation mode.

    Args:
        module: The net, taken out of ``torch.compile`` and of parallel wrappers. Parameters with ``requires_grad``
            count, in ``named_parameters()`` order: one entry for each tensor, whatever number of names it has.

    Attributes:
        module: The net without its wrapper.
        blocks: The block table of the vector.
        theta: The net's own parameters, shape (P,), float64.
        device: Where inputs and vectors go.
        dtype: Type of the vector: the widest of the tensors' types, and at least single precision.
        moves: Which entries are trained, (P,): all but the rows of an embedding's ``padding_idx``, by which torch does
            not differentiate.
        is_shared: Whether several threads may run it at once: its forward changes nothing that it holds.

    Raises:
        InvalidInput: If nothing is trained, or a trained tensor is complex or has no shape yet.

    Example:
        >>> net = Net(nn.Linear(3, 2))
        >>> net.theta.shape, tuple(net(net.tensor(np.zeros(8)), torch.ones(5, 3)).shape)
        ((8,), (5, 2))
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = unwrapped(module)
        trained = [(name, one) for name, one in self.module.named_parameters() if one.requires_grad]
        _check(trained)
        self.device = trained[0][1].device
        self.blocks = with_output_axes(block_table((name, tuple(one.shape)) for name, one in trained), self.module)
        self.theta = np.concatenate([_numbers(one) for _, one in trained])
        self._places = {id(one): place for place, (_, one) in enumerate(trained)}
        self._kept = [one for _, one in trained]  # An id holds for as long as its object lives.
        parts = list(self.module.modules())
        self._writes_weights = any(getattr(part, "max_norm", None) is not None for part in parts)
        self.moves = np.ones(self.theta.size, bool)
        for part in parts:
            self._fix_padding(part)
        held = {tensor.dtype for tensor in (*self.module.parameters(), *self.module.buffers())}
        self._types = {dtype for dtype in held if dtype.is_floating_point}
        self.is_shared = bool(getattr(self.module, "is_shared", False))
        self._standing: torch.Tensor | Sequence[torch.Tensor] | None = None
        self._use(to_single)

    def _use(self, lift: Lift) -> None:
        types = {lift(dtype) for dtype in self._types}
        self._lift, self._is_lifted = lift, types != self._types
        self.dtype = torch.float64 if torch.float64 in types else torch.float32
        self._one_type = types.pop() if len(types) == 1 else None

    def _fix_padding(self, part: nn.Module) -> None:
        row = part.padding_idx if isinstance(part, nn.Embedding | nn.EmbeddingBag) else None
        place = None if row is None else self._places.get(id(part.weight))
        if row is not None and place is not None:
            block = self.blocks[place]
            self.moves[block.span].reshape(block.shape)[row] = False

    def in_double(self) -> Net:
        """Give the same net computing in double precision."""
        other = copy(self)
        other._standing = None
        other._use(to_double)
        return other

    @property
    def size(self) -> int:
        """Number of trained parameters P."""
        return self.theta.size

    def name_of(self, tensor: torch.Tensor) -> str | None:
        """Give the name of a trained parameter; None for any other tensor."""
        place = self._places.get(id(tensor))
        return None if place is None else self.blocks[place].name

    def tensor(self, values: ArrayLike) -> torch.Tensor:
        """Give a vector (P,), or several (vectors, P), as a tensor on the net's device."""
        return torch.tensor(np.asarray(values), dtype=self.dtype, device=self.device)

    def cast(self, values: torch.Tensor) -> torch.Tensor:
        """Bring data to the net's device and, real numbers, to its type; with several types they keep their own."""
        with torch.inference_mode(False):
            moved = values.clone() if values.is_inference() else values
        dtype = values.dtype
        if dtype.is_floating_point:
            dtype = self._one_type or self._lift(dtype)
        return moved.to(self.device, dtype)

    def __call__(self, flat: torch.Tensor, *inputs: Any, **named: Any) -> Any:
        """Run the net with the parameters of a flat tensor (P,)."""
        with self.placed(flat):
            return self.run(*inputs, **named)

    @contextmanager
    def placed(self, flat: torch.Tensor | Sequence[torch.Tensor]) -> Iterator[nn.Module]:
        """Put the parameters of a flat tensor (P,) in place, with copies of the buffers, until the end of the block.

        In the place of the tensor one for each block may be given, of any shape with its numbers.

        Derivatives can be taken of what the module gives meanwhile, whatever the caller's mode is. Take them inside
        too: a checkpoint runs parts of the net again, with what then stands in it. Where the same tensor stands
        already, nothing is done.

        Yields:
            The module.
        """
        if self._standing is flat:
            yield self.module
            return

        vectors = self.vectors(flat) if isinstance(flat, torch.Tensor) else flat

        def parameter(own: torch.Tensor) -> torch.Tensor:
            place = self._places.get(id(own))
            if place is None:
                return self._untracked(own)
            return vectors[place].view(self.blocks[place].shape).to(own.device, self._lift(own.dtype))

        copies: dict[int, torch.Tensor] = {}

        def buffer(own: torch.Tensor) -> torch.Tensor:
            if id(own) not in copies:  # One copy for a tensor of several names: what changes one of them changes all.
                copies[id(own)] = own.detach().to(self._lift(own.dtype), copy=True)
            return copies[id(own)]

        with ExitStack() as stack:
            stack.enter_context(differentiating())
            stack.enter_context(plain_kernels(self.module, self.device))
            stack.enter_context(placed(self.module, parameter, buffer))
            stack.enter_context(lifted(self._lift) if self._is_lifted else nullcontext())
            before, self._standing = self._standing, flat
            try:
                yield self.module
            finally:
                self._standing = before

    def run(self, *inputs: Any, **named: Any) -> Any:
        """Run the module as it stands, within ``placed``.

        Returns:
            The module's own outputs.

        Raises:
            Fails: If the module fails on these inputs, with its own complaint.
        """
        with module_errors(self.module, (*inputs, *named.values())):
            return self.module(*inputs, **named)

    def vectors(self, flat: torch.Tensor) -> Sequence[torch.Tensor]:
        """Cut a flat tensor into those of its blocks, all at once: its gradient is then put together once, too."""
        if self._writes_weights:  # which torch refuses to tensors that were cut at once
            return [flat[block.span] for block in self.blocks]
        return torch.split(flat, [block.numel for block in self.blocks])

    def has(self, tensors: Iterable[torch.Tensor]) -> bool:
        """Tell whether all of some tensors are trained parameters."""
        return all(id(one) in self._places for one in tensors)

    def _untracked(self, own: torch.Tensor) -> torch.Tensor:
        """Give a parameter that is not trained."""
        if own.is_inference() or self._writes_weights:
            own = own.clone()
        return own.detach().to(self._lift(own.dtype))


def _numbers(tensor: torch.Tensor) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().reshape(-1).cpu().to(torch.float64).numpy())


def _check(trained: list[tuple[str, nn.Parameter]]) -> None:
    if not trained:
        raise InvalidInput("The module has no trained parameter.", hint="Set requires_grad on those to measure.")
    for name, one in trained:
        if isinstance(one, nn.parameter.UninitializedParameter):
            raise InvalidInput(f"Parameter {name} has no shape yet.", hint="Run the module once on some inputs first.")
        if one.is_complex():
            raise InvalidInput(
                f"Parameter {name} is complex, and a loss is no analytic function of it.",
                hint="Keep real and imaginary part as two real tensors, and join them with torch.complex in forward.",
            )
