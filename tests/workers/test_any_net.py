"""Residual nets and modules of one's own on workers: killed, forked, begun from, kept whatever their size."""

import asyncio
import contextlib
import os
import signal
from functools import partial

import numpy as np
import pytest

from foldscape import hosting
from foldscape.errors import FieldRefused, FrameNotFound
from foldscape.hosting import Allowed
from foldscape.landscape.recorded import record
from foldscape.spec import RunSpec
from foldscape.start import StartNet, weights_begun
from foldscape.sweep import SweepSpec, estimate
from foldscape.sweep import run as run_sweep
from foldscape.training import Loop
from foldscape.wire import pack_event
from tests.workers.heard import heard_apart
from tests.workers.running import Abandoned, Advancing, assert_same, commanded, state_is, step_is, told, undisturbed
from tests.workers.test_sweeps import Carrying
from workers.keys import RunKeys
from workers.reaper import Reaper
from workers.run_log.record import LoggedRun
from workers.sweep_log import SweepLog

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]
RESNET = {
    "data": {"kind": "digits"},
    "net": {"wiring": "resnet", "width": 4},
    "optimizer": {"kind": "momentum", "lr": 0.05},
    "batch": 64,
    "stop": {"epochs": 2},
    "probes": [{"kind": "frame"}],
}
FACTORY = "tests.library.own.nets"


def resnet(**changes):
    return RunSpec.model_validate(RESNET | changes)


def own(name="busy", options=None, **changes):
    net = {"wiring": "module", "factory": f"{FACTORY}:{name}", "options": options or {}}
    plain = {"data": {"kind": "moons", "n": 60}, "net": net, "batch": 15, "stop": {"epochs": 8}}
    rest = {"optimizer": {"kind": "momentum", "lr": 0.05}, "probes": [{"kind": "frame"}]}
    return RunSpec.model_validate(plain | rest | changes)


def net_bits(net):
    return [part.tobytes() for parts in net.state().values() for part in parts]


@pytest.fixture
async def reaper(run_log, settings):
    task = asyncio.create_task(Reaper(run_log, settings).run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_runs_whose_worker_is_killed_go_on_with_the_same_bits(run_log, settings, start_worker, client, reaper):
    """A residual net and a module, both with batch normalisation and momentum, by ``kill -9`` in the middle."""
    own_worker = partial(start_worker, modules=FACTORY, lease_ms=1500)
    worker = own_worker()
    specs = [resnet(speed=1.0, stop={"epochs": 8}), own(speed=10, stop={"epochs": 100})]
    made = []
    for spec, step in zip(specs, (20, 30), strict=True):
        made.append((await run_log.create(spec))["id"])
        await step_is(run_log, made[-1], step, 120)
    os.kill(worker.process.pid, signal.SIGKILL)
    own_worker()
    for run_id, spec in zip(made, specs, strict=True):
        summary = await state_is(run_log, run_id, "done", "failed", seconds=120)
        assert (summary["state"], summary["step"], summary["attempt"]) == ("done", spec.updates, 2), summary["message"]
        assert_same(told(client, run_id), heard_apart(commanded(client, run_id)))


async def test_a_worker_loads_no_module_that_is_not_named(run_log, settings, monkeypatch):
    """What was queued before the names changed fails in words."""
    run_id = (await run_log.create(own()))["id"]
    monkeypatch.setattr(hosting, "_of_process", Allowed.of("another.package"))
    Advancing(settings, run_id).join()
    summary = await run_log.summary(run_id)
    assert (summary["state"], summary["step"]) == ("failed", 0)
    assert f"net.factory {FACTORY}:busy is not allowed here, where modules of another.package are" in summary["message"]


async def test_a_fork_and_a_start_of_a_residual_net(settings, run_log, client, tmp_path):
    run_id = (await run_log.create(resnet(stop={"epochs": 1})))["id"]
    Abandoned(settings, client, run_id, 12)
    Advancing(settings, run_id).join()
    assert (await run_log.summary(run_id))["state"] == "done"
    assert_same(told(client, run_id), undisturbed(client, run_id))

    fork = (await run_log.fork(run_id, step=0, batch=128))["id"]
    Advancing(settings, fork).join()
    summary = await run_log.summary(fork)
    assert (summary["state"], summary["step"], summary["parent"]) == ("done", 12, run_id)
    assert (await run_log.spec(fork)).batch == 128

    begun, net = weights_begun(resnet(start={"run": run_id}, seed=3), LoggedRun(client, run_id))
    assert net.step == 23
    assert StartNet.unpack((await run_log.weights(run_id, None)).pack()).digest == net.digest
    other = (await run_log.create(resnet(start={"run": run_id}, seed=3, stop={"epochs": 1})))["id"]
    Advancing(settings, other).join()
    begun = begun.model_copy(update={"stop": resnet(stop={"epochs": 1}).stop})
    events = Loop(begun, first=net.net).events()
    expected = [tuple(pack_event(one)) for one in events if one.kind == "predictions"]
    assert [(head, body) for _, head, body in told(client, other)["frames"]] == expected
    with pytest.raises(FieldRefused, match="its net has n 1, this run 2"):
        await run_log.create(resnet(net={"wiring": "resnet", "width": 4, "n": 2}, start={"run": run_id}))


async def test_what_a_fork_cannot_have_is_refused_beside_the_field(settings, run_log, client):
    run_id = (await run_log.create(own(stop={"epochs": 4})))["id"]
    Advancing(settings, run_id).join()
    with pytest.raises(FieldRefused, match=r"Batch 5,?000 is larger than the 45 training points") as refused:
        await run_log.fork(run_id, step=3, batch=5000)
    assert refused.value.field["path"] == "batch"
    with pytest.raises(FieldRefused, match="Batch 45 makes 4 updates of all its epochs, and 9 are done"):
        await run_log.fork(run_id, step=9, batch=45)


async def test_a_net_that_is_too_large_for_its_frames_is_kept_at_its_end(settings, run_log, client):
    """Its last checkpoint stays: runs begin with it, fork from it, and it goes with the run."""
    settings = settings.model_copy(update={"frame_snapshot_kb": 1, "checkpoint_inline_mb": 0})
    run_id = (await run_log.create(own()))["id"]
    Advancing(settings, run_id).join()
    assert not any(b"sh" in fields for _, fields in client.xrange(RunKeys(run_id).frames))
    files = list(settings.home.glob("artefacts/checkpoints/*/*"))
    assert len(files) == 2
    _, net = weights_begun(own(start={"run": run_id}), LoggedRun(client, run_id))
    loop = Loop(own())
    list(loop.events())
    assert net.step == 24
    assert net_bits(net.net) == net_bits(loop.subject.net)
    assert (await run_log.weights(run_id, None)).digest == net.digest
    with pytest.raises(FrameNotFound):
        await run_log.fork(run_id, step=3)
    await run_log.delete(run_id)
    assert not any(path.exists() for path in files)


async def test_memory_that_is_full_ends_a_run_that_goes_on_in_smaller_batches(settings, run_log, client):
    """The net takes 40 points once the batches grow: the run fails in words, a fork in smaller batches ends."""
    spec = own("too_large", {"most": 16}, batch_schedule={"kind": "step", "every": 2, "factor": 1.2})
    run_id = (await run_log.create(spec))["id"]
    Advancing(settings.model_copy(update={"checkpoint_seconds": 0.001}), run_id).join()
    summary = await run_log.summary(run_id)
    assert (summary["state"], summary["reason"], summary["step"]) == ("failed", "out_of_memory", 6)
    assert "A batch of 18 does not fit into the memory" in summary["message"]
    assert "Fork it with batch 9" in summary["message"]
    assert client.exists(RunKeys(run_id).checkpoint)
    fork = (await run_log.fork(run_id, step=6, batch=4))["id"]
    Advancing(settings, fork).join()
    summary = await run_log.summary(fork)
    assert (summary["state"], summary["reason"]) == ("done", "epochs"), summary["message"]


async def test_a_sweep_over_residual_nets_gives_the_rows_of_the_library(settings, run_log):
    sweeps = SweepLog(run_log.client, run_log.sender)
    base = resnet(probes=[], stop={"epochs": 1}).model_dump(mode="json")
    asked = {"measure": {"flatness": []}, "primary": {"measure": "test_accuracy"}}
    spec = SweepSpec.model_validate({"base": base, "vary": {"net.n": [1, 2]}, "seeds": [0], **asked})
    expected = run_sweep(spec, threads=1)
    sweep_id = (await sweeps.create(spec, estimate(spec)))["id"]
    Carrying(settings, sweep_id).join()
    rows = {row.key: row for row in await sweeps.results(sweep_id)}
    assert len(rows) == 2
    for row in expected.rows:
        mine, its = row.curve.columns, rows[row.key].curve.columns
        assert all(mine[name] == its[name] for name in mine if name != "seconds")
        assert np.all(np.asarray(mine["flops"][1:]) > 0)


def test_a_recording_keeps_a_residual_net():
    recording = record(resnet(stop={"epochs": 1}), name="one")
    _, net = weights_begun(resnet(start={"run": "one"}), recording)
    loop = Loop(resnet(stop={"epochs": 1}))
    list(loop.events())
    assert net_bits(net.net) == net_bits(loop.subject.net)
