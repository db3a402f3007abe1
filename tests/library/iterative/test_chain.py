"""The residual blocks of nets, and the ways through the others."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from foldscape.errors import InvalidInput, NotPossible
from foldscape.iterative import ResidualChain, block_by_block, unroll
from foldscape.iterative.averaged import averaged
from foldscape.iterative.scored import lengths_of
from foldscape.losses import LOSSES, loss_of
from foldscape.net.modular_spec import net_spec_of
from foldscape.net.spec import NetSpec

SHAPE, CLASSES, POINTS = (1, 8, 8), 5, 40
NETS = {
    "res_mlp": {"wiring": "res_mlp", "blocks": 3, "width": 16, "inner": 8, "activation": "tanh"},
    "normed": {"wiring": "res_mlp", "blocks": 3, "width": 16, "inner": 8, "norm": "batch", "shared": "weights"},
    "tied": {"wiring": "res_mlp", "blocks": 3, "width": 16, "inner": 8, "shared": "all", "residual_scale": 0.1},
    "resnet": {"wiring": "resnet", "n": 2, "width": 8},
    "option B": {"wiring": "resnet", "n": 2, "width": 4, "shortcut": "B", "norm": "group"},
}
every_net = pytest.mark.parametrize("name", list(NETS))


def net_of(name, dtype=np.float64, **given):
    """A net whose running statistics are none of a first net."""
    rng = np.random.default_rng(3)
    net = net_spec_of(NETS[name] | given).first_on(SHAPE, CLASSES, rng)
    moved = [part + rng.uniform(-0.2, 0.3, part.shape).astype(np.float32) for part in net.buffers]
    return net.with_buffers(moved).astype(dtype)


def points(n=POINTS):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 64)), rng.integers(0, CLASSES, n)


@every_net
def test_features_lead_to_the_outputs_and_residuals_sum_to_them(name):
    """T-B5-1: every feature leads to the outputs bit for bit; within a stage the residuals sum to the way."""
    net, (x, _) = net_of(name, np.float32), points()
    chain = ResidualChain(net)
    with torch.no_grad():
        passed = chain.passed(chain.rows(x))
        for number, (came, left) in enumerate(zip(passed.entered, passed.left, strict=True)):
            assert torch.equal(chain.onward(number, came), passed.outputs)
            assert torch.equal(chain.behind(number, left), passed.outputs)
        np.testing.assert_array_equal(passed.outputs.numpy(), net.logits(x.astype(np.float32)))
        stages = {}
        for came, left in zip(passed.entered, passed.left, strict=True):
            stages.setdefault(came.shape, []).append((came, left))
        for blocks in stages.values():
            summed = sum(left - came for came, left in blocks)
            torch.testing.assert_close(blocks[-1][1] - blocks[0][0], summed, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["res_mlp", "normed", "tied"])
def test_what_a_block_adds_is_what_its_layers_make(name):
    chain, (x, _) = ResidualChain(net_of(name)), points()
    with torch.no_grad():
        passed = chain.passed(chain.rows(x))
        for number, (came, left) in enumerate(zip(passed.entered, passed.left, strict=True)):
            torch.testing.assert_close(left - came, chain.block(number).inner(came))


@every_net
@pytest.mark.parametrize("loss", list(LOSSES))
def test_the_slope_by_a_feature_is_that_of_the_cut_graph_and_of_a_hook(name, loss):
    """T-B5-2: cut at the feature and hooked in the whole net, and what is told of it."""
    net, (x, y) = net_of(name), points(6)
    chain, measured, labels = ResidualChain(net), loss_of(loss), torch.from_numpy(y)
    hooked = {}
    for number in range(len(chain)):
        keep = lambda module, given, number=number: hooked.update({number: given[0]})  # noqa: E731
        chain.block(number).register_forward_pre_hook(keep)
    outputs = chain.passed(chain.rows(x).requires_grad_()).outputs
    kept = dict(hooked)
    for feature in kept.values():
        feature.retain_grad()
    measured.each(outputs, labels).sum().backward()
    for number, feature in kept.items():
        cut = feature.detach().requires_grad_()
        measured.each(chain.onward(number, cut), labels).sum().backward()
        torch.testing.assert_close(cut.grad, feature.grad, rtol=0, atol=1e-6)
    found = block_by_block(net, x, y, loss)
    for number, feature in kept.items():
        with torch.no_grad():
            residual = chain.block(number)(feature) - feature
        slope, step = feature.grad.flatten(1), residual.flatten(1)
        assert found.predicted.mean[number] == pytest.approx(float((slope * step).sum(1).mean()), abs=1e-9)
        cosines = (slope * step).sum(1) / (slope.norm(dim=1) * step.norm(dim=1))  # none where all its features are off
        assert found.cosine.mean[number] == pytest.approx(float(cosines.nanmean()), abs=1e-6)


@pytest.mark.parametrize("name", ["res_mlp", "tied"])
def test_the_error_of_the_first_order_is_of_the_second(name):
    """T-B5-3: with the residuals of all blocks halved it is a quarter, where the net has no kinks."""
    (x, y), errors = points(), []
    for scale in (0.04, 0.02, 0.01):
        net = net_of(name, activation="tanh", shared="no", residual_scale=0.5)
        arrays = [
            np.full_like(array, scale) if each.endswith("scale.weight") else array
            for each, array in zip(net.names, net.arrays, strict=True)
        ]
        found = block_by_block(net.with_flat(arrays), x, y)
        errors.append(np.abs(found.actual.mean - found.predicted.mean))
    for larger, smaller in pairwise(errors):
        assert ((larger / smaller > 3.5) & (larger / smaller < 4.5)).all()


@every_net
def test_a_block_not_unrolled_is_the_plain_net(name):
    """T-B5-4."""
    net, (x, y) = net_of(name), points()
    outputs = net.logits(x)
    found = unroll(net, x, y)
    assert found.accuracy.mean[:, 0] == pytest.approx((outputs.argmax(axis=1) == y).mean(), abs=1e-12)
    assert found.loss.mean[:, 0] == pytest.approx(loss_of("cross_entropy").values(outputs, y).mean(), rel=1e-9)
    by_block = block_by_block(net, x, y)
    assert found.norm.mean[:, 0] == pytest.approx(by_block.norm.mean[-1])
    assert by_block.loss.mean[-1] == pytest.approx(found.loss.mean[0, 0])


@pytest.mark.parametrize("name", ["res_mlp", "resnet"])
def test_unrolling_applies_the_last_block_again(name):
    net, (x, y) = net_of(name), points()
    chain, found = ResidualChain(net), unroll(net, x, y, extra=2)
    block = chain.block(len(chain) - 1)
    with torch.no_grad():
        h = chain.passed(chain.rows(x)).entered[-1]
        three = block(block(block(h)))
        assert found.norm.mean[0, 2] == pytest.approx(float(lengths_of(three).mean()))
        outputs = chain.behind(len(chain) - 1, three)
        assert found.accuracy.mean[0, 2] == (outputs.argmax(1).numpy() == y).mean()
        shared = h
        for _ in range(3):
            residual = shared + block.inner(shared) / 3
            shared = residual if name == "res_mlp" else residual.clamp_min(0)
        assert found.norm.mean[1, 2] == pytest.approx(float(lengths_of(shared).mean()))


@every_net
def test_reading_a_feature_leaves_out_what_later_blocks_add(name):
    """A net whose last blocks add nothing reads the feature as they do."""
    net, (x, y) = net_of(name, shared="no", residual_scale=0.5), points()
    found = block_by_block(net, x, y)
    for kept in range(len(ResidualChain(net).names) + 1):
        silent = ResidualChain(net).names[kept:]
        arrays = [
            np.zeros_like(array) if each.endswith("scale.weight") and each.split(".")[0] in silent else array
            for each, array in zip(net.names, net.arrays, strict=True)
        ]
        outputs = net.with_flat(arrays).logits(x)
        assert found.accuracy.mean[kept] == pytest.approx((outputs.argmax(axis=1) == y).mean(), abs=1e-12)
        assert found.loss.mean[kept] == pytest.approx(loss_of("cross_entropy").values(outputs, y).mean())


def test_means_do_not_hang_on_how_many_samples_pass_together(monkeypatch):
    net, (x, y) = net_of("resnet"), points()
    whole = (block_by_block(net, x, y, gap=0.5), unroll(net, x, y))
    monkeypatch.setattr("foldscape.iterative.chain.AT_ONCE", 7)
    parts = (block_by_block(net, x, y, gap=0.5), unroll(net, x, y))
    for mine, theirs in zip(whole, parts, strict=True):
        for one, other in zip(mine.rows(), theirs.rows(), strict=True):
            assert one.keys() == other.keys()
            for name, value in one.items():
                assert other[name] == (value if isinstance(value, str) else pytest.approx(value, abs=1e-9, nan_ok=True))


def test_borderline_samples_are_those_with_a_small_gap():
    """Every sample is wrong or right before and after a block; what is corrected less what is spoiled is the gain."""
    net, (x, y) = net_of("res_mlp"), points()
    outputs = net.logits(x)
    exact = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    first, second = np.sort(exact, axis=1)[:, -1], np.sort(exact, axis=1)[:, -2]
    found = block_by_block(net, x, y, gap=0.1)
    close = first - second < 0.1
    assert found.borderline == close.sum()
    assert 0 < close.sum() < POINTS
    assert found.borderline_right.mean[-1] == pytest.approx((outputs.argmax(1) == y)[close].mean())
    gained = np.diff(found.borderline_right.mean)
    np.testing.assert_allclose(found.corrected.mean - found.spoiled.mean, gained, atol=1e-12)
    none = block_by_block(net, x, y, gap=0.0)
    assert none.borderline == 0
    assert np.isnan(none.corrected.mean).all()


def test_errors_are_those_of_means_over_samples():
    values = np.random.default_rng(0).normal(size=(3, 50))
    found = averaged(values)
    np.testing.assert_allclose(found.mean, values.mean(axis=1))
    np.testing.assert_allclose(found.error, values.std(axis=1, ddof=1) / np.sqrt(50))
    assert np.isnan(averaged(values[:, :1]).error).all()
    assert np.isnan(averaged(np.array([[1.0, np.inf]])).mean).all()
    assert np.isnan(averaged(np.full((2, 3), np.nan)).mean).all()


def test_a_block_that_does_nothing_has_no_direction():
    net, (x, y) = net_of("res_mlp", residual_scale=0.5), points()
    arrays = [
        np.zeros_like(array) if each == "block2.scale.weight" else array
        for each, array in zip(net.names, net.arrays, strict=True)
    ]
    found = block_by_block(net.with_flat(arrays), x, y)
    assert np.isnan(found.cosine.mean).tolist() == [False, True, False]
    assert found.ratio.mean[1] == found.predicted.mean[1] == 0


def test_a_net_that_is_no_number_is_never_right():
    net, (x, y) = net_of("res_mlp"), points()
    broken = net.with_flat([np.full_like(array, np.nan) for array in net.arrays])
    assert block_by_block(broken, x, y).accuracy.mean[-1] == 0
    assert np.isnan(block_by_block(broken, x, y).loss.mean).all()


@pytest.mark.parametrize("spec", [{}, {"wiring": "cnn"}, {"wiring": "resnet", "n": 1}])
def test_a_net_without_such_a_block_is_refused(spec):
    given = NetSpec(**spec, **({"hidden": (4,)} if not spec else {}))
    net = given.first_on(SHAPE, CLASSES, np.random.default_rng(0))
    if spec.get("wiring") == "resnet":  # its first stage has one
        assert ResidualChain(net).names == ("stage1_1",)
        return
    with pytest.raises(NotPossible, match="has no block that adds to what comes") as refused:
        ResidualChain(net)
    assert "residual MLP" in refused.value.hint


@pytest.mark.parametrize(("n", "labels"), [(0, 0), (3, 2)])
def test_samples_without_classes_are_refused(n, labels):
    net, (x, y) = net_of("res_mlp"), points()
    with pytest.raises(InvalidInput, match=f"There are {n} samples and {labels} classes"):
        block_by_block(net, x[:n], y[:labels])


def test_fewer_times_than_none_are_refused():
    with pytest.raises(InvalidInput, match="-1 extra times"):
        unroll(net_of("res_mlp"), *points(), extra=-1)
