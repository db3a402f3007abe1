"""Hills in slices and planes: the closed form is the term's own value at nets that are built there."""

import numpy as np
import pytest

from foldscape.landscape import of_run
from foldscape.landscape.recorded import record
from foldscape.landscape.recorded.hills import heights
from foldscape.spec import RunSpec
from foldscape.terms import HillPenalty
from foldscape.terms.standing import Standing
from foldscape.training import Loop

GROWS = {"step": 13, "command": {"kind": "grow", "rule": {"kind": "gradmax"}}}


def run_of(**fields):
    term = {"kind": "hills", "at_epochs": [1, 3], "sigma": 0.6} | fields.pop("term", {})
    plain = {"data": {"kind": "moons", "n": 80}, "net": {"hidden": [5]}, "stop": {"epochs": 5}, "terms": [term]}
    return RunSpec.model_validate(plain | fields)


def at_the_end(spec):
    loop = Loop(spec)
    list(loop.events())
    held = {name.removeprefix("hills."): blocks for name, blocks in loop.engine.memory.terms.items()}
    return loop.subject.net, Standing.of(held)


@pytest.mark.parametrize(
    "term", [{}, {"kernel": "inverse"}, {"kernel": "l2"}, {"scope": "weights"}, {"scope": "last_layer"}]
)
@pytest.mark.parametrize("commands", [[], [GROWS]], ids=["as it was", "grown"])
def test_the_hill_over_a_plane_is_the_terms_own_value_at_each_place(term, commands):
    spec = run_of(term=term, commands=commands)
    net, standing = at_the_end(spec)
    found = of_run(record(spec), {"view": "plane", "plane": {"resolution": 5, "stages": []}})
    ground, arrays = found.rows["ground"], found.arrays("ground")
    x, y = (part.ravel() for part in np.meshgrid(arrays["axis_x"], arrays["axis_y"]))
    mine = heights(ground["hills"], x, y)
    wanted = []
    for a, b in zip(x, y, strict=True):
        theta = arrays["theta"] + a * arrays["first"] + b * arrays["second"]
        ends = np.cumsum([part.size for part in net.flat()])[:-1]
        parts = tuple(one.reshape(part.shape) for one, part in zip(np.split(theta, ends), net.flat(), strict=True))
        wanted.append(HillPenalty(**term).value(parts, standing.held(), 0))
    np.testing.assert_allclose(mine, wanted, rtol=1e-9, atol=1e-9)
    assert len(ground["hills"]["tops"]) == 2


def test_a_top_lies_at_its_foot_and_so_far_off():
    spec = run_of()
    ground = of_run(record(spec), {"view": "slice"}).rows["ground"]
    net, standing = at_the_end(spec)
    for top, parts in zip(ground["hills"]["tops"], standing.tops, strict=True):
        far = np.linalg.norm(np.concatenate([p.ravel() for p in parts]) - net.vector())
        direction = np.linalg.norm(of_run(record(spec), {"view": "slice"}).arrays("ground")["first"])
        assert np.hypot(top["foot"][0] * direction, top["off"]) == pytest.approx(far, rel=1e-6)


def test_the_slice_probe_can_draw_the_hill_from_what_is_told():
    spec = run_of(probes=[{"kind": "slice", "every": 1}])
    loop = Loop(spec)
    last = {event.kind: event for event in loop.events() if event.kind in ("hills", "slice")}
    told, cut = last["hills"], last["slice"]
    vector = loop.subject.pairs.vectors[0]
    for t in cut.t[::20].astype(float):
        theta = loop.subject.net.vector() + t * vector
        ends = np.cumsum([part.size for part in loop.subject.net.flat()])[:-1]
        parts = tuple(
            one.reshape(part.shape) for one, part in zip(np.split(theta, ends), loop.subject.net.flat(), strict=True)
        )
        squared = told.distance**2 - 2 * t * told.along[:, 0] + t**2 * told.share[0]
        by_hand = told.strength * np.exp(-squared / (2 * told.sigma**2)).sum()
        held = {name.removeprefix("hills."): blocks for name, blocks in loop.engine.memory.terms.items()}
        assert by_hand == pytest.approx(HillPenalty().value(parts, held, 0), rel=1e-6)


def test_runs_without_hills_tell_none_and_outputs_have_no_place():
    plain = RunSpec.model_validate({"stop": {"epochs": 2}})
    assert not {"hills", "no_hills"} & set(of_run(record(plain), {"view": "slice"}).rows["ground"])
    ground = of_run(record(run_of(term={"kernel": "function"})), {"view": "slice"}).rows["ground"]
    assert "compare outputs" in ground["no_hills"]
