"""What a run is foreseen to take: of the right order for large data, the same in a sweep, corrected by what was."""

import pytest

from foldscape.cost.correction import TimedRun, corrected
from foldscape.cost.engines import COSTS
from foldscape.cost.growing import births_of, units_born
from foldscape.cost.rates import FURTHEST, Rates
from foldscape.cost.run import EPOCH, foresee, size_of
from foldscape.cost.words import duration_text
from foldscape.cost.work import Size
from foldscape.probes.novelty import NoveltyProbe
from foldscape.spec import RunSpec
from foldscape.sweep import SweepSpec, estimate
from foldscape.sweep.cost import EPOCH_WITHOUT_LOOP
from foldscape.sweep.straight import trains_straight

MNIST = {"data": {"kind": "mnist"}, "net": {"hidden": [16]}, "batch": 8, "stop": {"epochs": 500}}
NEWS = {"data": {"kind": "ag_news"}, "net": {"hidden": [32]}, "batch": 8, "stop": {"epochs": 500}}


def run(plain=MNIST, **changes):
    return RunSpec.model_validate(plain | changes)


@pytest.mark.parametrize("plain", [MNIST, NEWS])
def test_a_pace_that_large_data_cannot_keep_is_not_what_is_foreseen(plain):
    cost = foresee(run(plain, speed=4))
    assert cost.paced == 125
    assert cost.seconds > 500  # a second an epoch and more is what such runs take
    assert cost.is_too_slow


def test_the_parts_are_of_the_order_of_a_profile_of_mnist():
    """Processor seconds of an epoch on one core: 0.16 of updates and layout, 0.1 a row, 0.05 a frame."""
    cost = foresee(run(queue="batch", probes=[{"kind": "frame"}]))
    assert 0.16 / 2 < cost.training / 500 < 0.16 * 2
    assert 0.1 / 2 < cost.rows / 500 < 0.1 * 2
    assert 0.05 / 2 < cost.probes / 500 < 0.05 * 2
    sgd = {"kind": "sgd", "lr": 0.01}
    torch = foresee(run(net={"hidden": [64]}, optimizer=sgd, queue="batch", probes=[]))  # too large for compiled code
    assert 1.1 / 2 < torch.training / 500 < 1.1 * 2


@pytest.mark.parametrize("growth", [{}, {"growth": {"schedule": {"kind": "periodic", "every": 100, "births": 50}}}])
@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_a_run_and_a_sweep_of_that_run_agree(growth, loss):
    one = run(queue="batch", probes=[], loss=loss, **growth)
    rates = Rates(training=2, curvature=3, reading=5, threads=1)
    plain = {"base": one.model_dump(mode="json"), "seeds": [one.seed], "measure": {"every": 1, "flatness": []}}
    plain["primary"] = {"measure": "train_loss"}
    swept, cost = estimate(SweepSpec.model_validate(plain), rates), foresee(one, rates)
    assert swept.updates == cost.updates
    no_loop = loss == "cross_entropy" and not growth
    saved = rates.training * one.stop.epochs * (EPOCH - EPOCH_WITHOUT_LOOP) if no_loop else 0
    assert trains_straight(one) == no_loop
    assert swept.seconds == pytest.approx(cost.seconds - saved, rel=1e-4)


@pytest.mark.parametrize(
    ("schedule", "births", "units"),
    [
        ({"kind": "by_hand"}, 0, 0),
        ({"kind": "periodic", "start": 5, "every": 10, "births": 3}, 2, 2),
        ({"kind": "periodic", "start": 5, "every": 5, "births": 9}, 3, 3),
        ({"kind": "periodic", "start": 40}, 0, 0),
        ({"kind": "at_epochs", "epochs": [3, 9, 20], "counts": [4, 5, 6]}, 2, 9),
        ({"kind": "on_plateau", "births": 8}, 8, 8),
    ],
)
def test_only_births_before_the_end_are_counted(schedule, births, units):
    one = run({"stop": {"epochs": 20}}, growth={"schedule": schedule})
    assert (births_of(one), units_born(one)) == (births, units)


def test_a_run_that_keeps_its_pace_takes_as_long_as_it_says():
    assert foresee(run({}, speed=20, stop={"epochs": 300})).seconds == 15
    assert foresee(run({}, speed=20, stop={"epochs": 300}), Rates().slower(1e4)).seconds > 15


def test_nothing_gets_cheaper_on_a_slower_machine():
    one = run(queue="batch")
    for name in ("training", "curvature", "reading"):
        assert foresee(one, Rates().but(**{name: 2.0})).seconds > foresee(one).seconds
    assert foresee(one, Rates().slower(3)).seconds == pytest.approx(3 * foresee(one).seconds)


def test_measuring_takes_no_more_than_its_share_where_the_queue_decides():
    cost = foresee(run(queue="interactive"))
    assert (cost.rows + cost.probes) / cost.seconds == pytest.approx(0.4)
    assert cost.seconds == pytest.approx(cost.training + cost.rows + cost.probes)


def test_the_measured_rate_of_a_run_on_data_of_that_size_corrects_the_next():
    one = run(queue="batch")
    third = TimedRun(one, rate=foresee(one).updates / foresee(one).seconds / 3)
    assert foresee(one, corrected(one, [third])).seconds == pytest.approx(3 * foresee(one).seconds)
    small = run({}, queue="batch")
    assert corrected(small, [third]) == Rates()  # says nothing of small data
    at_ease = run({}, speed=20)
    assert corrected(at_ease, [TimedRun(at_ease, rate=20.0 * at_ease.steps_per_epoch)]) == Rates()
    stuck = TimedRun(one, rate=1e-9)
    assert corrected(one, [stuck]).training == FURTHEST


def test_what_was_calibrated_stands_where_only_probes_were_timed():
    one = run({}, queue="batch")
    size = Size.of((one.data.features, *one.net.hidden, one.data.classes), one.data.train_size)
    timed = TimedRun(one, {probe.kind: 4e3 * probe.work.on(size) for probe in one.probes})
    rates = corrected(one, [timed], Rates(training=1.5, curvature=9, reading=1.2))
    assert (rates.training, rates.reading) == (1.5, 1.2)
    assert rates.curvature == pytest.approx(4)


def test_padded_batches_cost_as_much_as_full_ones():
    size = Size.of((64, 32, 10), 1600)
    odd, even = (COSTS["compiled"].epoch(size, 2, batch, effort=0) for batch in (17, 32))
    assert odd > even
    adam = COSTS["torch"].epoch(size, 2, 32, effort=1)
    assert adam > COSTS["torch"].epoch(size, 2, 32, effort=0)


@pytest.mark.parametrize(("seconds", "words"), [(0, "1 s"), (89, "89 s"), (120, "2 min"), (7200, "2.0 h")])
def test_a_time_is_said_in_one_unit(seconds, words):
    assert duration_text(seconds) == words


@pytest.mark.parametrize(("data", "seconds"), [({"kind": "mnist"}, 5.9), ({"kind": "ag_news", "part": "subset"}, 1.8)])
def test_the_first_search_of_the_nearest_points_is_foreseen_once(data, seconds):
    """Processor seconds of one search on one core: 5.9 of 60,000 by 10,000 pictures, 1.8 of 4,999 by 7,600 texts."""
    probes = [{"kind": "novelty", "every": 1}]
    one, none = (foresee(run(MNIST | {"data": data}, queue="batch", probes=some)) for some in (probes, []))
    rows = one.measurements * NoveltyProbe().work.on(size_of(run(MNIST | {"data": data})))
    assert seconds / 2 < one.seconds - none.seconds - rows < seconds * 2
    plain = {
        "base": MNIST | {"data": data},
        "measure": {"every": 1, "flatness": [], "probes": probes},
        "primary": {"measure": "train_loss"},
    }
    many, few = (estimate(SweepSpec.model_validate(plain | {"seeds": list(range(n))}), Rates()) for n in (4, 2))
    assert seconds / 2 < 2 * few.seconds - many.seconds < seconds * 2


@pytest.mark.parametrize(
    "net", [{"wiring": "resnet"}, {"wiring": "text"}, {"wiring": "transformer"}, {"wiring": "cnn"}]
)
def test_nets_of_blocks_cost_by_what_they_compute_and_what_they_hold(net):
    """A wider net takes longer; what an optimiser does goes by the parameters, not by the multiplications."""
    sentences = {"kind": "ag_news_lite", "encoder": {"kind": "tokens"}}
    data = sentences if net["wiring"] == "text" else {"kind": "digits"}
    wider = {"cnn": {"channels": [64, 64]}}.get(net["wiring"], {"width": 64})
    runs = [
        RunSpec.model_validate({"data": data, "net": net | more, "probes": [], "optimizer": {"kind": kind, "lr": 0.01}})
        for more, kind in (({}, "sgd"), ({}, "adam"), (wider, "sgd"))
    ]
    plain, remembering, wide = (foresee(run).training for run in runs)
    assert wide > 1.2 * plain
    parameters = runs[0].net.parameters_on(runs[0].data.shape, runs[0].data.classes)
    efforts = [run.optimizer.effort for run in runs[:2]]
    more = 7.5e-9 * parameters * (efforts[1] - efforts[0]) * runs[0].updates
    assert remembering - plain == pytest.approx(more, rel=1e-6)


def test_the_memory_of_a_sweep_follows_parameters_not_multiplications():
    """A convolution uses each weight at many places, and holds it once."""
    base = {"data": {"kind": "digits"}, "net": {"wiring": "resnet", "width": 16}}
    parameters = RunSpec.model_validate(base).net.parameters_on((1, 8, 8), 10)
    foreseen = estimate(SweepSpec.model_validate({"base": base, "seeds": "0"}))
    assert foreseen.memory_mb / foreseen.threads == pytest.approx((400 * parameters + 4 * 64 * 1797) / 1e6, rel=0.01)
