"""All chance of the study: a function of its seed, a purpose, the data set and the draw or net."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from foldscape.data.base import Split
from foldscape.data.plane import Sine
from foldscape.net.mlp import Weights, initial
from foldscape.net.spec import NetSpec
from foldscape.studies.utilisation.methods import METHODS, PERIODS, POINTS, MethodName, SetName
from foldscape.studies.utilisation.spec import Utilisation

_POINTS, _FIRST_WEIGHTS, _GROWTH = 0xDA7A, 0xF157, 0x6207


def draws_of(spec: Utilisation, data: SetName) -> list[Split]:
    """Draw a data set several times, without noise; every point is for training."""
    kind = Sine(n=POINTS, noise=0, test_share=0, periods=PERIODS[data])
    seeds = np.random.default_rng([spec.seed, _POINTS]).integers(0, 2**31, spec.draws)
    return [kind.load(int(seed)) for seed in seeds]


def places_of(spec: Utilisation) -> list[slice]:
    """Give which nets learn each draw, as evenly as it goes."""
    ends = np.linspace(0, spec.nets, spec.draws + 1).astype(int).tolist()
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


def first_nets(spec: Utilisation, data: SetName, width: int) -> list[Weights]:
    """Draw the first nets 2-width-2, uniform in ±1/sqrt(fan_in) as PyTorch's linear layer does."""
    shape = NetSpec(hidden=(width,), output_scale=1)
    place = list(PERIODS).index(data)
    return [
        initial(shape, 2, 2, np.random.default_rng([spec.seed, _FIRST_WEIGHTS, place, width, net]))
        for net in range(spec.nets)
    ]


def growth_chances(spec: Utilisation, data: SetName, method: MethodName) -> Iterator[np.random.Generator]:
    """Give the generator of each net's growth."""
    places = [list(PERIODS).index(data), list(METHODS).index(method)]
    return (np.random.default_rng([spec.seed, _GROWTH, *places, net]) for net in range(spec.nets))
