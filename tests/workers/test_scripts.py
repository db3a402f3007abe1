"""The Lua scripts, each against the real Redis."""

import json

import pytest

from foldscape.commands import Grow, Pause, Play, SetOptimizer, Stop
from foldscape.errors import RunNotFound
from foldscape.growth.random_direction import RandomDirection
from foldscape.wire import Packed
from tests.workers.running import small
from workers import keys
from workers.errors import CannotResume, RunIsOver
from workers.keys import RunKeys
from workers.run_log.lease import Fenced, Lease
from workers.run_log.outbox import OutboxBatch
from workers.states import State

pytestmark = pytest.mark.anyio

LONG = 60_000


@pytest.fixture
async def run_id(run_log):
    return (await run_log.create(small()))["id"]


def lease_on(client, run_id, ms=LONG):
    return Lease(client, run_id, ms)


def take(client, run_id, tries=5, ms=LONG):
    lease = lease_on(client, run_id, ms)
    return lease, lease.acquire("worker-1", "interactive", tries)


def events(*ids):
    return OutboxBatch(events=[(entry, Packed(entry.encode(), b"body")) for entry in ids])


def lapse(client, run_id):
    client.delete(RunKeys(run_id).lease)


async def test_only_one_worker_gets_a_run(client, run_log, run_id):
    assert client.zrank(keys.queue("interactive"), run_id) == 0
    lease, found = take(client, run_id)
    assert (found.attempt, found.state, found.last, found.checkpoint, found.record) == (
        1,
        State.RUNNING,
        ("0-0", "0-0", "0-0"),
        {},
        [],
    )
    assert take(client, run_id)[1] is None
    assert client.zrank(keys.queue("interactive"), run_id) is None
    summary = await run_log.summary(run_id)
    assert (summary["state"], summary["worker"], summary["attempt"]) == ("running", "worker-1", 1)
    assert lease.renew()


async def test_a_run_that_is_over_or_forgotten_is_not_taken(client, run_log, run_id):
    lease, _ = take(client, run_id)
    lease.end(State.DONE)
    assert take(client, run_id)[1] is None
    await run_log.delete(run_id)
    assert take(client, run_id)[1] is None
    with pytest.raises(Fenced):
        lease.publish(OutboxBatch(), step=1, take=True)


async def test_after_so_many_dead_workers_a_run_is_poison(client, run_log, run_id):
    for attempt in range(1, 4):
        assert take(client, run_id, tries=3)[1].attempt == attempt
        lapse(client, run_id)
    assert take(client, run_id, tries=3)[1] is None
    summary = await run_log.summary(run_id)
    assert (summary["state"], summary["reason"]) == ("failed", "poison")
    assert not client.sismember(keys.ACTIVE, run_id)
    await run_log.resume(run_id)
    assert take(client, run_id, tries=3)[1].attempt == 4


async def test_a_checkpoint_sets_the_tries_back(client, run_id):
    for _ in range(3):
        lease, found = take(client, run_id, tries=2)
        assert found is not None
        lease.checkpoint({"step": 3, "h": b"head", "b": b"body"})
        lapse(client, run_id)
    assert found.checkpoint == {"step": b"3", "h": b"head", "b": b"body"}


async def test_a_late_worker_is_fenced_everywhere(client, run_id):
    late, _ = take(client, run_id)
    lapse(client, run_id)
    _, found = take(client, run_id)
    assert found.attempt == 2
    for act in (
        lambda: late.publish(events("1-1"), step=1, take=True),
        lambda: late.checkpoint({"step": 1}),
        late.park,
        late.drain,
        lambda: late.end(State.DONE),
    ):
        with pytest.raises(Fenced):
            act()
    assert not late.renew()
    assert client.xlen(RunKeys(run_id).events) == 0


async def test_a_lease_that_ran_out_is_taken_again_when_nobody_else_did(client, run_id):
    lease, _ = take(client, run_id)
    lapse(client, run_id)
    lease.publish(events("1-1"), step=1, take=True)
    assert client.get(RunKeys(run_id).lease).decode() == lease.token
    assert 0 < client.pttl(RunKeys(run_id).lease) <= LONG


async def test_what_is_there_already_is_skipped(client, run_id):
    lease, _ = take(client, run_id)
    lease.publish(events("1-1", "1-2", "5-1"), step=5, take=False)
    lease.publish(events("1-2", "5-1", "5-2"), step=5, take=False)
    found = [entry.decode() for entry, _ in client.xrange(RunKeys(run_id).events)]
    assert found == ["1-1", "1-2", "5-1", "5-2"]


async def test_commands_are_in_the_record_when_the_worker_hears_of_them(client, run_log, run_id):
    lease, _ = take(client, run_id)
    first = await run_log.send_command(run_id, Pause())
    second = await run_log.send_command(run_id, Grow(rule=RandomDirection()))
    pacer = '{"kind":"cadence","updates":4}'
    taken = lease.publish(OutboxBatch(), step=7, take=True, pacer=[pacer])
    assert [(item.id, item.src, item.command.kind) for item in taken] == [
        ("7-1", "pacer", "cadence"),
        ("7-2", first, "pause"),
        ("7-3", second, "grow"),
    ]
    assert lease.publish(OutboxBatch(), step=7, take=True) == []
    await run_log.send_command(run_id, Play())
    assert [item.id for item in lease.publish(OutboxBatch(), step=7, take=True)] == ["7-4"]
    lapse(client, run_id)
    _, found = take(client, run_id)
    assert [(item.id, item.group) for item in found.record] == [("7-1", 1), ("7-2", 1), ("7-3", 1), ("7-4", 4)]


async def test_a_record_whose_answer_was_lost_moves_to_the_step_of_its_effect(client, run_log, run_id):
    lease, _ = take(client, run_id)
    await run_log.send_command(run_id, SetOptimizer(lr=0.5))
    known = lease.known
    lease.publish(OutboxBatch(), step=10, take=True)
    lease.known = known  # as if the connection had broken before the answer came
    await run_log.send_command(run_id, Pause())
    assert lease.publish(events("12-1"), step=12, take=False) == []
    taken = lease.publish(OutboxBatch(), step=14, take=True)
    assert [(item.id, item.command.kind) for item in taken] == [("14-1", "set"), ("14-2", "pause")]
    assert [entry.decode() for entry, _ in client.xrange(RunKeys(run_id).applied)] == ["14-1", "14-2"]


async def test_two_commands_at_once_are_both_taken_in_order(client, run_log, run_id):
    import asyncio

    lease, _ = take(client, run_id)
    sent = await asyncio.gather(*(run_log.send_command(run_id, SetOptimizer(lr=0.01 * n)) for n in range(1, 21)))
    taken = lease.publish(OutboxBatch(), step=3, take=True)
    assert [item.src for item in taken] == sorted(sent, key=keys.id_pair)
    assert sorted(item.command.lr for item in taken) == pytest.approx([0.01 * n for n in range(1, 21)])


async def test_a_run_with_waiting_commands_is_not_parked(client, run_log, run_id):
    lease, _ = take(client, run_id)
    lease.publish(OutboxBatch(), step=4, take=True, state=State.PAUSED)
    await run_log.send_command(run_id, Play())
    assert not lease.park()
    lease.publish(OutboxBatch(), step=4, take=True)
    assert lease.park()
    assert not client.sismember(keys.ACTIVE, run_id)
    assert client.exists(RunKeys(run_id).lease) == 0
    await run_log.send_command(run_id, Play())
    assert client.sismember(keys.ACTIVE, run_id)


async def test_a_waiting_run_is_stopped_without_a_worker(client, run_log, run_id):
    await run_log.send_command(run_id, Stop())
    summary = await run_log.summary(run_id)
    assert (summary["state"], summary["reason"], summary["place"]) == ("stopped", "command", None)
    assert take(client, run_id)[1] is None
    with pytest.raises(RunIsOver):
        await run_log.send_command(run_id, Play())
    await run_log.resume(run_id)
    assert (await run_log.summary(run_id))["place"] == 0
    assert take(client, run_id)[1] is not None


async def test_a_run_that_runs_cannot_be_resumed(client, run_log, run_id):
    take(client, run_id)
    with pytest.raises(CannotResume, match="running"):
        await run_log.resume(run_id)
    with pytest.raises(RunNotFound):
        await run_log.resume("nobody")


async def test_illegal_moves_are_refused_by_redis_too(client, run_log, run_id):
    import redis

    lease, _ = take(client, run_id)
    with pytest.raises(redis.ResponseError, match="running cannot become queued"):
        _force(lease, State.QUEUED)
    assert (await run_log.summary(run_id))["state"] == "running"


def _force(lease, state):
    from workers.run_log import lease as module

    allowed = module.came_from
    module.came_from = lambda _: "paused"
    try:
        lease.publish(OutboxBatch(), step=0, take=False, state=state)
    finally:
        module.came_from = allowed


async def test_changes_are_told_to_tables_with_what_was_deleted(client, run_log, run_id):
    every = await run_log.summaries()
    assert [summary["id"] for summary in every["runs"]] == [run_id]
    other = (await run_log.create(small(), name="other", tags=["a"], notes="n"))["id"]
    changed = await run_log.summaries(every["cursor"])
    assert [(summary["name"], summary["tags"], summary["place"]) for summary in changed["runs"]] == [
        ("other", ["a"], 1)
    ]
    await run_log.patch(other, name="renamed", tags=["b", "c"])
    await run_log.delete(run_id)
    later = await run_log.summaries(changed["cursor"])
    assert [summary["name"] for summary in later["runs"]] == ["renamed"]
    assert later["deleted"] == [run_id]
    assert (await run_log.summaries(later["cursor"]))["runs"] == []


async def test_the_detail_tells_how_to_make_the_run_again(client, run_log, run_id):
    import yaml

    lease, _ = take(client, run_id)
    await run_log.send_command(run_id, SetOptimizer(lr=0.5))
    lease.publish(OutboxBatch(), step=10, take=True)
    detail = await run_log.detail(run_id)
    assert [(entry["step"], entry["command"]["lr"]) for entry in detail["applied"]] == [(10, 0.5)]
    spec = type(small()).model_validate(yaml.safe_load(detail["again"]["yaml"]))
    assert spec.commands[0].step == 10
    assert spec.model_copy(update={"commands": ()}) == small()
    assert json.dumps(detail)
