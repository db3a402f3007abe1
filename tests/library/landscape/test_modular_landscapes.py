"""Landscapes around recorded nets of blocks (T-F16-2): batch statistics renewed wherever different nets are joined."""

import numpy as np
import orjson
import pytest
import torch

from foldscape.ensembles import measuring
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.landscape.recorded import of_run, record
from foldscape.landscape.recorded.moments import RecordedRun
from foldscape.net.averaging import mean_net, with_statistics_of
from tests.modular import CNN, RESNET, block_net, digits_run

FEW = {"data": {"points": 40}}


@pytest.fixture(scope="module")
def resnets():
    return {name: record(digits_run(RESNET, seed=seed), name=name) for seed, name in enumerate("abc")}


@pytest.fixture(scope="module")
def cnns():
    return {name: record(digits_run(CNN, seed=seed), name=name) for seed, name in enumerate("abc")}


VIEWS = {
    "slice": {"slice": {"resolution": 5, **FEW}},
    "slice-towards": {"slice": {"direction": {"kind": "towards", "run": "b"}, "resolution": 5, **FEW}},
    "plane": {"plane": {"second": {"kind": "random"}, "scale": "unit", "resolution": 3, "stages": (), **FEW}},
    "planes": {"planes": {"directions": [{"kind": "radial"}, {"kind": "random"}], "resolution": 3, **FEW}},
    "path": {"resolution": 3, **FEW},
    "straight": {"points": 3, **FEW},
    "connection": {"to": "b", "points": 3, "updates": 2, **FEW},
    "connection-hub": {"to": "b", "third": "c", "points": 3, "updates": 2, **FEW},
    "spectrum": {"runs": 1, "steps": 4, "pairs": 1, "data": {"points": 40, "split": "train"}},
    "saddles": {"moments": 2, "steps": 4, "runs": 2},
}


@pytest.mark.parametrize("view", list(VIEWS))
@pytest.mark.parametrize("runs", ["resnets", "cnns"])
def test_every_view_of_a_net_of_blocks_is_measured(view, runs, request):
    recorded = request.getfixturevalue(runs)
    found = of_run(recorded["a"], {"view": view.partition("-")[0], **VIEWS[view]}, others=recorded, threads=1)
    assert len(list(found.lines())) > 1
    for key in found.rows:
        for name, array in found.arrays(key).items():
            if name.endswith("loss"):
                assert np.isfinite(array).all()
    if "cells" in found.rows:
        assert np.isfinite(found.arrays("cells")["values"]).all()
        found.plot().figure()


def _nets(runs):
    return [RecordedRun(run).net(None).net for run in runs.values()]


def test_statistics_are_renewed_as_torch_does_it():
    net, x = block_net(RESNET), digits_run(RESNET).load().train_x
    ours, module = with_statistics_of(net, x), net.module()
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = 1.0
    module.train()(torch.from_numpy(x))
    for one, other in zip(ours.buffers, module.buffers(), strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-5, atol=1e-6)
    plain = block_net(CNN)
    assert with_statistics_of(plain, x) is plain


def test_a_way_between_two_residual_nets_has_statistics_of_its_own_everywhere(resnets):
    found = of_run(resnets["a"], {"view": "connection", "to": "b", "points": 3, "updates": 0}, others=resnets)
    a, b, _ = _nets(resnets)
    split = digits_run(RESNET).load()
    middle = with_statistics_of(mean_net([a, b], [0.5, 0.5]), split.train_x)
    measured = found.arrays("way.linear")
    for net, at in ((with_statistics_of(a, split.train_x), 0), (middle, 1), (with_statistics_of(b, split.train_x), 2)):
        outputs = torch.from_numpy(net.logits(split.test_x))
        loss = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(split.test_y)).item()
        assert measured["test_loss"][at] == pytest.approx(loss, rel=1e-4)
    assert found.rows["ground"]["statistics"] == "renewed"
    assert found.rows["ground"]["not_ordered"] == ""


def test_what_lies_around_one_net_has_its_own_statistics(resnets):
    found = of_run(resnets["a"], {"view": "slice", "slice": {"resolution": 3}})
    a, split = _nets(resnets)[0], digits_run(RESNET).load()
    loss = torch.nn.functional.cross_entropy(torch.from_numpy(a.logits(split.train_x)), torch.from_numpy(split.train_y))
    assert found.rows["ground"]["statistics"] == "kept"
    assert found.rows["ground"]["fit"]["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert found.arrays("cells")["values"][0][found.arrays("cells")["index"] == 1] == pytest.approx(
        loss.item(), rel=1e-5
    )


def test_an_ensemble_of_residual_nets_is_measured_with_renewed_statistics(resnets):
    spec = EnsembleSpec(members=[{"run": name} for name in "ab"], points=3)
    told = list(measuring.follow(spec, resnets.__getitem__, threads=1))
    rows = {row.key: orjson.loads(row.as_json()) for each in told for row in each.rows}
    a, b, _ = _nets(resnets)
    split = digits_run(RESNET).load()
    middle = with_statistics_of(mean_net([a, b], [0.5, 0.5]), split.train_x)
    accuracy = float((middle.logits(split.test_x).argmax(axis=1) == split.test_y).mean())
    assert rows["mean_weights"]["accuracy"] == pytest.approx(accuracy)
    assert rows["pair.0-1"]["barrier"] >= 0
    signs = [net.active_signs(split.test_x) for net in (a, b)]
    assert signs[0].shape == (len(split.test_x), 8 * 8 * 4 * 3 + 4 * 4 * 8 * 2 + 2 * 2 * 16 * 2)
    assert rows["pair.0-1"]["cell_distance"] == pytest.approx((signs[0] != signs[1]).mean())
    assert rows["pair.0-1"]["distance"] == pytest.approx(float(np.linalg.norm(a.vector() - b.vector())))


def test_filters_of_a_random_direction_have_the_sizes_of_the_nets_and_norms_stay(resnets):
    found = of_run(resnets["a"], {"view": "slice", "slice": {"direction": {"kind": "random"}, "resolution": 3, **FEW}})
    net = _nets(resnets)[0]
    direction = net.with_vector(found.arrays("ground")["first"])
    for own, drawn in zip(net.flat(), direction.flat(), strict=True):
        if own.ndim > 1:
            sizes = [np.linalg.norm(each.reshape(len(each), -1), axis=1) for each in (own, drawn)]
            np.testing.assert_allclose(sizes[1], sizes[0], rtol=1e-4)
        else:
            assert not drawn.any()
