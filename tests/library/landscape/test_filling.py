"""Planes filled coarse to fine."""

import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.direction import Direction, random_direction
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.filling import fill_plane
from foldscape.landscape.spec import Eigenvector, Plane, Random
from foldscape.landscape.surface import VALUES, Surface

PLANE = Plane(first=Random(seed=0), second=Random(seed=1), resolution=21, stages=(5, 11))


@pytest.fixture(scope="module")
def scene(moons, moons_net):
    x, y = moons
    train, test = Evaluator.of(moons_net, x[:150], y[:150]), Evaluator.of(moons_net, x[150:], y[150:])
    return *(random_direction(train.theta, train.blocks, seed) for seed in (0, 1)), train, test


def whole(plane, scene, **options):
    surface = Surface.empty(plane)
    for cells in fill_plane(plane, *scene, **options):
        surface = surface.with_cells(cells)
    return surface


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in VALUES)


def test_every_point_is_measured_once_coarse_first_and_rightly(scene):
    first, second, train, test = scene
    seen, stages, done = np.zeros((21, 21), int), [], []
    for cells in fill_plane(PLANE, *scene, block=30):
        np.add.at(seen, (cells.rows, cells.columns), 1)
        stages.append(cells.stage)
        done.append(cells.done)
        assert len(cells.rows) <= 30
    assert (seen == 1).all()
    assert stages == sorted(stages)
    assert done[-1] == PLANE.cells == 441
    surface = whole(PLANE, scene)
    point = train.theta + surface.x[3] * first.vector + surface.y[17] * second.vector
    assert surface.train_loss[17, 3] == pytest.approx(train.at(point).loss[0], rel=1e-5)
    assert surface.test_loss[17, 3] == pytest.approx(test.at(point).loss[0], rel=1e-5)
    assert surface.train_loss[10, 10] == train.at(train.theta).loss[0]
    assert surface.known.all()


def test_a_plane_that_was_stopped_ends_in_the_same_bits(scene):
    blocks = fill_plane(PLANE, *scene, block=37)
    half = Surface.empty(PLANE)
    for _ in range(5):
        half = half.with_cells(next(blocks))
    blocks.close()
    assert 0 < half.known.sum() < PLANE.cells
    for cells in fill_plane(PLANE, *scene, known=half.known, block=50):
        assert not half.known[cells.rows, cells.columns].any()
        half = half.with_cells(cells)
    assert same(half, whole(PLANE, scene))


def test_a_finer_plane_takes_over_what_is_known(scene):
    coarse = whole(PLANE, scene)
    fine = PLANE.model_copy(update={"resolution": 41})
    carried = coarse.finer(fine)
    assert carried.known.sum() == 441
    for cells in fill_plane(fine, *scene, known=carried.known):
        carried = carried.with_cells(cells)
    assert same(carried, whole(fine, scene))
    with pytest.raises(InvalidInput, match="no part"):
        coarse.finer(PLANE.model_copy(update={"resolution": 51}))


def test_points_that_are_not_finite_do_not_touch_the_scale(scene):
    first, second, train, _ = scene
    steep = Direction("steep", first.vector * 1e30, first.blocks)
    plane = Plane(first=Random(seed=0), second=Random(seed=1), resolution=5, stages=())
    surface = whole(plane, (steep, second, train, None))
    np.testing.assert_array_equal(surface.failed(), np.tile([True, True, False, True, True], (5, 1)))
    low, high = surface.limits()
    assert (low, high) == (surface.train_loss[:, 2].min(), surface.train_loss[:, 2].max())
    assert surface.limits("test_loss") is None
    assert surface.limits(clip=1.01)[1] <= 1.01 * np.percentile(surface.train_loss[:, 2], 5)


def test_a_plane_above_its_budget_is_refused_before_it_starts(scene):
    plane = PLANE.model_copy(update={"resolution": 1000, "stages": (15, 51)})
    with pytest.raises(NotPossible, match="1,000,000 points of this plane would take about"):
        fill_plane(plane, *scene, budget=0.05)
    known = np.ones((1000, 1000), bool)
    assert list(fill_plane(plane, *scene, known=known, budget=0.05)) == []


def test_what_makes_no_plane_is_refused(scene):
    with pytest.raises(ValidationError, match="same direction"):
        Plane(first=Eigenvector(), second=Eigenvector())
    with pytest.raises(ValidationError, match="must be the smaller"):
        Plane(x_reach=(1, -1))
    with pytest.raises(ValidationError, match="rising order"):
        Plane(stages=(51, 15))
    with pytest.raises(InvalidInput, match="does not fit"):
        fill_plane(PLANE, *scene, known=np.zeros((3, 3)))
    with pytest.raises(InvalidInput, match="no loss"):
        fill_plane(PLANE, scene[0], scene[1], None)


def test_specs_load_no_torch():
    code = "import sys, foldscape.landscape, foldscape.landscape.spec; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
