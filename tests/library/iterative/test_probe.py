"""What each block does along a run, and where it is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

import foldscape
from foldscape import wire
from foldscape.explain import explain
from foldscape.iterative import block_by_block, unroll
from foldscape.measures.declared import values_of
from foldscape.sweep.check import problems
from foldscape.sweep.spec import SweepSpec
from foldscape.training import Loop

PROBE = {"kind": "iterative", "every": 1}
NET = {"wiring": "res_mlp", "blocks": 3, "width": 16, "inner": 16}


def spec(**changes):
    plain = {"data": {"kind": "digits"}, "net": NET, "stop": {"epochs": 2}, "probes": [PROBE]}
    return foldscape.RunSpec.model_validate(plain | changes)


def told_by(given):
    loop = Loop(given)
    return [event for event in loop.events() if event.kind == "iterative"], loop


def test_what_a_run_tells_is_what_the_library_measures():
    (*_, event), loop = told_by(spec())
    split, net = loop.subject.split, loop.subject.net
    blocks = block_by_block(net, split.test_x, split.test_y)
    unrolled = unroll(net, split.test_x, split.test_y)
    assert event.names == ["block1", "block2", "block3"]
    assert event.points == 360
    for name in ("cosine", "norm", "accuracy", "predicted", "actual"):
        np.testing.assert_allclose(getattr(event, name), getattr(blocks, name), atol=1e-9)
    np.testing.assert_allclose(event.unrolled_accuracy[0], unrolled.accuracy.mean)
    values = values_of(event)
    assert values["highest_cosine"] == event.cosine[0].max()
    assert values["depth_gain"] == pytest.approx(event.accuracy[0, -1] - event.accuracy[0, 1])
    assert values["last_block_accuracy"] == pytest.approx((net.logits(split.test_x).argmax(1) == split.test_y).mean())
    assert values["unrolled_change"] == pytest.approx(unrolled.accuracy.mean[0, 4] - unrolled.accuracy.mean[0, 0])
    assert values["feature_growth"] == pytest.approx(event.norm[0, -1] / event.norm[0, 0])


def test_features_grow_within_the_last_stage():
    """Earlier stages have features of another shape."""
    net = {"wiring": "resnet", "n": 2, "width": 4}
    (*_, event), _ = told_by(spec(net=net, stop={"epochs": 1}, probes=[PROBE | {"part": "train", "most": 64}]))
    assert event.names == ["stage1_1", "stage1_2", "stage2_2", "stage3_2"]
    assert event.stages == [0, 0, 1, 2]
    assert (event.part, event.points) == ("train", 64)
    assert event.values["feature_growth"] == pytest.approx(event.norm[0, -1] / event.norm[0, -2])


def test_a_run_with_it_is_the_run_without_bit_for_bit():
    """T-B2-4."""
    states = []
    for probes in ([], [PROBE]):
        loop = Loop(spec(probes=probes, net=NET | {"norm": "batch"}))
        list(loop.events())
        states.append(loop.snapshot().arrays)
    bare, measured = states
    assert set(measured) == set(bare)
    for name, value in bare.items():
        np.testing.assert_equal(measured[name], value, err_msg=name)


def test_an_event_travels():
    (event, *_), _ = told_by(spec())
    again = wire.unpack_event(*wire.pack_event(event))
    assert again.values == event.values
    assert again.stages == event.stages
    np.testing.assert_array_equal(again.unrolled_norm, event.unrolled_norm)


@pytest.mark.parametrize("net", [{"hidden": [8]}, {"wiring": "cnn"}, {"wiring": "dag", "hidden": [4]}])
def test_a_net_without_residual_blocks_is_refused_beside_the_probe(net):
    with pytest.raises(ValidationError) as refused:
        spec(net=net)
    (fault,) = explain(refused.value.errors(), foldscape.RunSpec)
    assert fault["path"] == "probes.0.kind"
    assert f"net.wiring {net.get('wiring', 'layers')} has none here; use wiring res_mlp" in fault["message"]


def test_a_command_that_asks_for_it_is_refused():
    command = {"step": 1, "command": {"kind": "set_probes", "probes": [PROBE]}}
    run = {"data": {"kind": "moons", "n": 60}, "stop": {"epochs": 1}, "commands": [command]}
    (taken,) = [event for event in foldscape.run(foldscape.RunSpec.model_validate(run)) if event.kind == "command"]
    assert "blocks that add to what comes" in taken.refused


def test_a_sweep_refuses_it_beside_its_field():
    found = problems(SweepSpec.model_validate({"base": {"data": {"kind": "digits"}}, "measure": {"probes": [PROBE]}}))
    assert [fault["path"] for fault in found] == ["measure.probes.0.kind"]


def test_a_net_that_diverged_tells_what_is_not_known():
    """Where the weights are no numbers there is no cosine and no loss, and nothing is right."""
    subject = Loop(spec()).subject
    subject.net = subject.net.with_flat([np.full_like(array, np.nan) for array in subject.net.arrays])
    (event,) = spec().probes[0].measure(subject)
    assert event.values["highest_cosine"] is event.values["feature_growth"] is None
    assert event.values["last_block_accuracy"] == 0
    assert wire.unpack_event(*wire.pack_event(event)).values == event.values
