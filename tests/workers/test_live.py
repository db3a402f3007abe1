"""A live run in this process: its log against the library's, commands, pauses, pace, parking."""

import json
import time

import pytest

from foldscape.commands import Grow, Pause, Play, SetOptimizer, Speed, Step, Stop
from foldscape.growth.random_direction import RandomDirection
from foldscape.training import Loop
from tests.workers.running import (
    Abandoned,
    Advancing,
    assert_same,
    record,
    small,
    state_is,
    step_is,
    told,
    undisturbed,
    until,
)
from workers import keys
from workers.errors import RunIsOver
from workers.keys import RunKeys

pytestmark = pytest.mark.anyio


async def test_a_run_on_the_batch_queue_says_what_the_library_says(run_log, client, settings):
    made = await run_log.create(small(queue="batch"))
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["reason"], summary["step"]) == ("done", "epochs", 30 * 6)
    assert record(client, made["id"]) == []
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_commands_are_recorded_with_the_step_of_their_effect(run_log, client, settings):
    made = await run_log.create(small(speed=40, stop={"epochs": 60}))
    run = Advancing(settings, made["id"])
    await step_is(run_log, made["id"], 20)
    await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
    await run_log.send_command(made["id"], SetOptimizer(lr=0.02))
    await step_is(run_log, made["id"], 60)
    await run_log.send_command(made["id"], Pause())
    await state_is(run_log, made["id"], "paused")
    await run_log.send_command(made["id"], Step(n=3, unit="update"))
    await run_log.send_command(made["id"], Speed(epochs_per_second=None))
    await run_log.send_command(made["id"], Play())
    run.join()
    kinds = [entry[2].split(b'"')[3] for entry in record(client, made["id"]) if entry[1] != "pacer"]
    assert kinds == [b"grow", b"set", b"pause", b"step", b"speed", b"play"]
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_pause_takes_effect_at_once_and_so_do_commands_while_paused(run_log, client, settings):
    made = await run_log.create(small(speed=5, stop={"epochs": 1000}))
    run = Advancing(settings, made["id"])
    await step_is(run_log, made["id"], 2)
    began = time.monotonic()
    await run_log.send_command(made["id"], Pause())
    await state_is(run_log, made["id"], "paused")
    assert time.monotonic() - began < 0.2
    began = time.monotonic()
    for number in range(5):
        await run_log.send_command(made["id"], Step(n=1, unit="update"))
        await step_is(run_log, made["id"], 3 + number)
    await state_is(run_log, made["id"], "paused")
    assert time.monotonic() - began < 5 * 0.3  # a step waits for its own pace of 30 updates a second
    await run_log.send_command(made["id"], Stop())
    run.join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["reason"]) == ("stopped", "command")
    with pytest.raises(RunIsOver):
        await run_log.send_command(made["id"], Play())


async def test_a_paced_run_keeps_its_pace(run_log, client, settings):
    made = await run_log.create(small(speed=10, stop={"epochs": 1000}, probes=[]))
    run = Advancing(settings, made["id"])
    before = await step_is(run_log, made["id"], 30)
    began, first = time.monotonic(), before["step"]
    after = await step_is(run_log, made["id"], first + 120)
    rate = (after["step"] - first) / (time.monotonic() - began)
    assert rate == pytest.approx(10 * 6, rel=0.15)  # the summary itself is up to 0.25 s old
    await run_log.send_command(made["id"], Stop())
    run.join()


async def test_a_run_without_a_pace_is_steered_by_recorded_commands(run_log, client, settings):
    made = await run_log.create(small(stop={"epochs": 100_000}, probes=[]))
    run = Advancing(settings, made["id"])

    async def steered():
        return [entry for entry in record(client, made["id"]) if entry[1] == "pacer"]

    await until(steered)
    await run_log.send_command(made["id"], Stop())
    run.join()
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_paused_run_is_parked_and_comes_back(run_log, client, settings):
    brief = settings.model_copy(update={"park_seconds": 0.2})
    made = await run_log.create(small(speed=100, commands=[{"step": 12, "command": {"kind": "pause"}}]))
    Advancing(brief, made["id"]).join()
    assert (await run_log.summary(made["id"]))["state"] == "paused"
    assert not client.sismember("fs:active", made["id"])
    assert not client.exists(RunKeys(made["id"]).lease)
    await run_log.send_command(made["id"], Play())
    assert client.sismember("fs:active", made["id"])
    Advancing(brief, made["id"]).join()
    assert (await run_log.summary(made["id"]))["state"] == "done"
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_drained_run_goes_on_elsewhere_as_if_nothing_had_happened(run_log, client, settings):
    made = await run_log.create(small(speed=40, stop={"epochs": 90}))
    for step in (30, 90, 180):
        run = Advancing(settings, made["id"])
        await step_is(run_log, made["id"], step)
        await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
        run.drain()
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["attempt"]) == ("done", 4)
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_large_checkpoints_live_in_the_artefact_folder(run_log, client, settings):
    large = settings.model_copy(update={"checkpoint_inline_mb": 0})
    made = await run_log.create(small(speed=100, stop={"epochs": 60}))
    run = Advancing(large, made["id"])
    await step_is(run_log, made["id"], 100)
    run.drain()
    place = client.hget(RunKeys(made["id"]).checkpoint, "place").decode()
    assert place.startswith(str(settings.home))
    files = sorted((settings.home / "artefacts/checkpoints" / made["id"]).iterdir())
    assert [file.suffix for file in files] == [".json", ".safetensors"]
    Advancing(large, made["id"]).join()
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))
    assert list((settings.home / "artefacts/checkpoints" / made["id"]).iterdir()) == []


async def test_checkpoints_that_the_disk_refuses_fail_no_run(run_log, client, settings, tmp_path):
    blocked = tmp_path / "full"
    blocked.write_text("no folder can be made in here")
    large = settings.model_copy(update={"checkpoint_inline_mb": 0, "artefacts": str(blocked)})
    made = await run_log.create(small(speed=60, stop={"epochs": 60}))
    run = Advancing(large, made["id"])

    async def said():
        return "checkpoint could not be written (Not a directory)" in (await run_log.summary(made["id"]))["message"]

    await until(said)
    run.drain()
    await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
    run = Advancing(large, made["id"])
    await until(said)
    blocked.unlink()

    async def stored():
        return client.hget(RunKeys(made["id"]).checkpoint, "place")

    await until(stored)
    await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
    run.join()
    assert "checkpoint" not in (await run_log.summary(made["id"]))["message"]
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_stopped_run_can_be_resumed(run_log, client, settings):
    made = await run_log.create(small(speed=100, stop={"epochs": 60}))
    run = Advancing(settings, made["id"])
    stopped = await step_is(run_log, made["id"], 60)
    await run_log.send_command(made["id"], Stop())
    run.join()
    await run_log.resume(made["id"])
    assert (await run_log.summary(made["id"]))["state"] == "queued"
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["step"]) == ("done", 360)
    assert stopped["step"] < 360
    steps = [step for step, _ in told(client, made["id"])["metrics"]]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("checkpoint_seconds", [0.05, 1000])
async def test_commands_in_an_outage_take_effect_behind_what_was_published(
    run_log, client, settings, checkpoint_seconds
):
    late = settings.model_copy(update={"checkpoint_seconds": checkpoint_seconds})
    made = await run_log.create(small(speed=60, growth={"schedule": {"kind": "periodic", "every": 7}}))
    await run_log.send_command(made["id"], SetOptimizer(lr=0.03))
    for step in (42, 100):
        dead = Abandoned(late, client, made["id"], step)
        await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
        await run_log.send_command(made["id"], Speed(epochs_per_second=None))
    Advancing(settings, made["id"]).join()
    assert (await run_log.summary(made["id"]))["state"] == "done"
    people = [keys.id_pair(entry[0]) for entry in record(client, made["id"]) if entry[1] != "pacer"]
    assert len(people) == 5
    assert people[-2][0] >= dead.published[0]
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_run_killed_before_its_best_net_came_back_ends_with_that_very_net(run_log, client, settings):
    """What comes back lies before the kill, and growths after it are undone: the best moment is in the checkpoint."""
    late = settings.model_copy(update={"checkpoint_seconds": 0.05})
    changes = {
        "data": {"kind": "moons", "n": 80, "noise": 0.4},
        "optimizer": {"kind": "adam", "lr": 0.1},
        "validation_share": 0.3,
        "stop": {"epochs": 200, "early_stop": {"patience": 25}},
        "growth": {"rule": {"kind": "random_direction"}, "schedule": {"kind": "periodic", "every": 10, "births": 9}},
        "speed": 60,
    }
    made = await run_log.create(small(**changes))
    plain = small(**changes | {"speed": None})
    ended = [event for event in Loop(plain).events() if event.kind == "restored"]
    dead = Abandoned(late, client, made["id"], ended[0].best_step + 12)
    assert dead.published[0] < ended[0].step
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["reason"]) == ("done", "early_stop")
    log = told(client, made["id"])
    assert_same(log, undisturbed(client, made["id"]))
    restored = [head for head in map(json.loads, (entry[1] for entry in log["events"])) if head["kind"] == "restored"]
    assert [head["best_step"] for head in restored] == [ended[0].best_step]
    assert summary["validation_loss"] == pytest.approx(restored[0]["value"], rel=1e-6)


@pytest.mark.parametrize("at_rest", [False, True])
async def test_what_is_said_to_a_resumed_run_takes_effect_behind_its_stop(run_log, client, settings, at_rest):
    made = await run_log.create(small(speed=60, growth={"schedule": {"kind": "periodic", "every": 5}}))
    run = Advancing(settings, made["id"])
    await step_is(run_log, made["id"], 40)
    if at_rest:
        await run_log.send_command(made["id"], Pause())
        await state_is(run_log, made["id"], "paused")
    await run_log.send_command(made["id"], Grow(rule=RandomDirection()))
    await run_log.send_command(made["id"], Stop())
    run.join()
    await run_log.resume(made["id"])
    for command in (Grow(rule=RandomDirection()), Play(), Speed(epochs_per_second=None)):
        await run_log.send_command(made["id"], command)
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["reason"]) == ("done", "epochs")
    kinds = [json.loads(entry[2])["kind"] for entry in record(client, made["id"]) if entry[1] != "pacer"]
    assert kinds == [*["pause"] * at_rest, "grow", "stop", "grow", "play", "speed"]
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_run_that_leaves_the_finite_numbers_fails_and_is_kept(run_log, client, settings):
    made = await run_log.create(small(optimizer={"kind": "sgd", "lr": 100, "weight_decay": 10}, queue="batch"))
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["reason"]) == ("failed", "blew_up")
    assert "lr" in summary["message"] or "rate" in summary["message"]
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))


async def test_a_run_that_cannot_even_begin_says_why(run_log, client, settings):
    made = await run_log.create(small())
    client.hset(RunKeys(made["id"]).hash, "spec", '{"net": {"hidden": [99999]}}')
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["reason"]) == ("failed", "invalid_input")
    assert "net.hidden" in summary["message"]
    assert "99999" in summary["message"]


async def test_a_fork_goes_on_from_a_frame(run_log, client, settings):
    parent = await run_log.create(small(speed=100, stop={"epochs": 20}))
    Advancing(settings, parent["id"]).join()
    made = await run_log.fork(parent["id"], step=60, name="branch")
    Advancing(settings, made["id"]).join()
    summary = await run_log.summary(made["id"])
    assert (summary["state"], summary["parent"], summary["name"]) == ("done", parent["id"], "branch")
    first = summary["parent_step"]
    assert first <= 60
    before, after = told(client, parent["id"]), told(client, made["id"])
    assert after["metrics"] == [row for row in before["metrics"] if row[0] >= first]
    assert after["frames"] == [entry for entry in before["frames"] if int(entry[0].split("-")[0]) >= first]
    other = await run_log.fork(parent["id"], step=60, optimizer=False, speed=None)
    Advancing(settings, other["id"]).join()
    assert record(client, other["id"])[0][2] == b'{"kind":"speed","epochs_per_second":null}'
    assert (await run_log.summary(other["id"]))["state"] == "done"
