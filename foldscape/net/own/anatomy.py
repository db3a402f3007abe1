"""What a module says of itself once it has been made: its tensors by name, what a sample takes, what it reads last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from foldscape.errors import InvalidInput

Shapes = tuple[tuple[int, ...], ...]
SHOWN = 3
"""Tensors that are named where two nets differ."""


@dataclass(frozen=True)
class Anatomy:
    """What a module says of itself.

    Attributes:
        names: Its trained parameters, each once however many names it has, in the order of ``named_parameters``.
        shapes: Their shapes.
        kept: What is kept beside them and not trained: parameters that are frozen, then buffers.
        kept_shapes: Their shapes.
        multiplications: Multiplications of one sample's way forward; ``None`` where not all could be counted.
        reads_last: The part with trained parameters that ran last, whose inputs are the representation; empty is the
            module itself.
    """

    names: tuple[str, ...]
    shapes: Shapes
    kept: tuple[str, ...]
    kept_shapes: Shapes
    multiplications: int | None
    reads_last: str

    def told(self) -> npt.NDArray[np.uint8]:
        """Write it as one array, JSON in UTF-8, so that it travels with the tensors."""
        return np.frombuffer(json.dumps(asdict(self)).encode(), np.uint8)

    @classmethod
    def read(cls, told: npt.NDArray[np.uint8]) -> Anatomy:
        """Read what ``told`` wrote."""
        plain = json.loads(told.tobytes())
        lists = {name: _tuples(value) for name, value in plain.items() if isinstance(value, list)}
        return cls(**{**plain, **lists})

    def layers(self) -> Iterator[tuple[int, str]]:
        """Give for each trained parameter the number of its layer, those before it counted, and its name there."""
        places: dict[str, int] = {}
        for name in self.names:
            layer, _, tensor = name.rpartition(".")
            yield places.setdefault(layer, len(places)), tensor

    @property
    def has_running_statistics(self) -> bool:
        """Whether batch normalisation keeps any."""
        return any(name.rpartition(".")[2] == "running_mean" for name in self.kept)

    def refuse_other(self, other: Anatomy) -> None:
        """Refuse tensors of another net.

        Args:
            other: The net that they are of.

        Raises:
            InvalidInput: If names or shapes differ, naming the first that do.
        """
        mine = dict(zip((*self.names, *self.kept), (*self.shapes, *self.kept_shapes), strict=True))
        its = dict(zip((*other.names, *other.kept), (*other.shapes, *other.kept_shapes), strict=True))
        if list(its.items()) == list(mine.items()) and other.names == self.names:
            return
        differing = [name for name in {**its, **mine} if its.get(name) != mine.get(name)]
        told = [_difference(name, its.get(name), mine.get(name)) for name in differing[:SHOWN]]
        more = f" and {len(differing) - SHOWN} more" if len(differing) > SHOWN else ""
        words = ", ".join(told) + more if told else "the same tensors in another order, or others of them trained"
        raise InvalidInput(
            f"These are the weights of another net: {words}.",
            hint="Use the factory and the options with which they were made.",
        )


def _difference(name: str, its: tuple[int, ...] | None, mine: tuple[int, ...] | None) -> str:
    if mine is None:
        return f"it has {name}, this net does not"
    if its is None:
        return f"this net has {name}, it does not"
    return f"its {name} is of shape {its}, that of this net of {mine}"


def _tuples(value: Sequence[object]) -> tuple[object, ...]:
    return tuple(tuple(each) if isinstance(each, list) else each for each in value)
