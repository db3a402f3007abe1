"""Ensembles on the workers: the library's numbers, by members that the run log keeps, gone on after a death."""

import threading

import pytest

from foldscape.ensembles.result import ensemble_of
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.errors import FieldRefused
from tests.workers.running import Advancing, small
from workers.ensemble_log import EnsembleLog
from workers.ensembles import carry_out
from workers.job_lease import EnsembleLease
from workers.keys import EnsembleKeys, RunKeys
from workers.process import WorkerProcess
from workers.run_log.record import LoggedRun
from workers.thinning import Thinner

pytestmark = pytest.mark.anyio
CYCLES = {"lr_schedule": {"kind": "snapshot", "cycles": 4}}


@pytest.fixture
def log(run_log):
    return EnsembleLog(run_log.client, run_log.sender)


async def trained(settings, run_log, **changes):
    made = await run_log.create(small(**changes))
    Advancing(settings, made["id"]).join()
    return made["id"]


def carried(settings, ensemble_id):
    life = WorkerProcess(settings)
    life.start()
    thread = threading.Thread(target=carry_out, args=(life, ensemble_id), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    life.stop()


async def test_the_worker_measures_what_the_library_does(settings, run_log, client, log):
    runs = [await trained(settings, run_log, member=member) for member in range(2)]
    spec = EnsembleSpec(members=tuple(runs))
    made, _ = await log.create(spec)
    carried(settings, made["id"])
    found = await log.summary(made["id"])
    assert (found["state"], found["message"], found["share"]) == ("done", "", 1.0)
    own = ensemble_of(spec, {run: LoggedRun(client, run) for run in runs})
    assert {row["key"]: row for row in await log.rows(made["id"])} == dict(own.rows)


async def test_the_ends_of_cycles_outlive_thinning(settings, run_log, client, log):
    run = await trained(settings, run_log, **CYCLES)
    ends = LoggedRun(client, run).spec.cycle_ends
    assert {step for step, _ in LoggedRun(client, run).lasting_ids()} >= set(ends)
    await Thinner(run_log.client, settings).frames(RunKeys(run), 3)
    kept = {step for step, _ in LoggedRun(client, run).frame_ids()}
    assert kept >= set(ends)
    made, _ = await log.create(EnsembleSpec(members=(f"{run}@cycles",)))
    assert [one["step"] for one in made["spec"]["members"]] == list(ends)


async def test_pairs_that_are_known_stand_when_another_worker_goes_on(settings, run_log, client, log):
    run = await trained(settings, run_log, **CYCLES)
    made, _ = await log.create(EnsembleSpec(members=(f"{run}@cycles",)))
    lease = EnsembleLease(client, made["id"], 60_000)
    assert lease.take("worker-1", 5)
    lease.tell("{}", {"share": 0.5, "doing": "", "left_s": ""}, {"pair.0-1": '{"key":"pair.0-1","told":"before"}'})
    client.delete(EnsembleKeys(made["id"]).lease)
    client.hset(EnsembleKeys(made["id"]).hash, "state", "queued")
    carried(settings, made["id"])
    rows = {row["key"]: row for row in await log.rows(made["id"])}
    assert rows["pair.0-1"] == {"key": "pair.0-1", "told": "before"}
    assert len([key for key in rows if key.startswith("pair.")]) == 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 2}, "have other training or test points, so they make no ensemble"),
        ({"data": {"kind": "gaussian_blobs", "n": 64}}, "classes apart and"),
    ],
)
async def test_members_on_other_points_are_refused_before_anything_is_queued(run_log, log, changes, words):
    runs = [(await run_log.create(small(**each)))["id"] for each in ({}, changes)]
    with pytest.raises(FieldRefused) as refusal:
        await log.create(EnsembleSpec(members=tuple(runs)))
    assert refusal.value.field["path"] == "members.1"
    assert words in refusal.value.field["message"]
    assert all(run in refusal.value.message for run in runs)
    assert not await log.summaries()
