"""Frames: exact where the net is piecewise linear, traced and said so where it is not."""

import numpy as np
import pytest

import foldscape
from foldscape.net.mlp import Weights
from foldscape.probes.measuring.frame import frame
from foldscape.training.opening import subject_of
from foldscape.wire import pack_event, unpack_event
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


def test_a_frame_tells_the_boundary_outside_its_box_only_when_asked():
    spec = foldscape.RunSpec()
    subject = subject_of(spec, spec.load(), None, [])
    subject.net = Weights((np.array([[0, 0], [1, 0.5]], np.float32),), (np.array([0, -1.5], np.float32),))
    plain, wider = frame(subject), frame(subject, 0.4)
    assert plain.beyond is None
    assert unpack_event(*pack_event(plain)).beyond is None
    assert b"beyond" not in pack_event(plain).head  # so that a run tells the bits that it always told
    assert (unpack_event(*pack_event(wider)).beyond == wider.beyond).all()
    assert len(wider.beyond) == 2
    xmin, xmax, ymin, ymax = subject.box
    ends = wider.beyond.reshape(-1, 2)
    np.testing.assert_allclose(ends @ [1, 0.5], 1.5, atol=1e-5)
    np.testing.assert_allclose(sorted(ends[:, 1]), [ymin - 0.4, ymin, ymax, ymax + 0.4], atol=1e-5)
    assert (ends[:, 0] > xmin).all()
    assert (ends[:, 0] < xmax).all()
    assert (wider.boundary == plain.boundary).all()


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
