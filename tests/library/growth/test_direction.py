"""The direction of a fold (docs/growth.md)."""

import numpy as np
import pytest

from foldscape.growth.folds.cell import cell_at
from foldscape.growth.folds.criteria import Pivot, objective
from foldscape.growth.folds.direction import best_direction, dial
from foldscape.growth.folds.fold_point import fold_point
from foldscape.growth.folds.gain import response
from tests.library.growth.folded import BOX, trained

PLANE = [((2,), "relu", 2, 1), ((4,), "leaky_relu", 2, 0), ((3,), "relu", 3, 0)]
DEEP = [((8, 8), "relu", 2, 0), ((5, 4), "leaky_relu", 3, 1)]


def pivot_of(case, layer=0, norm=1.3):
    net, scene = trained(*case)
    x = scene.x.astype(np.float64)
    logits = net.logits(x)
    index = int(np.flatnonzero(logits.argmax(axis=1) != scene.y)[0])
    point = fold_point(net, x, scene.y, logits, index, "effective", BOX).point
    anchor, mistake = net.layer_inputs(np.stack([point, x[index]]), layer)
    return Pivot(response(net, layer, x, scene.y), anchor, mistake - anchor, norm)


def allowed_directions(pivot, n, seed=0):
    drawn = np.random.default_rng(seed).normal(size=(n, len(pivot.anchor)))
    drawn *= pivot.norm / np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn if pivot.axis is None else drawn[drawn @ pivot.axis >= 0.1 * pivot.norm]


def best(pivot, criterion, **options):
    return best_direction(pivot, criterion, np.random.default_rng(0), **options)


def squared_pull(pivot, weights):
    """Plainly, the squared norm of E[errors h]."""
    z = (pivot.response.inputs - pivot.anchor[:, None]).T @ weights
    h = np.where(z > 0, z, pivot.response.slope * z)
    return float(np.square((pivot.response.errors * h).mean(axis=1)).sum())


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("case", PLANE)
def test_T_E4_4_no_direction_of_the_plane_pulls_harder_than_the_swept_one(case, free):
    pivot = pivot_of(case)
    if free:
        pivot = Pivot(pivot.response, pivot.anchor, np.zeros(2), pivot.norm)
    chosen = best(pivot, "gradmax")
    rivals = objective(pivot, "gradmax").values(allowed_directions(pivot, 100_000))
    assert chosen.value >= rivals.max() - 1e-12
    assert chosen.value == pytest.approx(squared_pull(pivot, chosen.weights), abs=1e-12)
    assert free or chosen.weights @ pivot.axis >= (0.1 - 1e-9) * pivot.norm


@pytest.mark.parametrize("criterion", ["newton", "mix"])
@pytest.mark.parametrize("case", PLANE)
def test_grid_and_zoom_find_the_best_of_the_plane(case, criterion):
    pivot = pivot_of(case)
    chosen = best(pivot, criterion)
    rivals = chosen.objective.values(allowed_directions(pivot, 20_000))
    assert chosen.value >= rivals.max() - 1e-6 * abs(rivals.max())
    assert chosen.value == pytest.approx(float(chosen.objective.values(chosen.weights[None])[0]), rel=1e-9)


@pytest.mark.parametrize("criterion", ["newton", "gradmax", "mix"])
@pytest.mark.parametrize("case", DEEP)
def test_ascent_comes_close_to_or_beats_the_best_of_many_random_directions(case, criterion):
    pivot = pivot_of(case, layer=1)
    chosen = best(pivot, criterion)
    rivals = chosen.objective.values(allowed_directions(pivot, 20_000))
    assert chosen.value >= 0.95 * rivals.max()
    assert np.linalg.norm(chosen.weights) == pytest.approx(pivot.norm)
    assert chosen.weights @ pivot.axis >= (0.1 - 1e-9) * pivot.norm


@pytest.mark.parametrize("criterion", ["newton", "gradmax"])
@pytest.mark.parametrize("case", [*PLANE, *DEEP])
def test_slopes_are_the_derivatives_of_the_values(case, criterion):
    pivot = pivot_of(case, layer=len(case[0]) - 1)
    target = objective(pivot, criterion)
    weights = allowed_directions(pivot, 8)[:4]
    _, slopes = target.slopes(weights)
    for k in range(weights.shape[1]):
        step = 1e-6 * np.eye(weights.shape[1])[k]
        numeric = (target.values(weights + step) - target.values(weights - step)) / 2e-6
        np.testing.assert_allclose(slopes[:, k], numeric, rtol=1e-4, atol=1e-8)


def test_mix_runs_from_the_gain_to_the_way_to_the_mistake():
    pivot = pivot_of(PLANE[0])
    np.testing.assert_allclose(best(pivot, "mix", alpha=0).weights, best(pivot, "newton").weights, atol=1e-3)
    np.testing.assert_allclose(best(pivot, "mix", alpha=1).weights, best(pivot, "align").weights, atol=1e-3)


def test_align_maximises_the_output_at_the_mistake():
    pivot = pivot_of(PLANE[0])
    chosen = best(pivot, "align")
    assert chosen.value == pytest.approx(pivot.norm * np.linalg.norm(pivot.way))
    assert chosen.value >= (allowed_directions(pivot, 1000) @ pivot.way).max()


def test_a_layer_that_cannot_tell_mistake_and_fold_point_apart_asks_for_no_side():
    pivot = pivot_of(PLANE[0])
    blind = Pivot(pivot.response, pivot.anchor, np.zeros(2), pivot.norm)
    np.testing.assert_array_equal(best(blind, "align").weights, best(blind, "gradmax").weights)
    assert np.isfinite(best(blind, "mix").value)
    deep = pivot_of(DEEP[0], layer=1)
    blind = Pivot(deep.response, deep.anchor, np.zeros(8), deep.norm)
    assert best(blind, "newton").value > 0


def test_the_dial_rates_every_side():
    pivot = pivot_of(PLANE[1])
    shown = dial(objective(pivot, "gradmax"))
    assert len(shown["angle"]) == len(shown["objective"]) == 72
    for angle, value in list(zip(shown["angle"], shown["objective"], strict=True))[::9]:
        direction = pivot.norm * np.array([np.cos(angle), np.sin(angle)])
        assert value == pytest.approx(squared_pull(pivot, direction), abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_T_E4_8_align_with_the_author_point_lays_the_fold_along_the_boundary(seed):
    """Then small outgoing weights do not bend the boundary; a fold across it turns it about the fold point."""
    net, scene = trained((2,), "relu", 2, seed)
    x = scene.x.astype(np.float64)
    logits = net.logits(x)
    found = None
    for index in np.flatnonzero(logits.argmax(axis=1) != scene.y):
        candidate = fold_point(net, x, scene.y, logits, index, "author", BOX)
        if candidate.on_segment:
            found, target, own = candidate, x[index], int(scene.y[index])
            break
    assert found is not None
    seen = response(net, 0, x, scene.y)
    straight = best(Pivot(seen, found.point, target - found.point, 1.0), "align").weights
    cell = cell_at(net, target)
    normal, _ = cell.line(1 - own, own)
    assert abs(straight @ normal) == pytest.approx(np.linalg.norm(normal), rel=1e-9)
    outgoing = np.array([0.05, -0.05])
    along = np.array([-normal[1], normal[0]]) / np.linalg.norm(normal)
    room = (cell.rows @ found.point - cell.limits).min()
    places = found.point + min(room, 0.5) * np.linspace(-0.9, 0.9, 7)[:, None] * along
    kept = net.with_unit(0, straight, -float(straight @ found.point), outgoing)
    np.testing.assert_allclose(np.diff(kept.logits(places), axis=1), 0, atol=1e-9)
    across = (straight + along) / np.sqrt(2)
    bent = net.with_unit(0, across, -float(across @ found.point), outgoing)
    margin = bent.logits(places)[:, 1 - own] - bent.logits(places)[:, own]
    assert np.abs(margin[4:]).min() > 1e-4 * min(room, 0.5)
    np.testing.assert_allclose(margin[:4], 0, atol=1e-9)
    turned = normal + (outgoing[1 - own] - outgoing[own]) * across
    np.testing.assert_allclose(margin[4:], (places[4:] - found.point) @ turned, atol=1e-9)
