"""Frames: exact where the net is piecewise linear, traced and said so where it is not."""

import numpy as np
import pytest

import foldscape
from foldscape.probes.measuring.frame import frame
from foldscape.training.opening import subject_of
from tests.library.net.graphs import random_dag, recursion


def last_frame(**net):
    spec = foldscape.RunSpec.model_validate(
        {
            "data": {"kind": "gaussian_blobs"},
            "net": net,
            "stop": {"epochs": 60},
            "probes": [{"kind": "frame", "every": 60}],
        }
    )
    return [event for event in foldscape.run(spec) if event.kind == "frame"][-1], spec


def lead(frame, points, activation):
    """Difference of the two largest outputs at some points."""
    h = points.astype(np.float64)
    for w, b in zip(frame.weights[:-1], frame.biases[:-1], strict=True):
        h = activation(h @ w.T.astype(np.float64) + b)
    two = np.sort(h @ frame.weights[-1].T.astype(np.float64) + frame.biases[-1], axis=1)[:, -2:]
    return two[:, 1] - two[:, 0]


def test_the_boundary_of_a_relu_net_is_exact():
    frame, _ = last_frame(hidden=[8])
    assert len(frame.boundary) > 0
    assert len(frame.folds) > 0
    gaps = lead(frame, frame.boundary.reshape(-1, 2), lambda z: np.maximum(z, 0))
    assert gaps.max() < 1e-4  # end points travel in float32


def test_a_tanh_net_has_no_folds_says_why_and_its_boundary_is_traced():
    frame, _ = last_frame(hidden=[6], activation="tanh")
    assert len(frame.folds) == 0
    assert "traced on a grid" in frame.why_no_folds
    ends = frame.boundary.reshape(-1, 2)
    assert lead(frame, ends, np.tanh).max() < 0.2
    inside = np.random.default_rng(0).uniform(-3, 3, (2000, 2))
    assert np.median(lead(frame, inside, np.tanh)) > 1


@pytest.mark.parametrize("hidden", [[], [3], [4, 4]])
def test_every_unit_has_its_lasting_id(hidden):
    frame, _ = last_frame(hidden=hidden)
    assert [len(ids) for ids in frame.units] == hidden
    assert np.concatenate([*frame.units, np.zeros(0, np.int32)]).tolist() == list(range(sum(hidden)))


def test_the_frame_of_a_graph_names_its_edges_and_its_lines_are_those_of_the_graph():
    spec = foldscape.RunSpec.model_validate({"data": {"kind": "moons"}, "net": {"hidden": [], "wiring": "dag"}})
    split = spec.data.load(7)
    net = random_dag(np.random.default_rng(3), inputs=2, outputs=2, hidden=9, share=0.7).astype(np.float32)
    shown = frame(subject_of(spec, split, net, net.unit_ids()))
    assert shown.edges.tolist() == net.graph.edges.tolist()
    assert shown.primary.dtype == np.uint8
    assert [ids.tolist() for ids in shown.units] == [ids.tolist() for ids in net.graph.units]
    assert len(shown.fold_points)
    exact = net.astype(np.float64)
    for points in (shown.boundary.reshape(-1, 2), shown.fold_points):
        out = recursion(exact, points.astype(np.float64))
        assert np.abs(out[:, 0] - out[:, 1]).max() <= 1e-4
    middles = shown.folds.mean(axis=1).astype(np.float64)
    for layer in range(len(net.hidden)):
        z = exact.preactivations(middles, layer)
        mine = shown.fold_unit[:, 0] == layer
        assert np.abs(z[mine, shown.fold_unit[mine, 1]]).max(initial=0) <= 1e-4
