"""Runs of torch modules where a card computes, the processor standing in for it, and in lower precision."""

import numpy as np
import pytest
import torch

import foldscape
from foldscape import device
from foldscape.spec import RunSpec
from foldscape.sweep import run as run_sweep
from foldscape.sweep.carry import tasks
from foldscape.sweep.expand import expand
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.task import run_task
from foldscape.sweep.verifying import compared, rerun
from foldscape.training import Loop
from foldscape.wire import pack_event

RESNET = {
    "data": {"kind": "digits", "test_share": 0.85},
    "net": {"wiring": "resnet", "n": 1, "width": 4},
    "optimizer": {"kind": "momentum", "lr": 0.05},
    "batch": 64,
    "stop": {"epochs": 2},
}
PROBES = [{"kind": "curvature"}, {"kind": "slice"}, {"kind": "noise"}, {"kind": "frame"}]


def said(**given):
    return [pack_event(event) for event in foldscape.run(RunSpec.model_validate(RESNET | given))]


def test_a_run_on_a_card_says_what_the_processor_says(monkeypatch):
    monkeypatch.setenv(device.STANDS_IN, "cpu")
    on_card = said(device="cuda", queue="gpu", probes=PROBES)
    assert on_card == said(probes=PROBES)


def test_net_points_and_measures_stay_where_it_computes(monkeypatch):
    monkeypatch.setenv(device.STANDS_IN, "cpu")
    loop = Loop(RunSpec.model_validate(RESNET | {"device": "cuda", "queue": "gpu", "probes": []}))
    events = loop.events()
    next(event for event in events if event.kind == "metrics" and event.step)
    assert loop.subject.net.device == "cuda"
    assert loop.subject.net.restored(loop.subject.net.state()).device == "cuda"


def test_bfloat16_trains_and_is_told_apart():
    specs = [RunSpec.model_validate(RESNET | {"probes": [], "precision": each}) for each in ("float32", "bfloat16")]
    plain, rough = ([event for event in foldscape.run(spec) if event.kind == "metrics"] for spec in specs)
    assert plain[0].values.tobytes() == rough[0].values.tobytes()
    loss = [event[-1].values[1] for event in (plain, rough)]
    assert loss[0] != loss[1]
    assert loss[1] == pytest.approx(loss[0], rel=0.2)
    assert all(np.isfinite(event.values[:5]).all() for event in rough)


def test_weights_and_memory_stay_float32():
    loop = Loop(RunSpec.model_validate(RESNET | {"precision": "bfloat16", "probes": []}))
    loop.engine.begin_epoch(np.arange(len(loop.subject.split.train_y)))
    loop.engine.train(0, 2)
    assert {part.dtype for part in (*loop.engine.weights.flat(), *loop.engine.memory.first)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("net", [{"hidden": [4]}, {"hidden": [4], "wiring": "dag"}])
def test_compiled_code_refuses_it_in_words(net):
    with pytest.raises(ValueError, match="multiplies in float32 only, not in bfloat16"):
        RunSpec.model_validate({"net": net, "precision": "bfloat16", "engine": "compiled"})


def test_a_chain_of_layers_takes_torch_for_it():
    moons = {"data": {"kind": "moons", "n": 60}, "stop": {"epochs": 1}}
    spec = RunSpec.model_validate(moons | {"net": {"hidden": [4]}, "precision": "bfloat16"})
    assert [event.kind for event in foldscape.run(spec)][-1] == "status"


def test_points_are_brought_to_a_device_once():
    from foldscape.net.blocks.modules.resident import _KEPT, resident

    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    place = torch.device("meta")
    one, other = resident(rows, place), resident(rows.T.T, place)
    assert one is other
    assert len(_KEPT) == 1
    del rows
    assert not _KEPT


def test_seeds_of_a_sweep_on_a_card_are_one_program_and_have_the_numbers_of_runs_alone(monkeypatch):
    monkeypatch.setenv(device.STANDS_IN, "cpu")
    base = RESNET | {"probes": [], "device": "cuda"}
    given = {"base": base, "seeds": "0-2", "vary": {"lr": [0.02, 0.05]}, "primary": {"measure": "train_loss"}}
    spec = SweepSpec.model_validate(given | {"measure": {"flatness": []}})
    parted = tasks(list(expand(spec)), threads=2)
    assert [len(task) for task in parted] == [3, 3]
    together = {row.key: row for row in run_sweep(spec, threads=1).rows}
    assert len(together) == 6
    alone = next(row for step in run_task(parted[0][:1], spec.measure, apart=True) for row in step.ended)
    kept = together[alone.key]
    for name in ("train_loss", "test_accuracy", "updates", "flops"):
        mine, its = (np.array(row.curve.columns[name], float) for row in (kept, alone))
        np.testing.assert_allclose(mine, its, rtol=1e-2, err_msg=name)
    again = rerun(parted[0][1], spec, list(expand(spec)))
    assert compared(together[again.key], again).same_bits
