"""The straight line from the first net of a run to its last, and whether descent on the way points there."""

import numpy as np
import pytest

import foldscape
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape import one_point_convexity
from foldscape.landscape.recorded import of_run, record
from foldscape.landscape.recorded.moments import RecordedRun

RUN = foldscape.RunSpec.model_validate(
    {"data": {"kind": "moons", "n": 90}, "net": {"hidden": [6]}, "stop": {"epochs": 8}, "probes": [{"kind": "frame"}]}
)
GROWN = {
    "rule": {"kind": "gradmax"},
    "schedule": {"kind": "periodic", "start": 2, "every": 2, "births": 2},
}


def net_at(run, step):
    return RecordedRun(run).net(step).net


@pytest.mark.parametrize("product", [0.05, 0.9, 1.5, 1.9])
def test_T_H_3_full_batch_descent_on_a_quadratic_always_points_to_its_end(product):
    """The share of steps with cos(-g_t, theta_T - theta_t) > 0 is 1."""
    values, lr, theta = np.array([2 * product, product, 0.1]), 0.5, np.array([1.0, -2.0, 3.0])
    path = [theta]
    for _ in range(40):
        path.append(path[-1] - lr * values * path[-1])
    found = one_point_convexity(np.array(path) * values, path)
    assert found.share == 1
    assert len(found.cosines) == 40


def test_T_H_3_so_it_does_in_a_run_of_a_linear_net():
    spec = foldscape.RunSpec.model_validate(
        {"data": {"kind": "gaussian_blobs", "n": 60, "k": 2, "test_share": 0}, "net": {"hidden": []}, "loss": "mse",
         "batch": 60, "optimizer": {"kind": "sgd", "lr": 0.05}, "stop": {"epochs": 30}, "probes": [{"kind": "frame"}]}
    )  # fmt: skip
    found = of_run(record(spec), {"view": "straight"})
    assert found.rows["onward"]["share"] == 1
    assert found.rows["onward"]["moments"] == 30
    assert (found.arrays("onward")["cosine"] > 0).all()


def test_uphill_points_away_and_what_has_no_length_has_no_angle():
    path = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    assert one_point_convexity(-path, path).share == 0
    still = one_point_convexity(np.zeros((3, 2)), path)
    assert np.isnan(still.share)
    assert np.isnan(still.cosines).all()
    for gradients, thetas in ((path[:1], path), (path, path[:1]), (path[:, :1], path)):
        with pytest.raises(InvalidInput, match="do not fit a path"):
            one_point_convexity(gradients, thetas)


def test_the_line_leads_from_the_first_net_to_the_moment():
    run = record(RUN)
    found = of_run(run, {"view": "straight", "points": 11})
    way, ground = found.arrays("way.straight"), found.arrays("ground")
    first, last = net_at(run, 0), net_at(run, None)
    np.testing.assert_allclose(ground["theta"], first.vector())
    np.testing.assert_allclose(ground["other"], last.vector())
    split = RUN.load()
    losses = first.objective(split.train_x, split.train_y, RUN.loss).losses(
        (1 - way["t"][:, None]) * first.vector() + way["t"][:, None] * last.vector()
    )
    np.testing.assert_allclose(way["train_loss"], losses, rtol=1e-5)
    assert "train" in found.rows["way.straight"]
    assert found.rows["ground"]["from"]["step"] == 0
    assert {key for key in found.rows if key.startswith("topology")} == {
        f"topology.straight.{part}" for part in ("train", "test")
    }


def test_each_kept_moment_is_held_against_the_end():
    run = record(RUN)
    onward = of_run(run, {"view": "straight"}).arrays("onward")
    split, last = RUN.load(), net_at(run, None).vector()
    for step, cosine in zip(onward["steps"], onward["cosine"], strict=True):
        net = net_at(run, int(step))
        g, ahead = net.objective(split.train_x, split.train_y, RUN.loss).gradient(), last - net.vector()
        assert cosine == pytest.approx(-g @ ahead / np.linalg.norm(g) / np.linalg.norm(ahead), abs=1e-5)


def test_a_net_that_grew_is_looked_at_in_the_parameters_it_ends_with():
    run = record(RUN.model_copy(update={"growth": type(RUN.growth).model_validate(GROWN)}))
    found = of_run(run, {"view": "straight"})
    last = net_at(run, None)
    assert last.hidden == (8,)
    assert found.arrays("ground")["theta"].shape == last.vector().shape
    split = RUN.load()
    first = net_at(run, 0).objective(split.train_x, split.train_y, RUN.loss).loss()
    assert found.arrays("way.straight")["train_loss"][0] == pytest.approx(first, rel=1e-4)


def test_the_table_has_the_line_and_the_path():
    lines = list(of_run(record(RUN), {"view": "straight", "points": 5}).lines())
    assert lines[0] == ["way", "t", "step", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "cosine"]
    assert [line[0] for line in lines[1:]] == ["straight"] * 5 + ["path"] * 8
    assert {len(line) for line in lines} == {8}


def test_a_run_at_its_beginning_has_no_line():
    with pytest.raises(NotPossible, match="There is no line to step 0"):
        of_run(record(RUN), {"view": "straight", "step": 0})
