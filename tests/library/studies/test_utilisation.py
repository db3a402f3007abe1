"""The study of utilisation: exact growth, the same bits on any number of threads, counts against an oracle."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from foldscape.engine.base import Memory
from foldscape.engine.compiled import CompiledEngine
from foldscape.geometry.box import default_box
from foldscape.growth.base import Scene
from foldscape.optimizer import Adam
from foldscape.studies.utilisation import Utilisation
from foldscape.studies.utilisation.chance import draws_of, first_nets, growth_chances, places_of
from foldscape.studies.utilisation.crowd import Crowd, outputs, stack
from foldscape.studies.utilisation.growing import Growing
from foldscape.studies.utilisation.methods import ALL, METHODS, POINTS
from foldscape.studies.utilisation.spec import CHUNK
from foldscape.studies.utilisation.tally import fewest_right, sum_of_draws, tally

SMALL = Utilisation(nets=30, draws=3, steps=200, rows=ALL)


@pytest.fixture(scope="module")
def told():
    return list(SMALL.run(threads=2))


def crowd_of(spec, data="sine", width=2, threads=1):
    return Crowd(first_nets(spec, data, width), None, draws_of(spec, data), places_of(spec), threads)


def test_the_same_bits_on_any_number_of_threads(told):
    for threads in (1, 3):
        assert list(SMALL.run(threads=threads)) == told


def test_a_crowd_trains_each_net_as_the_engine_does_alone():
    crowd = crowd_of(SMALL, width=3, threads=2)
    crowd.train(2 * CHUNK)
    for draw, place in zip(draws_of(SMALL, "sine"), places_of(SMALL), strict=True):
        alone = CompiledEngine(first_nets(SMALL, "sine", 3)[place.start], Adam(lr=0.02), *_points(draw), POINTS)
        for _ in range(2 * CHUNK):
            alone.begin_epoch(np.arange(POINTS))
            alone.train(0, 1)
        for ours, its in zip(crowd.nets[place.start].flat(), alone.weights.flat(), strict=True):
            np.testing.assert_array_equal(ours, its)


def _points(draw):
    return draw.train_x, draw.train_y


def test_a_crowd_trains_as_torch_does():
    spec = Utilisation(nets=10, draws=1, steps=50)
    draw = draws_of(spec, "sine")[0]
    crowd = crowd_of(spec, width=3)
    crowd.train(CHUNK)
    x, y = (torch.from_numpy(part) for part in _points(draw))
    for net, ours in zip(first_nets(spec, "sine", 3), crowd.nets, strict=True):
        parts = [torch.from_numpy(part.copy()).requires_grad_() for part in net.flat()]
        rule = torch.optim.Adam(parts, lr=0.02)
        for _ in range(CHUNK):
            rule.zero_grad()
            hidden = torch.relu(x @ parts[0].T + parts[1])
            torch.nn.functional.cross_entropy(hidden @ parts[2].T + parts[3], y).backward()
            rule.step()
        for mine, its in zip(ours.flat(), parts, strict=True):
            np.testing.assert_allclose(mine, its.detach().numpy(), atol=2e-4)


def test_right_answers_are_those_of_each_net_alone():
    crowd = crowd_of(SMALL, threads=3)
    crowd.train(4 * CHUNK)
    pairs = zip(draws_of(SMALL, "sine"), places_of(SMALL), strict=True)
    expected = [
        (net.logits(draw.train_x).argmax(axis=1) == draw.train_y).sum()
        for draw, place in pairs
        for net in crowd.nets[place]
    ]
    np.testing.assert_array_equal(crowd.right(), expected)


@pytest.mark.parametrize("method", [name for name in ALL if METHODS[name].grows])
def test_growth_keeps_the_function_exactly_in_every_net(method):
    """T-E6-2."""
    spec = Utilisation(nets=40, draws=1, steps=200)
    draw = draws_of(spec, "sine15")[0]
    crowd = crowd_of(spec, "sine15", threads=2)
    crowd.train(100)
    scene = Scene(draw.train_x, draw.train_y, default_box(draw.train_x))
    growing = Growing(crowd.nets, crowd.memories, method, [scene] * 40, growth_chances(spec, "sine15", method), 2)
    growing.grow(25)
    growing.grow(25)
    assert len(growing.nets) == 40
    assert all(net.hidden == (3,) for net in growing.nets)
    before, after = (outputs(stack(nets), draw.train_x) for nets in (crowd.nets, growing.nets))
    if METHODS[method].keeps:
        np.testing.assert_array_equal(before, after)
        assert growing.kept == 0
    else:
        assert growing.kept == pytest.approx(np.abs(before - after).max())
        assert growing.kept > 0


def test_old_parameters_keep_their_memory_and_new_ones_start_young():
    crowd = crowd_of(SMALL)
    crowd.train(CHUNK)
    scene = Scene(*_points(draws_of(SMALL, "sine")[0]), None)
    growing = Growing(
        crowd.nets, crowd.memories, "random_w", [scene] * 30, growth_chances(SMALL, "sine", "random_w"), 1
    )
    growing.grow(1)
    old, new = crowd.memories[0], growing.memories[0]
    assert isinstance(new, Memory)
    np.testing.assert_array_equal(new.first[0][:2], old.first[0])
    assert (new.age[0] == [[CHUNK] * 2, [CHUNK] * 2, [0, 0]]).all()


def test_a_net_without_a_mistake_is_not_folded_but_gets_a_random_fold_and_is_counted():
    spec = Utilisation(nets=10, draws=1)
    nets = first_nets(spec, "sine", 2)
    x = draws_of(spec, "sine")[0].train_x
    scenes = [Scene(x, net.logits(x).argmax(axis=1), default_box(x)) for net in nets]
    growing = Growing(nets, [Memory()] * 10, "newton", scenes, growth_chances(spec, "sine", "newton"), 1)
    growing.grow(10)
    assert growing.without_fold == 10
    assert growing.kept == 0


def test_what_is_told_adds_up(told):
    shares = [one.share for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1 > shares[-2]
    last = told[-1]
    assert [row.key for row in last.rows] == [row.key for row in SMALL.rows_at_first()]
    for row in last.rows:
        assert (row.phase, row.done, row.tally.nets) == ("done", 1, 30)
        assert row.tally == sum_of_draws(row.draws)
        assert list(row.tally.within) == sorted(row.tally.within)
    for data in SMALL.sets:
        rows = [row for row in last.rows if row.data == data]
        for draw in range(3):
            assert max(row.draws[draw].within[0] for row in rows) >= 1, "somebody reaches the best of each draw"
    assert last.findings


def test_the_estimate_of_the_work_is_right():
    """The share before the last word is that of all the work: nothing was forgotten or counted twice."""
    from foldscape.studies.utilisation.ledger import Ledger

    ledger = Ledger(SMALL, places_of(SMALL))
    for _ in SMALL.sets:
        ledger.trained(3, 200)
        ledger.trained(2, 100)
        for name in ALL[1:]:
            ledger.trained(3 if METHODS[name].grows else 2, 100)
            if METHODS[name].grows:
                ledger.grown(METHODS[name], 30)
    assert ledger._done == pytest.approx(ledger._all)


def test_tally_by_hand():
    found = tally(np.array([200, 200, 199, 198, 197, 100]), best=200, points=200)
    assert (found.perfect, found.near, found.within) == (2, 4, (2, 3, 4, 5))
    assert tally(np.array([199, 198, 195]), best=199, points=200).within == (1, 2, 2, 3)


@pytest.mark.parametrize(
    ("accuracy", "points", "right"), [(0.99, 200, 198), (1.0, 200, 200), (0.985, 200, 197), (0.99, 50, 50)]
)
def test_the_fewest_right_points_that_make_an_accuracy(accuracy, points, right):
    assert fewest_right(accuracy, points) == right


@pytest.mark.parametrize(
    "changes",
    [
        {"nets": 9},
        {"nets": 10_001},
        {"steps": 120},
        {"sets": []},
        {"sets": ["sine", "sine"]},
        {"rows": ["x"]},
        {"draws": 31, "nets": 30},
    ],
)
def test_a_spec_that_cannot_be_carried_out_is_refused(changes):
    with pytest.raises(ValidationError):
        Utilisation(**changes)


def test_folding_beats_random_weights():
    """T-E6-1, the trend on sine: twice as many reach the best, 1.8 times as many come close, gradmax above align."""
    rows = ("random_init", "align", "gradmax", "newton")
    spec = Utilisation(nets=300, sets=("sine",), rows=rows)
    last = list(spec.run())[-1]
    within = {row.method: row.tally.within for row in last.rows}
    best = [max(within["gradmax"][at], within["newton"][at]) for at in range(4)]
    assert best[0] >= 2 * within["random_init"][0]
    assert best[2] >= 1.8 * within["random_init"][2]
    assert within["gradmax"][0] > within["align"][0]
