"""Studies on the workers: states are true, stop is heard, a death costs the work and nothing else."""

import asyncio
import json
import os
import signal
import threading

import orjson
import pytest
import redis

from foldscape.studies.base import StudyProgress, StudyRow
from foldscape.studies.utilisation import Utilisation
from tests.workers.running import until
from workers import keys
from workers.job_lease import StudyLease
from workers.jobs import AskedToStop, JobReporter, LeftAlone
from workers.keys import StudyKeys
from workers.process import WorkerProcess
from workers.reaper import Reaper
from workers.run_log.lease import Fenced
from workers.states import State
from workers.studies import carry_out
from workers.study_log import StudyLog

pytestmark = pytest.mark.anyio

SMALL = Utilisation(nets=20, draws=2, steps=50, sets=("sine",))
LONG = Utilisation(nets=1000, steps=100_000, sets=("sine",), rows=("random_init",))


@pytest.fixture
def studies(run_log):
    return StudyLog(run_log.client, run_log.sender)


class Carrying:
    """One study carried out by a thread of this process."""

    def __init__(self, settings, study_id):
        self.life = WorkerProcess(settings)
        self.life.start()
        self.thread = threading.Thread(target=carry_out, args=(self.life, study_id), daemon=True)
        self.thread.start()

    def join(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.life.stop()


async def reached(studies, study_id, state, seconds=60):
    async def there():
        found = await studies.summary(study_id)
        return found if found["state"] == state else None

    return await until(there, seconds)


async def begun(studies, study_id, seconds=60):
    async def there():
        return (await studies.summary(study_id))["share"] > 0

    await until(there, seconds)


async def test_a_study_waits_runs_and_ends_with_the_library_s_rows(settings, studies, client):
    made = await studies.create(SMALL, name="mine")
    assert (made["state"], made["place"], made["name"]) == ("queued", 0, "mine")
    Carrying(settings, made["id"]).join()
    found = await studies.summary(made["id"])
    last = list(SMALL.run())[-1]
    assert (found["state"], found["share"], found["attempt"], found["verdict"]) == ("done", 1, 1, last.verdict)
    assert found["findings"] == [finding.model_dump() for finding in last.findings]
    rows = {row["key"]: row for row in await studies.rows(made["id"])}
    assert rows == {row.key: row.model_dump(mode="json") for row in last.rows}
    assert client.smembers(keys.ACTIVE_STUDIES) == set()
    assert client.zcard(keys.queue("batch")) == 0


async def test_its_progress_can_be_followed_to_the_same_table(settings, studies, client):
    made = await studies.create(SMALL)
    Carrying(settings, made["id"]).join()
    rows, shares, ids = {}, [], []
    for name, fields in client.xrange(StudyKeys(made["id"]).progress):
        entry = orjson.loads(fields[b"e"])
        rows |= {row["key"]: row for row in entry["rows"]}
        shares.append(entry["share"])
        ids.append(keys.id_pair(name.decode()))
    assert ids == [(1, n + 1) for n in range(len(ids))]
    assert shares == sorted(shares)
    assert rows == {row["key"]: row for row in await studies.rows(made["id"])}


async def test_a_running_study_stops_within_a_second(settings, studies):
    made = await studies.create(LONG)
    carrying = Carrying(settings, made["id"])
    await begun(studies, made["id"])
    assert await studies.stop(made["id"]) == "running"
    found = await reached(studies, made["id"], "stopped", seconds=3)  # a second on a quiet machine
    assert found["reason"] == "command"
    assert 0 < found["share"] < 1
    carrying.join()


async def test_a_waiting_study_stops_without_a_worker(settings, studies, client):
    made = await studies.create(LONG)
    assert await studies.stop(made["id"]) == "stopped"
    carry_out(WorkerProcess(settings), made["id"])
    assert (await studies.summary(made["id"]))["attempt"] is None


async def test_a_worker_that_ends_leaves_its_study_to_another_that_begins_anew(settings, studies, run_log, client):
    made = await studies.create(LONG)
    carrying = Carrying(settings, made["id"])
    await begun(studies, made["id"])
    carrying.life.drain()
    carrying.join()
    found = await studies.summary(made["id"])
    assert (found["state"], found["message"]) == ("queued", "Its worker ended; it begins again from the start.")
    sent = []
    run_log.sender.send_job = _note(sent)
    await studies.look_after({"batch": 0}, lease_ms=settings.lease_ms)
    assert sent == [made["id"]]
    taken = StudyLease(client, made["id"], 1000).take("another", 5)
    assert taken.attempt == 2
    assert await studies.rows(made["id"]) == []
    assert (await studies.summary(made["id"]))["deaths"] is None


def _note(sent):
    async def send(task, job_id, queue):
        sent.append(job_id)

    return send


async def test_a_dead_worker_s_study_is_queued_again_and_given_up_after_too_many(settings, studies, run_log, client):
    sent = []
    run_log.sender.send_job = _note(sent)
    made = await studies.create(SMALL)
    study = StudyKeys(made["id"])
    for death in range(1, 4):
        assert StudyLease(client, study.id, 60_000).take("mortal", 3).attempt == death
        await studies.look_after({"batch": 0}, settings.lease_ms)
        assert (await studies.summary(study.id))["state"] == "running"
        client.delete(study.lease)
        await studies.look_after({"batch": 0}, settings.lease_ms)
        found = await studies.summary(study.id)
        assert (found["state"], found["deaths"]) == ("queued", death)
        assert "begins again" in found["message"]
    assert sent == [study.id] * 4
    assert StudyLease(client, study.id, 60_000).take("mortal", 3) is None
    assert (await studies.summary(study.id))["state"] == "failed"


async def test_a_late_worker_is_fenced(studies, client):
    made = await studies.create(SMALL)
    old = StudyLease(client, made["id"], 60_000)
    old.take("old", 5)
    client.delete(StudyKeys(made["id"]).lease)
    new = StudyLease(client, made["id"], 60_000)
    new.take("new", 5)
    with pytest.raises(Fenced):
        old.tell("{}", {"share": 1}, {})
    old.leave(State.DONE)
    assert (await studies.summary(made["id"]))["state"] == "running"
    assert StudyLease(client, made["id"], 60_000).take("third", 5) is None


async def test_a_study_that_fails_says_why(settings, studies, client, monkeypatch):
    def run(self, threads=None):
        yield StudyProgress(share=0, doing="", rows=())
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(Utilisation, "run", run)
    made = await studies.create(SMALL)
    Carrying(settings, made["id"]).join()
    found = await studies.summary(made["id"])
    assert (found["state"], found["message"]) == ("failed", "ZeroDivisionError: by nothing")
    assert "by nothing" in found["log"]


class Line(StudyRow):
    value: int


def told(share, value):
    return StudyProgress(share=share, doing="", rows=(Line(key="a", value=value),))


async def test_what_redis_missed_is_said_with_the_next_word(studies, client, monkeypatch):
    made = await studies.create(SMALL)
    lease = StudyLease(client, made["id"], 60_000)
    lease.take("worker", 5)
    reporter = JobReporter(lease)
    answers = iter([redis.exceptions.ConnectionError("away")])
    tell = lease.tell

    def flaky(*given):
        for error in answers:
            raise error
        return tell(*given)

    monkeypatch.setattr(lease, "tell", flaky)
    reporter.hear(told(0.1, 1))
    reporter.hear(told(1, 2))
    entries = [orjson.loads(fields[b"e"]) for _, fields in client.xrange(lease.job.progress)]
    assert [entry["rows"] for entry in entries] == [[{"key": "a", "value": 2}]]


async def test_a_speaker_tells_a_study_to_stop_or_to_leave(studies, client):
    made = await studies.create(SMALL)
    lease = StudyLease(client, made["id"], 60_000)
    lease.take("worker", 5)
    await studies.stop(made["id"])
    with pytest.raises(AskedToStop):
        JobReporter(lease).hear(told(0.5, 1))
    leaving, losing = JobReporter(lease), JobReporter(lease)
    leaving.drain()
    losing.lose()
    with pytest.raises(LeftAlone):
        leaving.hear(told(0.5, 1))
    with pytest.raises(Fenced):
        losing.hear(told(0.5, 1))


async def test_killed_worker_and_reaper_bring_a_study_to_the_same_end(settings, studies, run_log, start_worker):
    """The whole way: Celery, a killed process, the reaper, another process, the same rows."""
    spec = Utilisation(nets=200, draws=2, steps=20_000, sets=("sine",), rows=("random_init",))
    reaper = asyncio.create_task(Reaper(run_log, settings).run())
    worker = start_worker("batch")
    made = await studies.create(spec)
    await begun(studies, made["id"], 120)
    os.killpg(worker.process.pid, signal.SIGKILL)
    start_worker("batch")
    found = await reached(studies, made["id"], "done", 120)
    reaper.cancel()
    assert found["attempt"] == 2
    last = list(spec.run())[-1]
    assert {row["key"]: row for row in await studies.rows(made["id"])} == {
        row.key: json.loads(row.model_dump_json()) for row in last.rows
    }
