"""Noise that regularises: units and inputs left out, inputs shaken or moved, in the updates alone.

Whatever measures or grows a net sees it without either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foldscape.arrays import Float32Array, Float64Array
from foldscape.chance import generator
from foldscape.engine.adversarial import Adversarial

if TYPE_CHECKING:
    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


@dataclass(frozen=True)
class TrainingNoise:
    """Dropout and input noise of a run; what an update draws is a function of the seed and the update's number.

    Attributes:
        seed: Seed of the run.
        dropout: Probability that a hidden unit is left out for a sample.
        input_noise: Standard deviation of what is added to each input, in data units.
        input_dropout: Probability that an input is left out for a sample.
        adversarial: How inputs are moved against the net; ``None`` where they are not.
        unit: (d,) how far 1 in data units is in each input, where the net reads them in others.

    Example:
        >>> TrainingNoise(seed=0, dropout=0.5).factors(step=3, samples=2, widths=(4,))[0]
        array([[0., 2., 0., 0.],
               [0., 2., 2., 2.]], dtype=float32)
    """

    seed: int = 0
    dropout: float = 0.0
    input_noise: float = 0.0
    input_dropout: float = 0.0
    adversarial: Adversarial | None = None
    unit: Float32Array | None = None

    def factors(self, step: int, samples: int, widths: Sequence[int]) -> list[Float32Array]:
        """Draw what each hidden unit's activation is multiplied by, sample by sample.

        A unit that stays is scaled up by 1 / (1 - dropout), so that the expectation is the net without dropout
        (inverted dropout; Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting",
        section 10).

        Args:
            step: Updates done before this one.
            samples: Samples of its batch.
            widths: Width of each hidden layer.

        Returns:
            One (samples, width) array a hidden layer, each entry 0 or 1 / (1 - dropout); none without dropout.
        """
        if not self.dropout:
            return []
        rng = generator(self.seed, "dropout", step)
        scale = np.float32(1 / (1 - self.dropout))
        return [scale * (rng.random((samples, width)) >= self.dropout) for width in widths]

    def shifts(self, step: int, samples: int, features: int) -> Float32Array | None:
        """Draw what is added to the inputs of a batch (Bishop 1995, "Training with noise is equivalent to Tikhonov").

        Args:
            step: Updates done before this one.
            samples: Samples of its batch.
            features: Inputs of a sample.

        Returns:
            (samples, features) normal numbers; ``None`` without input noise.
        """
        if not self.input_noise:
            return None
        drawn = generator(self.seed, "input_noise", step).normal(0, self.input_noise, (samples, features))
        return self._read(drawn)

    def input_factors(self, step: int, samples: int, features: int) -> Float32Array | None:
        """Draw what the inputs of a batch are multiplied by, as ``factors`` does for hidden units.

        Args:
            step: Updates done before this one.
            samples: Samples of its batch.
            features: Inputs of a sample.

        Returns:
            (samples, features), each entry 0 or 1 / (1 - input_dropout); ``None`` without input dropout.
        """
        if not self.input_dropout:
            return None
        drawn = generator(self.seed, "input_dropout", step).random((samples, features))
        return np.float32(1 / (1 - self.input_dropout)) * (drawn >= self.input_dropout)

    def starts(self, step: int, samples: int, features: int) -> Float32Array | None:
        """Draw where PGD begins, uniform within its radius.

        Args:
            step: Updates done before this one.
            samples: Samples of its batch.
            features: Inputs of a sample.

        Returns:
            (samples, features), relative to the inputs; ``None`` where nothing begins at random.
        """
        if self.adversarial is None or self.adversarial.kind != "pgd":
            return None
        radius = self.adversarial.radius
        drawn = generator(self.seed, "adversarial", step).uniform(-radius, radius, (samples, features))
        return self._read(drawn)

    def _read(self, drawn: Float64Array) -> Float32Array:
        """Give lengths in data units as the net reads them."""
        return drawn.astype(np.float32) if self.unit is None else (drawn * self.unit).astype(np.float32)


def noise_of(spec: RunSpec, split: Split, dropout: float = 0.0) -> TrainingNoise:
    """Give what disturbs the updates of a run."""
    inputs = (spec.input_noise, spec.input_dropout, spec.adversarial)
    return TrainingNoise(spec.chance, dropout, *inputs, unit=split.unit)


NO_NOISE = TrainingNoise()
