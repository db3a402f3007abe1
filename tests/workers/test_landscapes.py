"""Landscapes on the workers: the library's numbers, cell by cell, stopped, killed, gone on, to the same bits."""

import asyncio
import os
import signal
import threading

import numpy as np
import orjson
import pytest

from foldscape.curvature import Objective, top_eigenpairs
from foldscape.errors import FrameNotFound, RunNotFound
from foldscape.landscape import topology
from foldscape.landscape.recorded import measuring, spectrum, telling
from foldscape.landscape.recorded.moments import RecordedRun, evenly
from foldscape.landscape.recorded.rows import arrays_of, gathered, joined_blocks
from foldscape.landscape.recorded.spec import ConnectionOf, PathOf, PlaneOf, SliceOf, SpectrumOf
from foldscape.landscape.recorded.stoppable import meanwhile
from foldscape.net.dag import Dag
from foldscape.progress import Progress
from tests.workers.running import Advancing, small, until
from workers import keys
from workers.errors import CannotResume, LandscapeNotFound
from workers.job_lease import LandscapeLease
from workers.keys import LandscapeKeys, RunKeys
from workers.landscape_log import LandscapeLog
from workers.landscapes import carry_out
from workers.process import WorkerProcess
from workers.reaper import Reaper
from workers.run_log.record import LoggedRun

pytestmark = pytest.mark.anyio


@pytest.fixture
def log(run_log):
    return LandscapeLog(run_log.client, run_log.sender)


@pytest.fixture
async def run_id(settings, run_log):
    return await trained(settings, run_log)


async def trained(settings, run_log, **changes):
    made = await run_log.create(small(**changes))
    Advancing(settings, made["id"]).join()
    return made["id"]


class Measuring:
    """One landscape measured by a thread of this process."""

    def __init__(self, settings, landscape_id):
        self.life = WorkerProcess(settings)
        self.life.start()
        self.thread = threading.Thread(target=carry_out, args=(self.life, landscape_id), daemon=True)
        self.thread.start()

    def join(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.life.stop()


async def measured(settings, log, spec):
    made, _ = await log.create(spec)
    Measuring(settings, made["id"]).join()
    found = await log.summary(made["id"])
    assert (found["state"], found["message"]) == ("done", "")
    rows = gathered(await log.rows(made["id"]))
    return {row["key"]: {**row, **arrays_of(row)} for row in rows}


def plane_of(run_id, **changes):
    return PlaneOf.model_validate({"run": run_id, "plane": {"resolution": 21, "stages": [6], **changes}})


def last_net(client, run_id):
    run = RecordedRun(LoggedRun(client, run_id))
    return run, run.net(None).net


async def test_a_plane_holds_the_net_s_own_loss_in_its_middle_and_every_cell_once(settings, log, client, run_id):
    found = await measured(settings, log, plane_of(run_id))
    run, net = last_net(client, run_id)
    split = run.spec.data.load(run.spec.seed)
    index, values = found["cells"]["index"], found["cells"]["values"]
    assert sorted(index) == list(range(21 * 21))
    middle = values[:, list(index).index(10 * 21 + 10)]
    for row, x, y in ((0, split.train_x, split.train_y), (2, split.test_x, split.test_y)):
        assert middle[row] == pytest.approx(net.objective(x, y).loss(), rel=1e-5)
        assert middle[row + 1] == pytest.approx((net.logits(x).argmax(1) == y).mean())
    ground = found["ground"]
    assert ground["sizes"] == [2, 3, 3, 2]
    assert (ground["activation"], ground["points"]) == ("relu", {"train": 48, "test": 16})


async def test_cells_are_the_losses_of_the_nets_that_a_reader_can_build(settings, log, client, run_id):
    """T-F1-3: any cell's weights are centre + x first + y second, and its loss is that net's."""
    found = await measured(settings, log, plane_of(run_id, first={"kind": "random", "seed": 3}))
    ground, cells = found["ground"], found["cells"]
    run, net = last_net(client, run_id)
    split = run.spec.data.load(run.spec.seed)
    objective = net.objective(split.train_x, split.train_y)
    for cell in (0, 200, 440):
        row, column = divmod(int(cells["index"][cell]), 21)
        theta = ground["theta"] + ground["axis_x"][column] * ground["first"] + ground["axis_y"][row] * ground["second"]
        assert cells["values"][0, cell] == pytest.approx(objective.loss(theta), rel=1e-4)


async def test_the_topology_of_a_plane_is_that_of_its_cells(settings, log, run_id):
    found = await measured(settings, log, plane_of(run_id, second={"kind": "random"}, x_reach=[-9, 9]))
    losses = np.zeros(441)
    losses[found["cells"]["index"]] = found["cells"]["values"][0]
    own, told = topology(losses.reshape(21, 21), relative_error=1e-6), found["topology.train"]
    assert (told["side"], told["basins"], told["roughness"]) == (21, own.count(), own.roughness)
    for name, values in (("lowest", own.tree.lowest), ("parent", own.tree.parent), ("basin", own.tree.labels)):
        assert np.array_equal(told[name], values)
    assert np.array_equal(told["death"], own.tree.death)


async def test_a_slice_along_the_sharpest_direction_has_its_curvature(settings, log, client, run_id):
    found = await measured(settings, log, SliceOf(run=run_id))
    run, net = last_net(client, run_id)
    split = run.spec.data.load(run.spec.seed)
    objective = net.objective(split.train_x, split.train_y)
    pairs = top_eigenpairs(objective, k=2)
    ground = found["ground"]
    assert ground["fit"]["curvature"] == pytest.approx(pairs.values[0], rel=1e-4)
    assert ground["fit"]["loss"] == pytest.approx(objective.loss())
    assert abs(ground["first"] @ pairs.vectors[0]) == pytest.approx(1, rel=1e-4)
    assert list(found["cells"]["index"]) == [*range(0, 201, 8), *(i for i in range(201) if i % 8)]


async def test_a_path_runs_to_the_middle_and_its_births_are_told(settings, log, run_log, run_id):
    grown = {"schedule": {"kind": "periodic", "every": 8}, "rule": {"kind": "random_direction"}}
    run_id = await trained(settings, run_log, growth=grown)
    ground = (await measured(settings, log, PathOf(run=run_id, resolution=15)))["ground"]
    path, births = ground["path"], ground["movement"]["births"]
    assert len(births) >= 2
    assert 0 < ground["movement"]["share"] <= 1
    assert path[-1] == pytest.approx([0, 0], abs=1e-9)
    assert 0 in ground["axis_x"]
    assert 0 in ground["axis_y"]
    inside = (path[:, 0] > ground["axis_x"][0]) & (path[:, 0] < ground["axis_x"][-1])
    assert inside.all()


async def test_a_connection_of_a_run_with_itself_has_no_barrier(settings, log, run_id):
    """T-F5-1."""
    found = await measured(settings, log, ConnectionOf(run=run_id, to=run_id, updates=10, points=7))
    for key in ("way.linear", "way.ordered"):
        assert found[key]["train"]["barrier"] == pytest.approx(0, abs=1e-6)
        assert found[key]["train_loss"] == pytest.approx(found[key]["train_loss"][0])
    assert found["way.curve"]["train_loss"][0] == found["way.linear"]["train_loss"][0]


async def test_the_same_view_asked_for_twice_is_the_same_landscape(log, run_id):
    first, is_new = await log.create(plane_of(run_id))
    again, is_new_again = await log.create(plane_of(run_id))
    assert (first["id"], is_new, is_new_again) == (again["id"], True, False)
    assert first["spec"]["step"] == 180
    other, _ = await log.create(plane_of(run_id, resolution=11))
    assert other["id"] != first["id"]


async def test_what_is_not_there_is_refused_before_anything_is_queued(log, run_log, client):
    with pytest.raises(RunNotFound):
        await log.create(SliceOf(run="nobody"))
    waiting = (await run_log.create(small()))["id"]
    with pytest.raises(FrameNotFound, match="keeps no frame"):
        await log.create(SliceOf(run=waiting))
    with pytest.raises(LandscapeNotFound):
        await log.resume("nothing")
    assert client.scard(LandscapeKeys.active) == 0


class Slow:
    """Fills a plane one block of a few cells at a time, and waits for leave before each."""

    def __init__(self, monkeypatch, blocks):
        self.leave = threading.Semaphore(blocks)
        self.cells = 0
        fill = measuring.fill_plane

        def slowly(*given, **options):
            for cells in fill(*given, **{**options, "block": 20}):
                assert self.leave.acquire(timeout=30)
                self.cells += len(cells.rows)
                yield cells

        monkeypatch.setattr(measuring, "fill_plane", slowly)
        monkeypatch.setattr(telling, "SECONDS_TOGETHER", 0)


async def known(client, landscape_id, cells):
    async def there():
        found = [orjson.loads(raw) for raw in client.hvals(LandscapeKeys(landscape_id).rows)]
        return len(joined_blocks(found)[0]) >= cells

    await until(there)


async def test_a_stopped_plane_goes_on_without_computing_a_cell_twice(settings, log, client, run_id, monkeypatch):
    whole = await measured(settings, log, plane_of(run_id, second={"kind": "random"}))
    slow = Slow(monkeypatch, 4)
    monkeypatch.setattr("workers.jobs.SECONDS_BETWEEN", 0)
    await log.delete((await log.create(plane_of(run_id, second={"kind": "random"})))[0]["id"])
    made, _ = await log.create(plane_of(run_id, second={"kind": "random"}))
    measuring = Measuring(settings, made["id"])
    await known(client, made["id"], 40)
    assert await log.stop(made["id"]) in ("running", "stopped")
    slow.leave.release(2)
    measuring.join()
    found = await log.summary(made["id"])
    assert (found["state"], found["message"]) == ("stopped", "Stopped; its finished cells stand.")
    assert 0 < found["share"] < 1
    before = len(joined_blocks(await log.rows(made["id"]))[0])
    told = {row["key"]: row for row in await log.rows(made["id"])}
    assert (told["topology.train"]["side"], told["topology.train"]["of"]) == (6, 21)
    slow.cells = 0
    await log.resume(made["id"])
    slow.leave.release(100)
    Measuring(settings, made["id"]).join()
    assert (await log.summary(made["id"]))["state"] == "done"
    assert slow.cells == 441 - before
    index, values = joined_blocks(await log.rows(made["id"]))
    order, order_whole = np.argsort(index), np.argsort(whole["cells"]["index"])
    assert np.array_equal(values[:, order], whole["cells"]["values"][:, order_whole])
    told = {row["key"]: row for row in await log.rows(made["id"])}
    for key in ("topology.train", "topology.test"):
        assert told[key]["side"] == 21
        assert told[key] == {name: whole[key][name] for name in told[key]}
    with pytest.raises(CannotResume):
        await log.resume(made["id"])


async def test_a_plane_of_a_dead_net_says_why_it_failed(settings, log, client, run_id):
    made, _ = await log.create(
        SliceOf.model_validate({"run": run_id, "slice": {"direction": {"kind": "eigenvector", "index": 20}}})
    )
    client.delete(RunKeys(run_id).frames)
    Measuring(settings, made["id"]).join()
    found = await log.summary(made["id"])
    assert (found["state"], found["reason"]) == ("failed", "frame_not_found")
    assert "keeps no frame" in found["message"]


def test_frames_are_chosen_evenly_and_births_stay():
    ids = [(step, 0) for step in range(0, 1000, 10)]
    chosen = evenly(ids, {(330, 0)}, 900, 11)
    assert len(chosen) == 11
    assert {(0, 0), (330, 0), (900, 0)} <= set(chosen)
    assert evenly(ids[:3], set(), 15, 11) == ids[:2]


async def test_a_killed_worker_s_plane_is_finished_by_another(settings, log, run_log, client, run_id, start_worker):
    """The whole way: Celery, a killed process, the reaper, another process; finished cells stand."""
    reaper = asyncio.create_task(Reaper(run_log, settings).run())
    worker = start_worker("batch")
    made, _ = await log.create(plane_of(run_id, resolution=1000, stages=[15]))
    await known(client, made["id"], 1000)
    os.killpg(worker.process.pid, signal.SIGKILL)
    stood = joined_blocks(await log.rows(made["id"]))
    assert len(stood[0]) < 1_000_000
    start_worker("batch")

    async def done():
        return (await log.summary(made["id"]))["state"] == "done"

    await until(done, 120)
    reaper.cancel()
    index, values = joined_blocks(await log.rows(made["id"]))
    assert len(index) == 1_000_000
    assert len(np.unique(index)) == 1_000_000
    order = np.argsort(index)
    assert np.array_equal(values[:, order][:, stood[0]], stood[1])


async def test_a_late_worker_is_fenced(log, client, run_id):
    made, _ = await log.create(plane_of(run_id))
    old = LandscapeLease(client, made["id"], 60_000)
    old.take("old", 5)
    client.delete(LandscapeKeys(made["id"]).lease)
    assert LandscapeLease(client, made["id"], 60_000).take("new", 5).attempt == 2
    assert not old.renew()
    assert client.zcard(keys.queue("batch")) == 0


async def test_a_spectrum_is_that_of_the_net_s_hessian_on_each_part_of_the_data(settings, log, client, run_id):
    found = await measured(settings, log, SpectrumOf(run=run_id, runs=4))
    run, net = last_net(client, run_id)
    split = run.spec.data.load(run.spec.seed)
    for name, x, y in (("train", split.train_x, split.train_y), ("test", split.test_x, split.test_y)):
        exact = np.linalg.eigvalsh(net.objective(x, y).dense_hessian())
        seen = found[f"spectrum.{name}"]
        assert seen["values"] == pytest.approx(exact[::-1][: len(seen["values"])], abs=1e-6 * exact[-1])
        assert seen["believed"].all()
        assert (seen["runs"], seen["classes"], seen["nodes"].shape) == (4, 2, (4, len(exact)))
        assert seen["trace"] == pytest.approx(exact.sum())
        assert seen["outliers"] == (exact > seen["bulk_edge"]).sum()
        area = seen["density"].sum() * (seen["at"][1] - seen["at"][0])
        assert area == pytest.approx(1, rel=0.01)


async def test_a_stopped_spectrum_goes_on_with_the_runs_that_are_left(settings, log, run_id, monkeypatch):
    whole = await measured(settings, log, SpectrumOf(run=run_id, runs=8))
    await log.delete((await log.create(SpectrumOf(run=run_id, runs=8)))[0]["id"])
    leave, done, density_of = threading.Semaphore(3), [], spectrum.density_of

    def slowly(objective, batch, *rest):
        assert leave.acquire(timeout=30)
        done.append(batch)
        return density_of(objective, batch, *rest)

    monkeypatch.setattr(spectrum, "density_of", slowly)
    monkeypatch.setattr("workers.jobs.SECONDS_BETWEEN", 0)
    made, _ = await log.create(SpectrumOf(run=run_id, runs=8))
    measuring = Measuring(settings, made["id"])

    async def there():
        return any(row["key"] == "spectrum.test" for row in await log.rows(made["id"]))

    await until(there)
    await log.stop(made["id"])
    leave.release(1)
    measuring.join()
    assert (await log.summary(made["id"]))["state"] == "stopped"
    before = len(done)
    assert before < 8
    leave.release(20)
    await log.resume(made["id"])
    Measuring(settings, made["id"]).join()
    assert (await log.summary(made["id"]))["state"] == "done"
    assert [len(batch) for batch in done] == [1, 1, 1, 1, 2, 2, 4, 4]
    rows = {row["key"]: arrays_of(row) for row in await log.rows(made["id"])}
    for name in ("train", "test"):
        assert np.array_equal(rows[f"spectrum.{name}"]["nodes"], whole[f"spectrum.{name}"]["nodes"], True)
        assert np.array_equal(rows[f"spectrum.{name}"]["values"], whole[f"spectrum.{name}"]["values"])


def test_long_work_is_within_hearing_and_ends_at_its_next_product():
    """As a spectrum of a large net that is asked to stop in the middle of a run."""
    objective = Objective.of_mlp([np.eye(2)], [np.zeros(2)], "relu", np.eye(2), [0, 1])
    vector, begun, may, spent = np.ones((1, 6)), threading.Event(), threading.Semaphore(2), []

    def work():
        while True:
            objective.at().products(vector)
            spent.append(1)
            begun.set()
            may.acquire(timeout=30)

    words = meanwhile(objective, work, lambda: Progress(share=0.5, doing=""))
    assert next(words).share == 0.5
    assert begun.wait(30)
    may.release(100)
    words.close()
    assert "spectrum" not in [thread.name for thread in threading.enumerate()]
    known = objective.at().products(vector)
    list(meanwhile(objective, lambda: spent.append(2), lambda: Progress(share=0.5, doing="")))
    assert spent[-1] == 2
    assert np.array_equal(objective.at().products(vector), known)
    with pytest.raises(ZeroDivisionError):
        list(meanwhile(objective, lambda: 1 / 0, lambda: Progress(share=0.5, doing="")))


async def test_a_hub_of_a_run_with_itself_lies_at_the_run(settings, log, run_id):
    """T-F10: between three equal ends every way is the point itself."""
    found = await measured(settings, log, ConnectionOf(run=run_id, to=run_id, third=run_id, updates=0, points=5))
    for place in range(3):
        leg = found[f"way.hub{place}"]
        assert leg["centre"] == pytest.approx(found["ground"]["theta"])
        assert leg["train_loss"] == pytest.approx(leg["train_loss"][0])
        assert leg["straight"]["test"] == pytest.approx(0, abs=1e-6)


async def test_a_radial_slice_ends_at_the_net_of_zeros(settings, log, run_id):
    spec = {"run": run_id, "slice": {"direction": {"kind": "radial"}, "resolution": 9}}
    found = await measured(settings, log, SliceOf.model_validate(spec))
    first = list(found["cells"]["index"]).index(0)
    assert found["cells"]["values"][0, first] == pytest.approx(np.log(2), rel=1e-6)


async def test_a_path_keeps_to_the_way_that_survives_a_growth_taken_back(settings, log, run_log, client):
    grow = {"kind": "grow", "rule": {"kind": "random_direction"}}
    normed = {"kind": "grow", "rule": {"kind": "batch_norm"}}
    said = [(12, normed), (60, grow), (90, {"kind": "undo_growth"}), (120, grow)]
    run_id = await trained(settings, run_log, commands=[{"step": step, "command": one} for step, one in said])
    ground = (await measured(settings, log, PathOf(run=run_id, resolution=5)))["ground"]
    assert (ground["normed"], ground["movement"]["from"], len(ground["movement"]["births"])) == (True, None, 1)
    steps = list(ground["path_steps"])
    assert [step for step in steps if 40 <= step < 60]
    assert not [step for step in steps if 60 < step < 90]
    run = RecordedRun(LoggedRun(client, run_id))
    assert [(birth[0], end[0]) for birth, end in run.taken_back(180)] == [(60, 90)]
    assert run.taken_back(89) == []
    assert (run.is_normed(11), run.is_normed(12)) == (False, True)
    assert 72 in [one.moment.step for one in run.path(80)]


async def test_a_path_begins_where_layers_were_replaced(settings, log, run_log):
    split = {"kind": "grow", "rule": {"kind": "split_layer"}}
    run_id = await trained(settings, run_log, commands=[{"step": 60, "command": split}])
    ground = (await measured(settings, log, PathOf(run=run_id, resolution=5)))["ground"]
    assert ground["movement"]["from"] == 10
    assert ground["path_steps"][0] == 60


INSERTING = {
    "schedule": {"kind": "periodic", "every": 8},
    "rule": {"kind": "random_insertion", "count": 2, "parents": 2},
}


@pytest.mark.parametrize("data", [{}, {"data": {"kind": "digits"}, "stop": {"epochs": 10}, "batch": 500}])
async def test_a_graph_is_measured_by_the_weights_of_its_edges(settings, log, run_log, client, data):
    """Plane, spectrum and path of a graph that grew; of plane data its frames tell the edges, else its snapshots."""
    net = {"hidden": [3], "wiring": "dag"}
    run_id = await trained(settings, run_log, net=net, growth=INSERTING, **data)
    run, dag = last_net(client, run_id)
    assert isinstance(dag, Dag)
    split = run.spec.data.load(run.spec.seed)
    objective = dag.objective(split.train_x, split.train_y)
    found = await measured(settings, log, plane_of(run_id, first={"kind": "random", "seed": 1}))
    ground, cells = found["ground"], found["cells"]
    assert len(ground["theta"]) == len(ground["index"]) == len(dag.weight)
    for cell in (0, 220, 440):
        row, column = divmod(int(cells["index"][cell]), 21)
        theta = ground["theta"] + ground["axis_x"][column] * ground["first"] + ground["axis_y"][row] * ground["second"]
        assert cells["values"][0, cell] == pytest.approx(objective.loss(theta), rel=1e-5)
    path = (await measured(settings, log, PathOf(run=run_id, resolution=5)))["ground"]
    assert path["movement"]["births"]
    assert path["path"][-1] == pytest.approx([0, 0], abs=1e-9)
    seen = (await measured(settings, log, SpectrumOf(run=run_id, runs=1, steps=10)))["spectrum.train"]
    assert seen["values"][0] == pytest.approx(top_eigenpairs(objective).values[0], rel=1e-3)


async def test_a_graph_is_connected_with_nets_of_the_same_edges(settings, log, run_log):
    net = {"hidden": [3], "wiring": "dag"}
    one, other, larger = [
        await trained(settings, run_log, net=net, **more) for more in ({}, {"seed": 4}, {"growth": INSERTING})
    ]
    found = await measured(settings, log, ConnectionOf(run=one, to=other, updates=10, points=5))
    assert {key for key in found if key.startswith("way.")} == {"way.linear", "way.curve"}
    assert found["way.linear"]["train"]["barrier"] >= 0
    made, _ = await log.create(ConnectionOf(run=one, to=larger, updates=10, points=5))
    Measuring(settings, made["id"]).join()
    refused = await log.summary(made["id"])
    assert refused["state"] == "failed"
    assert "the very same edges" in refused["message"]


async def test_a_run_on_squared_error_is_measured_in_it(settings, log, run_log, client, run_id):
    mse = await trained(settings, run_log, loss="mse")
    run, net = last_net(client, mse)
    split = run.spec.data.load(run.spec.seed)
    objective = net.objective(split.train_x, split.train_y, "mse")
    found = await measured(settings, log, plane_of(mse))
    middle = list(found["cells"]["index"]).index(10 * 21 + 10)
    assert found["cells"]["values"][0, middle] == pytest.approx(objective.loss(), rel=1e-5)
    assert found["ground"]["loss"] == "mse"
    fit = (await measured(settings, log, SliceOf(run=mse)))["ground"]["fit"]
    assert fit["curvature"] == pytest.approx(top_eigenpairs(objective).values[0], rel=1e-4)
    seen = (await measured(settings, log, SpectrumOf(run=mse, runs=1)))["spectrum.train"]
    assert seen["trace"] == pytest.approx(np.trace(objective.dense_hessian()), rel=0.05)
    made, _ = await log.create(ConnectionOf(run=mse, to=run_id, updates=0))
    Measuring(settings, made["id"]).join()
    assert "no loss is that of both" in (await log.summary(made["id"]))["message"]
