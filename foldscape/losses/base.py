"""What every loss offers: words, a value of each example, derivatives by the outputs, and what compiled code knows."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from foldscape.arrays import FloatArray, Labels
from foldscape.errors import InvalidInput
from foldscape.losses import derived
from foldscape.model import Named

if TYPE_CHECKING:
    from torch import Tensor


def at(y: Labels, axis: int) -> tuple[Any, ...]:
    """Give the index of the true classes in outputs (..., N, K) for axis -1, (..., K, N) for -2."""
    examples = np.arange(len(y))
    return (..., examples, y) if axis == -1 else (..., y, examples)


class Form(Enum):
    """What the gradient by the outputs is made of, as compiled code knows it: a form of the outputs minus targets."""

    SOFTMAX = "softmax"
    """The probabilities of the classes."""
    SQUARED = "squared"
    """The outputs themselves."""


class Loss(Named):
    """Base of the losses: a mean over examples of a function of an example's outputs and its class.

    A loss needs ``kind``, its words and ``each``, one formula in torch. All else follows from it by differentiation in
    double precision; a closed form that overrides what is derived has to agree with it, which
    ``tests/library/losses/test_every_loss.py`` holds of every loss that is registered.

    The methods on arrays take outputs with the classes in any axis but the examples' own: (..., N, K) for ``axis`` -1,
    (..., K, N) for -2, the layout of the hand-written second derivatives.

    Attributes:
        title: What people call it.
        unit: What follows a number of it: ``0.3 nats``.
        axis: What an axis of its values is called; ``loss, <unit>`` if empty.
        takes_one_output: Whether a net with one output is a net of two classes, 0 and 1, to it.
        takes_targets: Whether ``each`` also takes targets in the outputs' shape, floating.
    """

    title: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    axis: ClassVar[str] = ""
    takes_one_output: ClassVar[bool] = False
    takes_targets: ClassVar[bool] = False

    def each(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Give the loss of each example, differentiable; written with the tensors' own methods, it loads no torch.

        Args:
            outputs: (n, K), of any floating dtype, on any device.
            y: (n,) int64 classes from 0 to K - 1.

        Returns:
            (n,) losses.
        """
        raise NotImplementedError

    @property
    def is_likelihood(self) -> bool:
        """Whether it is the negative log likelihood of the class, so that there is a true Fisher matrix."""
        return False

    @property
    def form(self) -> Form | None:
        """The form under which compiled code knows its gradient, with ``targets``; ``None`` where it does not."""
        return None

    def targets(self, classes: int) -> tuple[float, float]:
        """Give what the form of the outputs is held against: of the true class, and of each other one."""
        return 1.0, 0.0

    @property
    def is_softmax(self) -> bool:
        """Whether it is the plain cross-entropy of a softmax, the one loss that all compiled passes know."""
        return self.form is Form.SOFTMAX and self.targets(2) == (1.0, 0.0)

    @property
    def label(self) -> str:
        """Its kind, with the settings that are not at their defaults: losses of one label can be compared."""
        named = ((name, getattr(self, name)) for name in type(self).model_fields if name != "kind")
        changed = [f"{name}={value}" for name, value in named if value != self._default(name)]
        return f"{self.kind}({', '.join(changed)})" if changed else self.kind

    @classmethod
    def words(cls) -> dict[str, Any]:
        """Give its words as plain JSON."""
        title = cls.title or str(cls._default("kind")).replace("_", " ")
        about = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        return {
            "kind": cls._default("kind"),
            "name": title,
            "unit": cls.unit or title,
            "axis": cls.axis or f"loss, {cls.unit or title}",
            "about": about,
        }

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Let its name go out with its schema, by which forms list it."""
        if isinstance(cls._default("kind"), str):
            cls.model_config["json_schema_extra"] = {"name": cls.words()["name"]}

    def check_outputs(self, outputs: int) -> None:
        """Refuse a net with too few outputs.

        Raises:
            InvalidInput: If it has one, and this loss takes two at least.
        """
        if outputs == 1 and not self.takes_one_output:
            raise InvalidInput(f"The loss {self.kind} takes two outputs at least, not 1.", hint="Give one for a class.")

    def mean_of(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Give the mean over the examples, a scalar tensor: what the torch engine differentiates."""
        return derived.each(self, outputs, y).mean()

    def of_many(self, others: Tensor, mine: Tensor, best_other: Tensor, own: Tensor, labels: Tensor) -> Tensor:
        """Give the loss of every example of many nets side by side, from outputs taken apart for counting hits.

        Args:
            others: (nets, K, N) outputs, contiguous, minus infinity for the true class; may be overwritten.
            mine: (nets, N) outputs of the true class; may be overwritten.
            best_other: (nets, N) the largest of the others.
            own: (N,) place of each example's true class among (K, N), laid end to end.
            labels: (N,) classes.

        Returns:
            (nets, N) losses.
        """
        others.view(len(others), -1).index_copy_(1, own, mine)
        nets, classes, samples = others.shape
        rows = others.transpose(1, 2).reshape(-1, classes)
        return derived.each(self, rows, labels.repeat(nets)).view(nets, samples)

    def values(self, outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
        """Give the loss of each example: (..., N) from outputs (..., N, K) and classes (N,)."""
        return derived.values(self, outputs, y, axis)

    def error(self, outputs: FloatArray, y: Labels, axis: int = -1) -> FloatArray:
        """Give the gradient of each example's loss by its outputs, in their shape."""
        return derived.error(self, outputs, y, axis)

    def both(self, outputs: FloatArray, y: Labels) -> tuple[FloatArray, FloatArray]:
        """Give the loss of each example and its gradient: (..., N) and (..., N, K)."""
        return self.values(outputs, y), self.error(outputs, y)

    def mean(self, outputs: FloatArray, y: Labels) -> FloatArray:
        """Give the mean loss of nets side by side: (...,) float64 from outputs (..., K, N)."""
        return np.asarray(self.values(outputs, y, axis=-2).mean(axis=-1, dtype=np.float64))

    def residual(self, outputs: FloatArray, y: Labels) -> tuple[FloatArray, FloatArray]:
        """Give the first derivative of each example's loss by its outputs (K, N), and what the second one needs.

        Returns:
            The gradient, (K, N), and a ``spread`` of shape (anything, N).
        """
        return self.error(outputs, y, axis=-2), derived.spread(self, outputs, y)

    def curve(self, spread: FloatArray, direction: FloatArray) -> FloatArray:
        """Apply the second derivative of every example to directions of shape (..., K, N)."""
        return derived.curve(spread, direction)

    def variance_of(self, matrix: FloatArray, spread: FloatArray) -> FloatArray:
        """Give wᵀ A w for the columns w of a matrix (K, C) and every example's second derivative A: (C, N)."""
        return derived.variance_of(matrix, spread)

    def variance(self, spread: FloatArray, outputs: int) -> FloatArray:
        """Give the diagonal of every example's second derivative, (outputs, N)."""
        return self.variance_of(np.eye(outputs, dtype=spread.dtype), spread)
