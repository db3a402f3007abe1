"""NORTH*: new units that are orthogonal to those there are (arXiv 2202.08539)."""

from dataclasses import replace

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.growth.north import North, orthogonal, rank_share, selected
from tests.library.growth.drawn import net_of, scene_of

RNG = np.random.default_rng


def test_the_rank_counts_what_is_above_epsilon():
    n = 400
    axes = np.linalg.qr(RNG(0).normal(size=(n, 5)))[0] * np.sqrt(n)
    assert rank_share(axes * [1, 0.5, 0.02, 0.009, 0], 0.01) == 3 / 5
    assert rank_share(np.hstack([axes, axes]), 0.01) == 1 / 2


def test_selected_units_reach_farthest_outside_the_others():
    rng = RNG(1)
    h, candidates = rng.normal(size=(50, 8)), rng.normal(size=(50, 30))
    candidates[:, 4] = h @ rng.normal(size=8)
    picked, shares = selected(h, candidates, 3, 0.01)
    span = h
    for unit, share in zip(picked, shares, strict=True):
        outside = candidates - span @ np.linalg.lstsq(span, candidates, rcond=None)[0]
        parts = np.sqrt((outside**2).mean(axis=0))
        assert share == pytest.approx(parts.max())
        assert unit == parts.argmax()
        span = np.hstack([span, candidates[:, [unit]]])
    with pytest.raises(NotPossible, match="span what every candidate sees"):
        selected(h, candidates[:, [4]], 1, 0.01)


def test_pre_makes_orthogonal_pre_activations():
    net, scene = net_of((5,), features=9), scene_of(120, 9)
    z = net.preactivations(scene.x, 0)
    rows, _ = orthogonal(scene.x, z, 3, 2.0, RNG(2))
    new = scene.x @ rows[:, :-1].T + rows[:, -1]
    np.testing.assert_allclose(z.T @ new, 0, atol=1e-8)
    products = new.T @ new
    np.testing.assert_allclose(products, np.diag(np.diag(products)), atol=1e-8)
    np.testing.assert_allclose(np.linalg.norm(rows[:, :-1], axis=1), 2)
    with pytest.raises(NotPossible, match=r"leave 5 of 10 directions .* 6 are needed"):
        orthogonal(scene.x, z, 6, 2.0, RNG(2))


@pytest.mark.parametrize("by", ["select", "pre"])
def test_the_function_is_kept_and_the_rank_grows(by):
    net, scene = net_of((5,), features=9), scene_of(120, 9)
    change = North(by=by, units=2).change(net, scene, RNG(3))
    np.testing.assert_allclose(change.net.logits(scene.x), net.logits(scene.x), atol=1e-14)
    told = change.explanation
    before, after = (rank_share(each.layer_inputs(scene.x, 1), 0.01) for each in (net, change.net))
    assert told["rank_share"] == before
    assert round(after * 7) == round(before * 5) + 2


def test_by_rank_it_grows_as_many_as_the_rank_allows_or_says_the_numbers():
    net, scene = net_of((8,), features=9), scene_of(200, 9)
    allowed = North(when="rank", units=64, gamma=0.5).change(net, scene, RNG(0))
    told = allowed.explanation
    assert allowed.k_new == np.floor(8 * (told["rank_share"] - 0.5 * told["first_rank_share"]))
    poor = replace(
        net, weights=(np.repeat(net.weights[0][:1], 8, axis=0), net.weights[1]), biases=(np.full(8, 0.1), net.biases[1])
    )
    with pytest.raises(NotPossible, match="1 of 8 units of hidden layer 1 are of use"):
        North(when="rank").change(poor, scene, RNG(0))
