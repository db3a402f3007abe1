"""What a run tells of the loss surface around it: as the library says of the same net, and as columns."""

import dataclasses

import numpy as np
import pytest

import foldscape
from foldscape.landscape import random_direction, topology
from foldscape.landscape.surface import axis
from foldscape.measures.declared import MEASURES, PROBE_OF, values_of
from foldscape.sweep.spec import SweepSpec
from foldscape.training import Loop

PROBES = [{"kind": kind, "every": 1} for kind in ("layer_gradients", "tunnel", "saddle", "topology")]


@pytest.fixture(scope="module")
def run():
    spec = foldscape.RunSpec.model_validate(
        {
            "data": {"kind": "moons", "n": 80},
            "net": {"hidden": [6, 4], "activation": "tanh"},
            "optimizer": {"kind": "sgd", "lr": 0.3},
            "stop": {"epochs": 30},
            "seed": 3,
            "probes": PROBES,
        }
    )
    loop = Loop(spec)
    events = list(loop.events())
    return loop.subject, {event.kind: event for event in events if event.kind != "metrics"}


def test_T_H_9_the_norms_are_those_of_the_gradient(run):
    subject, events = run
    event, gradient = events["layer_gradients"], subject.net.objective(*subject.probe_points()).gradient()
    assert len(event.names) == len(event.norms) == 3
    assert np.linalg.norm(event.norms) == pytest.approx(np.linalg.norm(gradient), rel=1e-9)
    assert (event.first, event.last) == (event.norms[0], event.norms[-1])


def test_T_H_10_the_loss_has_risen_at_the_radius(run):
    subject, events = run
    event, objective = events["tunnel"], subject.net.objective(*subject.probe_points())
    at = {
        f"random {draw}": random_direction(objective.theta, objective.blocks, subject.seed + draw) for draw in range(10)
    }
    assert np.isfinite(event.rays).any()
    for ray, radius in zip(at.values(), event.rays, strict=True):
        if np.isfinite(radius):
            vector = ray.scaled("neuron-relative", objective.theta).vector
            assert objective.loss(objective.theta + radius * vector) - objective.loss() == pytest.approx(0.1, rel=1e-4)
    assert event.sharpest > 0


def test_T_H_11_the_index_is_counted_in_a_small_net(run):
    subject, events = run
    objective = subject.net.objective(*subject.probe_points())
    values = np.linalg.eigvalsh(objective.dense_hessian())
    assert events["saddle"].share == np.mean(values < -1e-6 * np.abs(values).max())
    assert events["saddle"].loss == pytest.approx(objective.loss(), rel=1e-12)
    assert events["saddle"].error == 0


def test_T_H_13_the_topology_is_that_of_the_plane(run):
    subject, events = run
    event, objective = events["topology"], subject.net.objective(*subject.probe_points())
    first, second = (random_direction(objective.theta, objective.blocks, 2 * subject.seed + draw) for draw in (0, 1))
    steps = axis((-1.0, 1.0), 25)
    points = objective.theta + steps[:, None, None] * second.vector + steps[:, None] * first.vector
    losses = objective.losses(points.reshape(-1, objective.size)).reshape(25, 25)
    found = topology(losses, relative_error=1e-6)
    assert event.basins == found.count(found.threshold)
    assert event.roughness == pytest.approx(found.roughness, rel=1e-3, abs=1e-6)
    assert event.hills == len(found.hills.top)


def test_the_sharpest_two_span_a_plane_too():
    spec = foldscape.RunSpec.model_validate(
        {
            "data": {"kind": "moons", "n": 80},
            "stop": {"epochs": 1},
            "probes": [{"kind": "topology", "axes": "sharpest"}],
        }
    )
    assert [event.axes for event in foldscape.run(spec) if event.kind == "topology"] == ["sharpest"]


@pytest.mark.parametrize("kind", ["layer_gradients", "tunnel", "saddle", "topology"])
def test_T_H_13_what_is_told_are_columns(run, kind):
    event = run[1][kind]
    told = values_of(event)
    assert told
    assert set(told) == {name for name, column in MEASURES.items() if column.event == kind}
    assert {PROBE_OF[name] for name in told} == {kind}
    for name in told:
        assert MEASURES[name].made_with(event).count(",") == max(0, len(MEASURES[name].set_by) - 1)


def test_beyond_the_largest_radius_there_is_no_number(run):
    event = dataclasses.replace(run[1]["tunnel"], random=None, reached=0.0)
    assert values_of(event)["tunnel_width"] is None
    assert values_of(event)["tunnel_reached"] == 0


def test_sweeps_measure_them():
    sweep = SweepSpec.model_validate(
        {"base": {"data": {"kind": "moons"}}, "vary": {"batch": [10, 50]}, "seeds": [0], "measure": {"probes": PROBES},
         "primary": {"measure": "tunnel_width"}}
    )  # fmt: skip
    assert {"gradient_first", "tunnel_width", "saddle_index", "roughness"} <= set(sweep.measure.columns)
