"""The cut through the last hill and the net: the loss and the hills of just those nets."""

import numpy as np
import pytest

from foldscape.spec import RunSpec
from foldscape.terms import HillPenalty
from foldscape.terms.held import of_kind
from foldscape.training import Loop

HILL = {"kind": "hill", "sigma": 0.5}


def cut_of(*, commands=((8, HILL), (16, HILL)), **fields):
    said = [{"step": step, "command": command} for step, command in commands]
    spec = RunSpec.model_validate(
        {
            "data": {"kind": "moons", "n": 60},
            "net": {"hidden": [4]},
            "optimizer": {"kind": "momentum", "lr": 0.1},
            "batch": 15,
            "stop": {"epochs": 8},
            "probes": [{"kind": "hill_slice", "points": 11}],
            "commands": said,
        }
        | fields
    )
    loop = Loop(spec)
    events = list(loop.events())
    return loop, [event for event in events if event.kind == "hill_slice"]


@pytest.mark.parametrize(
    "hills", [{}, {"kernel": "inverse"}, {"scope": "weights"}, {"scope": "last_layer"}, {"kernel": "function"}]
)
def test_each_place_of_the_cut_has_the_loss_and_the_hills_of_its_own_net(hills):
    loop, cuts = cut_of(terms=[{"kind": "hills", "strength": 3} | hills])
    cut, subject = cuts[-1], loop.subject
    term = next(term for term in subject.terms if isinstance(term, HillPenalty))
    held = of_kind("hills", subject.held_by_terms())
    top = held["c1"]
    theta, start = subject.net.vector(), np.concatenate([part.ravel() for part in top]).astype(float)
    apart = np.linalg.norm(theta - start)
    assert cut.number == 1
    assert cut.distance == pytest.approx(apart, rel=1e-12)
    x, y = subject.split.train_x, subject.split.train_y
    for t, loss, hill in zip(cut.t, cut.train, cut.hills, strict=True):
        at = start + float(t) * (theta - start) / apart
        ends = np.cumsum([part.size for part in top])[:-1]
        parts = [piece.reshape(part.shape) for piece, part in zip(np.split(at, ends), top, strict=True)]
        net = subject.net.with_flat(parts)
        assert loss == pytest.approx(net.objective(x, y).loss(), rel=1e-5)
        single = subject.net.with_flat([part.astype(np.float32) for part in parts])
        assert hill == pytest.approx(term.value_of(single, x, held, loop.position.step), rel=1e-4, abs=1e-6)
    assert cut.t[5] == 0  # the top
    assert cut.t[-1] >= cut.distance  # the net is on the line that is shown


def test_there_is_no_cut_without_a_hill_nor_on_its_very_top():
    _, none = cut_of(commands=())
    assert not none
    _, cuts = cut_of(commands=[(9, HILL)], stop={"epochs": 5})
    assert [cut.step for cut in cuts] == [12, 15]  # not at step 9, where the net stands on it


def test_a_net_whose_loss_has_other_parameters_has_no_cut():
    _, cuts = cut_of(net={"hidden": [4]}, commands=[(8, HILL), (9, {"kind": "grow", "rule": {"kind": "batch_norm"}})])
    assert {cut.step for cut in cuts} <= {9}
