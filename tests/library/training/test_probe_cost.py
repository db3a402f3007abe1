"""What measuring is foreseen to cost: within reach of what it does cost, and right about sizes."""

import time

import numpy as np
import pytest

import foldscape
from foldscape.cost.work import MOST_POINTS, Size, Work
from foldscape.curvature import subset
from foldscape.net.mlp import initial
from foldscape.probes import Probe
from foldscape.registry import kinds
from foldscape.training import Loop

KINDS = kinds("foldscape.probes", Probe)
BY = 8
"""A forecast may be wrong by this factor: it decides only whether somebody is asked."""


def test_the_sizes_are_those_of_the_net():
    spec = foldscape.RunSpec.model_validate({"data": {"kind": "digits"}, "net": {"hidden": [32, 7]}})
    net = initial(spec.net, 64, 10, np.random.default_rng(0))
    size = Size.of((64, 32, 7, 10), 100)
    assert (size.parameters, size.units) == (net.parameters, 49)
    assert MOST_POINTS == subset.LIMIT


@pytest.mark.parametrize("kind", KINDS)
def test_every_probe_says_its_work_and_more_costs_more(kind):
    work = KINDS[kind]().work
    small, large = Size.of((2, 8, 2), 200), Size.of((64, 100, 10), 1500)
    assert 0 < work.on(small) < work.on(large)
    assert (work + Work(products=1)).on(small) > work.on(small)


HILLS = {"terms": [{"kind": "hills", "at_epochs": [2]}]}
NEEDS = {
    "hills": HILLS,
    "hill_slice": HILLS,
    "average": {"average": {"kind": "ema"}},
    "nudged": {"optimizer": {"kind": "nudged"}},
    "iterative": {"data": {"kind": "digits"}, "net": {"wiring": "res_mlp", "width": 16, "inner": 16}},
}
"""What a run has to have before a probe has something to look at."""


def loop_for(kind):
    """Give a loop at rest that has what a probe looks at."""
    fields = {"data": {"kind": "moons"}, "net": {"hidden": [16, 16]}, "probes": [], "stop": {"epochs": 4}}
    spec = foldscape.RunSpec.model_validate(fields | NEEDS.get(kind, {}))
    if KINDS[kind]().problem(spec.data):
        spec = foldscape.RunSpec.model_validate(fields | {"data": {"kind": "digits"}})
    loop = Loop(spec)
    if kind in NEEDS:
        list(loop.events())
    return loop


@pytest.mark.parametrize("kind", KINDS)
def test_the_forecast_is_of_the_right_size(kind):
    loop = loop_for(kind)
    subject, spec = loop.subject, loop.spec
    probe = KINDS[kind]()
    took = []
    for _ in range(4):
        subject.objective = subject.pairs = None
        began = time.process_time()
        list(probe.measure(subject))
        took.append(time.process_time() - began)
    foreseen = probe.work.on(Size.of((spec.data.features, 16, 16, spec.data.classes), spec.train_size))
    assert foreseen / BY < min(took) < foreseen * BY
