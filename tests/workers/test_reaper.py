"""The reaper's rounds."""

import itertools

import orjson
import pytest

from foldscape.commands import Play, Stop
from foldscape.wire import Packed
from tests.workers.running import small
from tests.workers.test_scripts import lapse, take
from workers import keys
from workers.keys import RunKeys
from workers.reaper import Reaper
from workers.run_log.away import Full
from workers.run_log.connect import broker_client
from workers.run_log.outbox import OutboxBatch
from workers.states import State

pytestmark = pytest.mark.anyio


@pytest.fixture
async def broker(anyio_backend, settings):
    client = broker_client(settings)
    yield client
    await client.aclose()


@pytest.fixture
async def reaper(run_log, settings):
    one = Reaper(run_log, settings.model_copy(update={"lost_seconds": 0.001, "frames_kept": 40, "play_runs_kept": 2}))
    yield one
    await one.close()


async def test_a_dead_worker_s_run_is_sent_again_and_shown_as_lost(client, run_log, broker, reaper):
    made = await run_log.create(small())
    await broker.delete("interactive")  # the worker has the message
    take(client, made["id"])
    await reaper.round()
    assert await broker.llen("interactive") == 0
    lapse(client, made["id"])
    await reaper.round()
    assert await broker.llen("interactive") == 1
    assert (await run_log.summary(made["id"]))["state"] == "lost"
    await reaper.round()
    assert await broker.llen("interactive") == 1
    assert take(client, made["id"])[1].state == State.RUNNING
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["message"]) == ("running", "")


async def test_a_worker_that_was_only_frozen_says_what_is_true_with_its_next_word(client, run_log, reaper):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"])
    lapse(client, made["id"])
    client.hset(RunKeys(made["id"]).hash, "heartbeat", 0)
    await reaper.round()
    summary = await run_log.summary(made["id"])
    assert summary["state"] == "lost"
    assert "fell silent" in summary["message"]
    lease.publish(OutboxBatch(), step=0, take=False, state=State.RUNNING)
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["message"]) == ("running", "")


async def test_beside_a_full_redis_leases_hold_and_the_reaper_makes_room(client, run_log, server, reaper):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"], ms=60_000)
    run = RunKeys(made["id"])
    frames = [(f"{step}-2", Packed(b"head", bytes(1000)), Packed(b"", b"")) for step in range(200)]
    lease.publish(OutboxBatch(frames=frames), step=200, take=False, state=State.RUNNING)
    client.pexpire(run.lease, 1000)
    server.fill_memory()
    try:
        with pytest.raises(Full, match="memory limit"):
            lease.publish(OutboxBatch(), step=200, take=True)
        assert lease.renew()
        assert client.pttl(run.lease) > 30_000
        waits = {"reason": "redis_full", "message": "It waits."}
        lease.publish(OutboxBatch(), step=200, take=False, state=State.PAUSED, fields=waits, although_full=True)
        await reaper._leads()
        await reaper.round()
        assert client.xlen(run.frames) < 60
        lapse(client, made["id"])
        await reaper.round()
        assert (await run_log.summary(made["id"]))["state"] == "lost"  # it goes on by itself, so it rests nowhere
        assert client.sismember(keys.ACTIVE, made["id"])
    finally:
        server.make_room()
    assert take(client, made["id"])[1].state == State.RUNNING


async def test_a_waiting_run_is_sent_again_only_when_its_message_is_gone(client, run_log, broker, reaper):
    made = await run_log.create(small())
    client.hset(RunKeys(made["id"]).hash, "sent", 0)
    await reaper.round()
    assert await broker.llen("interactive") == 1
    await broker.delete("interactive")
    await reaper.round()
    assert await broker.llen("interactive") == 1


async def test_a_paused_run_without_a_worker_rests_until_a_command_comes(client, run_log, broker, reaper):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"])
    lease.publish(OutboxBatch(), step=0, take=True, state=State.PAUSED)
    lapse(client, made["id"])
    await broker.delete("interactive")
    await reaper.round()
    assert not client.sismember(keys.ACTIVE, made["id"])
    await run_log.send_command(made["id"], Play())
    assert await broker.llen("interactive") == 1
    await reaper.round()
    assert client.sismember(keys.ACTIVE, made["id"])


async def test_one_of_two_reapers_leads(run_log, settings):
    one, other = Reaper(run_log, settings), Reaper(run_log, settings)
    assert await one._leads()
    assert not await other._leads()
    assert await one._leads()
    await one.close()
    await other.close()


async def test_long_runs_are_thinned_evenly_and_keep_births_and_ends(client, run_log, reaper):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"])
    run = RunKeys(made["id"])
    ids = [f"{step}-2" for step in range(0, 1000, 10)]
    frames = [(entry, Packed(b"head", b"body"), Packed(b"", b"")) for entry in ids]
    lease.publish(OutboxBatch(frames=frames, keep=["0-2", "330-2", "340-2"]), step=1000, take=False)
    await reaper.round()
    left = [entry.decode() for entry, _ in client.xrange(run.frames)]
    assert [raw.decode() for raw in client.lrange(run.frame_ids, 0, -1)] == left
    assert 30 <= len(left) <= 43
    assert {"0-2", "330-2", "340-2"} <= set(left)
    assert left[-10:] == ids[-10:]
    steps = [keys.id_pair(entry)[0] for entry in left if entry not in ("340-2",)]
    assert max(b - a for a, b in itertools.pairwise(steps)) <= 50
    assert "of 100 frames were dropped" in (await run_log.summary(made["id"]))["thinned"]
    assert await reaper.thinner.frames(run, 40) <= 3


async def test_measurements_are_thinned_evenly_and_what_a_replay_needs_stays(client, run_log, settings):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"])
    run = RunKeys(made["id"])
    kinds = [("curvature", 10, 200), ("traces", 400, 100), ("command", 500, 50)]  # each its own distance and size
    entries = sorted(
        (step, place, kind, size) for place, (kind, apart, size) in enumerate(kinds) for step in range(0, 20_000, apart)
    )
    batch = [
        (f"{step}-{place + 2}", Packed(orjson.dumps({"kind": kind, "step": step}), bytes(size)))
        for step, place, kind, size in entries
    ]
    lease.publish(OutboxBatch(events=batch), step=20_000, take=False)
    before = client.memory_usage(run.events)
    one = Reaper(run_log, settings.model_copy(update={"events_mb": 1.1 * before / 1e6}))
    await one.round()
    await one.close()
    whole = client.xrange(run.events)
    assert len(whole) == len(batch)
    one = Reaper(run_log, settings.model_copy(update={"events_mb": 0.9 * before / 1e6}))
    await one.round()
    left = [(entry.decode(), orjson.loads(fields[b"h"])) for entry, fields in client.xrange(run.events)]
    assert client.memory_usage(run.events) < 0.6 * before
    assert left[-1][0] == whole[-1][0].decode()
    steps = {kind: [head["step"] for _, head in left if head["kind"] == kind] for kind, *_ in kinds}
    assert steps["command"] == list(range(0, 20_000, 500))
    assert 40 <= len(steps["traces"]) <= 50
    older = steps["curvature"][: -len(steps["curvature"]) // 4]
    assert older[0] == 0
    assert max(b - a for a, b in itertools.pairwise(older)) <= 2 * min(b - a for a, b in itertools.pairwise(older))
    told = (await run_log.summary(made["id"]))["thinned"]
    assert told.startswith(f"{len(whole) - len(left):.0f} of {2050:.0f} measurements were dropped evenly")
    await one.close()
    lease.publish(OutboxBatch(events=[("20000-2", Packed(b'{"kind":"status"}', b""))]), step=20_000, take=False)
    assert client.xinfo_stream(run.events)["last-generated-id"] == b"20000-2"
    assert not client.exists(run.rewritten)


async def test_a_run_that_is_over_keeps_fewer(client, run_log, settings):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"])
    frames = [(f"{step}-2", Packed(b"head", b"body"), Packed(b"", b"")) for step in range(100)]
    lease.publish(OutboxBatch(frames=frames), step=100, take=False)
    lease.end(State.DONE)
    one = Reaper(run_log, settings.model_copy(update={"frames_kept_after": 20}))
    await one.round()
    await one.close()
    assert 15 <= client.xlen(RunKeys(made["id"]).frames) <= 22
    assert not client.sismember(keys.ACTIVE, made["id"])


async def test_large_frames_are_kept_in_smaller_number(client, run_log, settings):
    made = await run_log.create(small())
    lease, _ = take(client, made["id"])
    frames = [(f"{step}-2", Packed(b"head", bytes(20_000)), Packed(b"", b"")) for step in range(200)]
    lease.publish(OutboxBatch(frames=frames), step=200, take=False)
    one = Reaper(run_log, settings.model_copy(update={"frames_kept": 1000, "frames_mb": 2}))
    await one.round()
    await one.close()
    assert client.memory_usage(RunKeys(made["id"]).frames) < 2.6e6
    assert client.xlen(RunKeys(made["id"]).frames) > 80


async def test_old_play_runs_that_nobody_marked_are_forgotten(run_log, reaper):
    made = [await run_log.create(small(), origin="play", notes="mine" if n == 1 else "") for n in range(6)]
    named = await run_log.create(small(), origin="play", name="given at once")
    ids = [run["id"] for run in made]
    await run_log.patch(ids[2], name="kept by name")
    for run_id in [*ids, named["id"]]:
        await run_log.send_command(run_id, Stop())
    assert await reaper.forget_old_runs() == 2
    assert (await run_log.health())["kept"] == {"play_runs": 2, "forgotten": 2}
    left = {summary["id"] for summary in (await run_log.summaries())["runs"]}
    assert left == {ids[1], ids[2], ids[4], ids[5], named["id"]}


async def test_a_message_reaches_its_own_queue_only(run_log, broker):
    for queue in ("interactive", "batch", "interactive"):
        await run_log.create(small(queue=queue))
    assert [await broker.llen(name) for name in ("interactive", "batch", "gpu")] == [2, 1, 0]
