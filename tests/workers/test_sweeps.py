"""Sweeps on the workers: rows as they come, stop and resume, a death costs only what was not finished."""

import threading

import pytest

from foldscape.cost.rates import Rates
from foldscape.sweep import SweepSpec, estimate, expand, run
from foldscape.sweep.cost import corrected_by_sweep
from tests.workers.running import until
from workers import keys
from workers.job_lease import SweepLease
from workers.keys import SweepKeys
from workers.process import WorkerProcess
from workers.reaper import Reaper
from workers.run_log.away import Full
from workers.sweep_log import SweepLog
from workers.sweeps import carry_out

pytestmark = pytest.mark.anyio

PLAIN = {
    "question": "Which learns faster?",
    "base": {"data": {"kind": "rings", "n": 80}, "net": {"hidden": [3]}, "stop": {"epochs": 4}},
    "vary": {"lr": [0.01, 0.03]},
    "seeds": [0, 1],
    "measure": {"every": 2, "flatness": ["layer"]},
}
SMALL = SweepSpec.model_validate(PLAIN)
GROWTH = {
    "rule": {"kind": "random_direction"},
    "schedule": {"kind": "periodic", "start": 1, "every": 100_000, "births": 1},
}
LONG = SweepSpec.model_validate(
    PLAIN
    | {
        "base": PLAIN["base"] | {"growth": GROWTH},
        "vary": {"epochs": [2, 200_000]},
        "seeds": [0, 1, 2],
    }
)


@pytest.fixture
def sweeps(run_log):
    return SweepLog(run_log.client, run_log.sender)


class Carrying:
    """One sweep carried out by a thread of this process."""

    def __init__(self, settings, sweep_id):
        self.life = WorkerProcess(settings)
        self.life.start()
        self.thread = threading.Thread(target=carry_out, args=(self.life, sweep_id), daemon=True)
        self.thread.start()

    def join(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.life.stop()


async def made(sweeps, spec):
    return (await sweeps.create(spec, estimate(spec), name="mine"))["id"]


async def running(sweeps, sweep_id):
    async def there():
        return (await sweeps.summary(sweep_id))["doing"]

    await until(there, 60)


async def test_a_sweep_waits_runs_and_ends_with_the_library_s_numbers(settings, sweeps, client):
    found = await sweeps.create(SMALL, estimate(SMALL), name="mine")
    assert (found["state"], found["place"], found["name"], found["cells"]) == ("queued", 0, "mine", 4)
    Carrying(settings, found["id"]).join()
    found = await sweeps.summary(found["id"])
    assert (found["state"], found["share"], found["attempt"], found["doing"]) == ("done", 1, 1, "4 of 4 runs")
    ours = {row.key: row for row in await sweeps.results(found["id"])}
    for row in run(SMALL).rows:
        for name in ("train_loss", "lambda_layer"):
            assert ours[row.key].curve.columns[name] == row.curve.columns[name]
    assert client.smembers(keys.ACTIVE_SWEEPS) == set()
    assert client.zcard(keys.queue("batch")) == 0
    assert (await sweeps.rates()).threads == Rates().threads


async def test_stop_is_heard_and_resume_goes_on_with_what_is_left(settings, sweeps, client):
    sweep_id = await made(sweeps, LONG)
    carrying = Carrying(settings, sweep_id)
    await running(sweeps, sweep_id)
    await sweeps.stop(sweep_id)
    carrying.join()
    found = await sweeps.summary(sweep_id)
    assert (found["state"], found["message"]) == ("stopped", "Stopped; its finished runs stand.")
    cells = [cell.key for cell in expand(LONG)]
    short = SweepSpec.model_validate(LONG.model_dump(mode="json") | {"vary": {"epochs": [2]}})
    for row in run(short).rows:
        client.hset(SweepKeys(sweep_id).rows, row.key, row.model_dump_json())
    await sweeps.resume(sweep_id)
    assert (await sweeps.summary(sweep_id))["state"] == "queued"
    again = Carrying(settings, sweep_id)

    async def told():
        found = await sweeps.summary(sweep_id)
        return found if found["doing"].startswith("3 of 6") else None

    assert (await until(told, 60))["attempt"] == 2
    await sweeps.stop(sweep_id)
    again.join()
    assert {row.key for row in await sweeps.results(sweep_id)} == set(cells[:3])


async def test_a_sweep_waits_while_redis_is_full_and_loses_no_run(settings, sweeps, server, client):
    sweep_id = await made(sweeps, SMALL)
    server.fill_memory()
    try:
        with pytest.raises(Full):
            await sweeps.create(SMALL, estimate(SMALL))
        carrying = Carrying(settings, sweep_id)
        await running(sweeps, sweep_id)
        found = await sweeps.summary(sweep_id)
        assert (found["state"], found["attempt"]) == ("running", 1)
        assert found["doing"].startswith("Waiting: Redis is full")
    finally:
        server.make_room()
    carrying.join()
    assert (await sweeps.summary(sweep_id))["state"] == "done"
    ours = {row.key: row for row in await sweeps.results(sweep_id)}
    for row in run(SMALL).rows:
        assert ours[row.key].curve.columns["train_loss"] == row.curve.columns["train_loss"]


async def test_a_dead_worker_s_sweep_is_queued_again_and_its_runs_stand(settings, sweeps, run_log, client):
    sweep_id = await made(sweeps, SMALL)
    lease = SweepLease(client, sweep_id, 50)
    assert lease.take("worker-1", 5).attempt == 1
    first = run(SMALL).rows[0]
    lease.tell('{"share":0.25,"rows":[]}', {"share": 0.25}, {first.key: first.model_dump_json()})

    reaper = Reaper(run_log, settings)

    async def queued():
        await reaper.round()
        found = await sweeps.summary(sweep_id)
        return found if found["state"] == "queued" else None

    found = await until(queued, 20)
    await reaper.close()
    assert found["message"] == "Its worker died; another goes on with the runs that are left."
    Carrying(settings, sweep_id).join()
    assert (await sweeps.summary(sweep_id))["state"] == "done"
    kept = {row.key: row for row in await sweeps.results(sweep_id)}
    assert kept[first.key] == first
    assert len(kept) == 4


async def test_what_a_sweep_took_corrects_the_next_estimate():
    slow = corrected_by_sweep(SMALL, Rates(threads=1), 1000)
    assert estimate(SMALL, slow).seconds == pytest.approx(1000, rel=0.01)
