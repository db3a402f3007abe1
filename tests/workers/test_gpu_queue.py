"""The queue of the cards, with the processor in the place of one: refused without a worker, else as anywhere."""

import pytest
import typer

from foldscape import device
from foldscape.device import NoDevice
from foldscape.landscape.recorded.spec import SliceOf
from foldscape.studies.utilisation.spec import Utilisation
from foldscape.sweep import SweepSpec, estimate, run
from tests.workers.running import Advancing, assert_same, small, state_is, told, undisturbed, until
from tests.workers.test_studies import SMALL as STUDY
from tests.workers.test_sweeps import PLAIN as SWEEP
from workers import keys, supervisor
from workers.cli import QueueName, worker
from workers.errors import CannotResume
from workers.landscape_log import LandscapeLog
from workers.process import WorkerProcess
from workers.run_log import fleet
from workers.study_log import StudyLog
from workers.sweep_log import SweepLog

pytestmark = pytest.mark.anyio
ON_CARD = small(device="cuda", queue="gpu", stop={"epochs": 6})
SWEEP_ON_CARD = SweepSpec.model_validate(SWEEP | {"base": SWEEP["base"] | {"device": "cuda"}})


@pytest.fixture
def study_on_card(monkeypatch):
    """A study that asks for a card, as no kind does that ships."""
    monkeypatch.setattr(Utilisation, "device", property(lambda study: "cuda"))
    return STUDY


@pytest.fixture
def jobs(run_log):
    return [sort(run_log.client, run_log.sender) for sort in (SweepLog, StudyLog, LandscapeLog)]


@pytest.fixture
def seen(settings):
    """A worker with a card shows signs of life, and takes nothing."""
    life = WorkerProcess(settings.model_copy(update={"worker_queue": "gpu"}))
    life.is_ready("an abacus")
    yield life
    life.say_goodbye()


def counted(client):
    return [client.zcard(keys.queue(name)) for name in ("batch", "gpu")]


async def test_without_a_worker_nothing_is_queued(settings, run_log, jobs, client, study_on_card):
    sweeps, studies, landscapes = jobs
    for refused in (
        run_log.create(ON_CARD),
        sweeps.create(SWEEP_ON_CARD, estimate(SWEEP_ON_CARD)),
        studies.create(study_on_card),
    ):
        with pytest.raises(NoDevice, match="none shows a sign of life"):
            await refused
    run_id = (await run_log.create(small()))["id"]
    Advancing(settings, run_id).join()
    with pytest.raises(NoDevice):
        await landscapes.create(SliceOf(run=run_id, device="cuda"))
    assert counted(client) == [0, 0]
    assert client.zcard(keys.RUNS) == 1


async def test_what_was_stopped_waits_for_a_worker_to_be_resumed(run_log, jobs, seen, client):
    sweeps = jobs[0]
    run_id = (await run_log.create(ON_CARD))["id"]
    sweep_id = (await sweeps.create(SWEEP_ON_CARD, estimate(SWEEP_ON_CARD)))["id"]
    assert counted(client) == [0, 1 + 1]
    assert (await sweeps.summary(sweep_id))["place"] == 1
    await sweeps.stop(sweep_id)
    assert counted(client) == [0, 1]
    seen.say_goodbye()
    with pytest.raises(NoDevice):
        await sweeps.resume(sweep_id)
    with pytest.raises(NoDevice):
        await run_log.resume(run_id)
    seen.is_ready("an abacus")
    await sweeps.resume(sweep_id)
    assert counted(client) == [0, 2]
    with pytest.raises(CannotResume):
        await run_log.resume(run_id)
    await sweeps.delete(sweep_id)
    assert counted(client) == [0, 1]


async def test_a_landscape_goes_where_its_run_trained_as_long_as_a_worker_is_there(
    run_log, jobs, seen, client, settings, monkeypatch
):
    monkeypatch.setenv(device.STANDS_IN, "cpu")
    landscapes = jobs[2]
    run_id = (await run_log.create(ON_CARD))["id"]
    Advancing(settings.model_copy(update={"worker_queue": "gpu"}), run_id).join()
    there, _ = await landscapes.create(SliceOf(run=run_id))
    assert (there["device"], there["queue"], there["spec"]["device"]) == ("cuda", "gpu", "cuda")
    seen.say_goodbye()
    here, is_new = await landscapes.create(SliceOf(run=run_id))
    assert is_new
    assert (here["device"], here["queue"], here["spec"]["device"]) == ("cpu", "batch", "cpu")


async def test_a_worker_of_that_queue_carries_everything_out(
    settings, run_log, jobs, client, start_worker, monkeypatch, study_on_card
):
    monkeypatch.setenv(device.STANDS_IN, "cpu")
    sweeps, studies, landscapes = jobs
    start_worker("gpu")

    async def warm():
        return (await fleet.health(run_log.client))["queues"]["gpu"]["workers"]

    await until(warm, 120)
    run_id = (await run_log.create(ON_CARD))["id"]
    assert (await state_is(run_log, run_id, "done", "failed"))["state"] == "done"
    assert_same(told(client, run_id), undisturbed(client, run_id))
    made = {
        sweeps: (await sweeps.create(SWEEP_ON_CARD, estimate(SWEEP_ON_CARD)))["id"],
        studies: (await studies.create(study_on_card))["id"],
        landscapes: (await landscapes.create(SliceOf(run=run_id)))[0]["id"],
    }
    for log, job_id in made.items():
        assert (await state_is(log, job_id, "done", "failed"))["state"] == "done", await log.summary(job_id)
    rows = {row.key: row for row in await sweeps.results(made[sweeps])}
    for row in run(SWEEP_ON_CARD, threads=1).rows:
        columns = row.curve.columns, rows[row.key].curve.columns
        assert all(columns[0][name] == columns[1][name] for name in columns[0] if name != "seconds")
    assert counted(client) == [0, 0]


def test_a_gpu_worker_does_not_start_without_a_card(monkeypatch, capsys):
    monkeypatch.setattr(device, "look_apart", lambda: ((), "torch finds no NVIDIA card"))
    with pytest.raises(typer.Exit) as end:
        worker(QueueName.GPU)
    assert end.value.exit_code == 1
    assert "A gpu worker cannot start here: torch finds no NVIDIA card." in capsys.readouterr().err


def test_of_several_cards_one_process_has_one(settings):
    told = {"CUDA_VISIBLE_DEVICES": "4,6", "HOME": "/"}
    one, other = (supervisor._worker("gpu", settings, told, number) for number in (0, 1))
    assert [one.name, other.name] == ["gpu", "gpu-2"]
    assert [part.environment["CUDA_VISIBLE_DEVICES"] for part in (one, other)] == ["4", "6"]
    assert one.log != other.log
    assert one.command == other.command
    assert supervisor._worker("gpu", settings, told).environment == told


@pytest.mark.parametrize(
    ("setting", "driver", "found", "wanted", "words"),
    [
        ("auto", False, None, 0, []),
        ("auto", True, (("H200",), ""), 1, ["gpu          H200 is seen"]),
        ("auto", True, (("H200", "L4"), ""), 2, ["gpu          H200 is seen", "gpu          L4 is seen"]),
        ("auto", True, ((), "no card"), 0, ["gpu          has a driver, but no worker: no card"]),
        ("on", False, None, 1, []),
        ("off", True, None, 0, []),
    ],
)
async def test_everything_starts_a_worker_where_a_card_is_seen(
    settings, monkeypatch, setting, driver, found, wanted, words
):
    """Without a driver, or where the setting decides, torch is not asked: ``found`` is then ``None``."""
    said = []
    monkeypatch.setattr(device, "has_driver", lambda: driver)
    monkeypatch.setattr(device, "look_apart", lambda: found)
    plan = supervisor.Plan(settings.model_copy(update={"gpu": setting}), "", False, said.append)
    assert await supervisor._cards(plan) == wanted
    assert said == words
