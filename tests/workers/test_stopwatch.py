"""What measuring costs a run, as its summary tells it."""

import json
import threading

import pytest

from foldscape.commands import Pause, SetProbes, Stop
from foldscape.probes.frame import FrameProbe
from foldscape.probes.traces import TracesProbe
from tests.workers.running import Advancing, assert_same, small, state_is, step_is, told, undisturbed, until
from workers import stopwatch
from workers.stopwatch import Stopwatch


def timed(watch, monkeypatch, seconds):
    ticks = iter([0.0, seconds])
    with monkeypatch.context() as patched:
        patched.setattr(stopwatch.time, "thread_time", lambda: next(ticks))
        with watch.timing("traces"):
            pass


def test_the_share_is_of_the_time_that_is_not_paused(monkeypatch):
    watch = Stopwatch()
    watch.runs(0.0)
    timed(watch, monkeypatch, 0.1)
    watch.runs(0.4)
    watch.rests()
    watch.runs(100.0)
    assert float(watch.fields()["probe_share"]) == pytest.approx(0.1 / 0.4, rel=1e-2)
    assert json.loads(watch.fields()["probe_ms"]) == {"traces": 100.0}


def test_waiting_is_no_cost():
    watch = Stopwatch()
    watch.runs(0.0)
    with watch.timing("traces"):
        waiting = threading.Event()
        waiting.wait(0.2)
    watch.runs(0.2)
    assert json.loads(watch.fields()["probe_ms"])["traces"] < 100


def test_a_change_of_probes_soon_shows(monkeypatch):
    watch = Stopwatch()
    watch.runs(0.0)
    for second in range(1, 30):
        timed(watch, monkeypatch, 0.9)
        watch.runs(float(second))
    assert float(watch.fields()["probe_share"]) > 0.8
    for second in range(30, 50):
        watch.runs(float(second))
    assert float(watch.fields()["probe_share"]) < 0.05


@pytest.mark.anyio
async def test_probes_are_chosen_in_mid_run_and_their_cost_is_told(run_log, client, settings):
    made = await run_log.create(small(speed=20, stop={"epochs": 100_000}))
    run = Advancing(settings, made["id"])
    await step_is(run_log, made["id"], 30)
    await run_log.send_command(made["id"], SetProbes(probes=(FrameProbe(), TracesProbe(every=2))))

    async def measured():
        summary = await run_log.summary(made["id"])
        return summary if "traces" in summary["probe_ms"] else None

    summary = await until(measured)
    assert 0 < summary["probe_share"] <= 1
    assert summary["probe_ms"]["traces"] > 0
    await run_log.send_command(made["id"], Pause())
    await state_is(run_log, made["id"], "paused")
    await run_log.send_command(made["id"], Stop())
    run.join()
    assert_same(told(client, made["id"]), undisturbed(client, made["id"]))
