"""Runs and sweeps that begin with the weights of another run: taken once, kept, whatever becomes of the other."""

import pytest

from foldscape.errors import FieldRefused
from foldscape.spec import RunSpec
from foldscape.start import NoStart, StartNet, weights_begun
from foldscape.sweep import SweepSpec, estimate
from foldscape.sweep import run as run_sweep
from foldscape.training import Loop
from foldscape.wire import pack_event
from tests.workers.running import Abandoned, Advancing, small, state_is, told
from tests.workers.test_sweeps import Carrying
from workers.keys import RunKeys, SweepKeys, entry_id
from workers.run_log.record import LoggedRun
from workers.sweep_log import SweepLog

pytestmark = pytest.mark.anyio


@pytest.fixture
async def other(settings, run_log):
    made = await run_log.create(small(stop={"epochs": 8}))
    Advancing(settings, made["id"]).join()
    return made["id"]


def from_other(other, step=None, **changes):
    return small(**{"seed": 5, "start": {"run": other, "step": step}} | changes)


def by_library(spec, first):
    """Events of a run that the library trains, as the log keeps them."""
    events = Loop(spec, first=first).events()
    return [(entry_id(one.step, one.seq), *pack_event(one)) for one in events if one.kind == "frame"]


async def test_the_weights_are_kept_with_the_run_whatever_becomes_of_the_other(settings, run_log, other, client):
    spec, net = weights_begun(from_other(other), LoggedRun(client, other))
    run_id = (await run_log.create(from_other(other)))["id"]
    assert (await run_log.spec(run_id)).start == spec.start
    assert spec.start.step == 48
    await run_log.delete(other)
    Abandoned(settings, client, run_id, 20)
    Advancing(settings, run_id).join()
    assert (await state_is(run_log, run_id, "done"))["attempt"] == 2
    assert told(client, run_id)["frames"] == by_library(spec, net.net)
    assert StartNet.unpack(await run_log.beginning(run_id)).digest == net.digest
    again = (await run_log.detail(run_id))["again"]
    assert again["command"] == "foldscape run again.yaml --source start.npz"
    assert f"/api/runs/{run_id}/start" in again["note"]
    await run_log.delete(run_id)
    assert not client.exists(RunKeys(run_id).start)


async def test_a_fork_of_such_a_run_has_its_weights_too(settings, run_log, other, client):
    run_id = (await run_log.create(from_other(other)))["id"]
    Advancing(settings, run_id).join()
    fork = (await run_log.fork(run_id, step=12))["id"]
    await run_log.delete(run_id)
    Advancing(settings, fork).join()
    assert (await run_log.summary(fork))["state"] == "done"
    assert await run_log.beginning(fork)


async def test_what_is_not_there_or_does_not_fit_is_refused_before_anything_is_queued(run_log, other, client):
    before = client.zcard("fs:runs")
    for spec, path, words in (
        (from_other("nobody"), "start.run", "start.run nobody is no run of this server"),
        (from_other(other, 7), "start.step", "the nearest kept: 6 and 12"),
        (from_other(other, net={"activation": "tanh"}), "start.run", "has activation relu, this run tanh"),
    ):
        with pytest.raises(NoStart) as refusal:
            await run_log.create(spec)
        assert refusal.value.field["path"] == path
        assert words in refusal.value.field["message"]
    assert client.zcard("fs:runs") == before


async def test_a_sweep_begins_with_them_too(settings, run_log, other, client):
    sweeps = SweepLog(run_log.client, run_log.sender)
    base = from_other(other, probes=[], stop={"epochs": 2}).model_dump(mode="json")
    spec = SweepSpec.model_validate({"base": base, "vary": {"lr": [0.01, 0.1]}, "seeds": [0, 1]})
    expected = run_sweep(spec, source=LoggedRun(client, other), threads=1)
    sweep_id = (await sweeps.create(spec, estimate(spec)))["id"]
    await run_log.delete(other)
    Carrying(settings, sweep_id).join()
    found = await sweeps.summary(sweep_id)
    assert (found["state"], found["spec"]["base"]["start"]) == ("done", expected.spec.base.start.model_dump())
    rows = {row.key: row for row in await sweeps.results(sweep_id)}
    for row in expected.rows:
        mine, its = row.curve.columns, rows[row.key].curve.columns
        assert all(mine[name] == its[name] for name in mine if name != "seconds")
    assert list(await sweeps.starts(sweep_id))
    with pytest.raises(FieldRefused, match="is no run of this server") as refusal:
        await sweeps.create(spec, estimate(spec))
    assert refusal.value.field["path"] == "base.start.run"
    await sweeps.delete(sweep_id)
    assert not client.exists(SweepKeys(sweep_id).starts)


async def test_a_stored_run_of_today_has_no_start(run_log, client):
    run_id = (await run_log.create(RunSpec()))["id"]
    assert b"start" not in client.hget(RunKeys(run_id).hash, "spec")
    assert not client.exists(RunKeys(run_id).start)
