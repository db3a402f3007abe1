"""The saddle index along the kept nets of a run is that of each net's dense Hessian, as the probe says it."""

import numpy as np
import pytest

import foldscape
from foldscape.errors import InvalidInput
from foldscape.landscape import saddle_path
from foldscape.landscape.recorded import record

SPEC = foldscape.RunSpec.model_validate(
    {
        "data": {"kind": "moons", "n": 80},
        "net": {"hidden": [6], "activation": "tanh"},
        "stop": {"epochs": 8},
        "probes": [{"kind": "frame"}, {"kind": "saddle", "every": 1}],
    }
)


def test_T_H_11_along_the_kept_nets_it_is_what_the_probe_measured():
    events = list(foldscape.run(SPEC))
    told = {event.step: event for event in events if event.kind == "saddle"}
    path = saddle_path(events, spec=SPEC, moments=5)
    assert [point.epoch for point in path] == [0, 2, 4, 6, 8]
    for point in path:
        assert point.index.share == told[point.step].share
        assert point.index.loss == pytest.approx(told[point.step].loss, rel=1e-12)
        assert point.gradient_norm == pytest.approx(told[point.step].gradient_norm, rel=1e-9)


def test_no_more_moments_than_there_are_and_no_path_of_one():
    recording = record(SPEC)
    steps = [point.step for point in saddle_path(recording, moments=500)]
    assert len(steps) == 9
    assert np.all(np.diff(steps) > 0)
    with pytest.raises(InvalidInput, match="path of 1 moments"):
        saddle_path(recording, moments=1)
