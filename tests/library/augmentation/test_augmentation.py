"""Changed pictures: drawn by seed, epoch and point, as a plain loop makes them, seen by updates and by nothing else."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

import foldscape
import foldscape.sweep
from foldscape import wire
from foldscape.augmentation import Augmentation
from foldscape.augmentation.crop import Crop
from foldscape.augmentation.cutout import Cutout
from foldscape.augmentation.flip import Flip
from foldscape.comparison.group import groups_of
from foldscape.engine.augmented import Augmenter
from foldscape.engine.choose import engine_for, why_not_compiled
from foldscape.registry import kinds
from foldscape.training import Loop, Unattended

CHANGED = Augmenter.changed
KINDS = [Crop(padding=2), Flip(share=0.4), Cutout(side=3), Cutout(side=4)]
ALL = [{"kind": "crop", "padding": 1}, {"kind": "flip"}, {"kind": "cutout", "side": 3}]
RUN = {
    "data": {"kind": "digits"},
    "net": {"wiring": "cnn", "channels": [4]},
    "batch": 100,
    "stop": {"epochs": 2},
    "augment": ALL,
    "probes": [],
}


def spec(**changes):
    return foldscape.RunSpec.model_validate(RUN | changes)


def pictures(count=40, shape=(3, 7, 9)):
    return np.random.default_rng(3).random((count, *shape)).astype(np.float32)


def cropped(picture, drawn, padding):
    _, rows, columns = picture.shape
    framed = np.pad(picture, ((0, 0), (padding, padding), (padding, padding)))
    top, left = (int(one * (2 * padding + 1)) for one in drawn)
    return framed[:, top : top + rows, left : left + columns]


def holed(picture, drawn, side):
    made = picture.copy()
    top, left = (int(one * length) - side // 2 for one, length in zip(drawn, picture.shape[1:], strict=True))
    made[:, max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = 0
    return made


def by_hand(kind, picture, drawn):
    if kind.kind == "crop":
        return cropped(picture, drawn, kind.padding)
    if kind.kind == "flip":
        return picture[:, :, ::-1] if drawn[0] < kind.share else picture
    return holed(picture, drawn, kind.side)


def test_every_kind_is_held_against_a_plain_loop():
    assert {kind.kind for kind in KINDS} == set(kinds("foldscape.augmentation", Augmentation))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.kind}")
def test_T_G_1_many_at_once_are_changed_as_one_after_another(kind):
    x, drawn = pictures(), kind.drawn(1, 2, 40)
    found = kind.changed(torch.from_numpy(x), torch.from_numpy(drawn)).numpy()
    plain = np.stack([by_hand(kind, *each) for each in zip(x, drawn, strict=True)])
    assert np.array_equal(found, plain)
    assert not np.array_equal(found, x)


def test_draws_follow_from_seed_epoch_and_point_alone():
    kind = Crop()
    drawn = kind.drawn(5, 3, 30)
    assert np.array_equal(drawn[:10], kind.drawn(5, 3, 10))
    assert not np.array_equal(drawn, kind.drawn(5, 4, 30))
    assert not np.array_equal(drawn, kind.drawn(6, 3, 30))
    assert np.array_equal(drawn, Crop(padding=1).drawn(5, 3, 30))
    assert not np.array_equal(drawn, Cutout().drawn(5, 3, 30))  # another kind draws its own


def test_crops_and_flips_come_as_often_as_they_should():
    drawn = Crop(padding=1).drawn(0, 0, 20_000)
    each = np.bincount((drawn * 3).astype(int) @ [3, 1], minlength=9) / 20_000
    assert np.abs(each - 1 / 9).max() < 5 * np.sqrt(1 / 9 * 8 / 9 / 20_000)
    assert abs((Flip().drawn(0, 0, 20_000) < 0.5).mean() - 0.5) < 5 * np.sqrt(0.25 / 20_000)


def seen_by_updates(monkeypatch, **changes):
    """Train and give what each point looked like to the updates, epoch by epoch."""
    run = spec(**changes)
    split = run.load()
    seen = {}

    def watched(self, x, chosen):
        found = CHANGED(self, x, chosen)
        for point, before, after in zip(chosen.tolist(), x.numpy(), found.numpy(), strict=True):
            assert np.array_equal(before, split.train_x[point])
            seen.setdefault(point, []).append(after.copy())
        return found

    monkeypatch.setattr(Augmenter, "changed", watched)
    list(foldscape.run(run))
    return seen


def test_T_G_2_another_batch_size_shows_the_same_pictures_in_the_same_epoch(monkeypatch):
    one = seen_by_updates(monkeypatch)
    other = seen_by_updates(monkeypatch, batch=333)
    assert sorted(one) == sorted(other) == list(range(1437))
    for point, shown in one.items():
        assert len(shown) == 2
        assert np.array_equal(shown, other[point])
    assert sum(np.array_equal(*shown) for shown in one.values()) < 300


def test_a_chain_sees_what_a_convolutional_net_sees(monkeypatch):
    one = seen_by_updates(monkeypatch)
    other = seen_by_updates(monkeypatch, net={"hidden": [4]})
    assert all(np.array_equal(shown, other[point]) for point, shown in one.items())


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


class Cut(Unattended):
    """Takes a snapshot at a step, a few updates at a time."""

    def __init__(self, loop, step, most):
        self.loop, self.step, self.most, self.snapshot = loop, step, most, None

    def take(self, position):
        if position.step == self.step:
            self.snapshot = self.loop.snapshot()
        return super().take(position)

    def allowance(self, position):
        return self.most


def test_T_G_3_a_run_taken_up_in_mid_epoch_goes_on_with_the_same_bits():
    whole = packed(foldscape.run(spec()))
    loop = Loop(spec())
    controller = Cut(loop, step=20, most=5)  # 15 updates an epoch
    assert packed(loop.events(controller)) == whole
    after = packed(Loop(spec(), controller.snapshot).events())
    assert after == [event for event in whole if event[0] > 20]


def test_T_G_4_rows_are_measured_on_the_pictures_as_they_are():
    loop = Loop(spec())
    rows = [event for event in loop.events() if event.kind == "metrics"]
    subject = loop.subject
    logits = subject.net.astype(np.float64).logits(subject.split.train_x)
    right = float((logits.argmax(axis=1) == subject.split.train_y).mean())
    assert rows[-1].values[2] == pytest.approx(right, rel=1e-6)
    plain = next(event for event in foldscape.run(spec(augment=[])) if event.kind == "metrics")
    assert np.array_equal(rows[0].values, plain.values)


def test_an_update_learns_from_the_changed_pictures():
    run = spec(optimizer={"kind": "sgd", "lr": 0.1}, net={"hidden": [], "output_scale": 1})
    split = run.load()
    net = run.net.first_on(split.shape, split.classes, np.random.default_rng(0))
    order = np.random.default_rng(1).permutation(1437)
    engines = engine_for(run, net, split), engine_for(run.model_copy(update={"augment": ()}), net, split)
    engines[0].begin_epoch(order, 100, 5)
    augmenter = Augmenter(run.augment, split.shape, run.chance, 1437)
    augmenter.begin_epoch(5)
    seen = augmenter.changed(torch.from_numpy(split.train_x[order[:100]]), torch.from_numpy(order[:100]))
    by_hand = engine_for(
        run.model_copy(update={"augment": (), "engine": "torch"}), net,
        foldscape.data.Split(seen.numpy(), split.train_y[order[:100]], split.test_x, split.test_y, 10, (8, 8)),
    )  # fmt: skip
    by_hand.begin_epoch(np.arange(100), 100)
    for engine in (engines[0], by_hand):
        engine.train(0, 1)
    assert np.array_equal(engines[0].weights.vector(), by_hand.weights.vector())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": {"kind": "moons"}, "net": {"hidden": [4]}}, "moons has none"),
        ({"data": {"kind": "ag_news_lite"}, "net": {"hidden": [4]}}, "ag_news_lite has none"),
        ({"augment": [{"kind": "crop"}, {"kind": "crop"}]}, "crop more than once"),
        ({"augment": [{"kind": "flip"}, {"kind": "crop", "padding": 8}]}, "augment.1.padding 8"),
        ({"augment": [{"kind": "cutout", "side": 15}]}, "augment.0.side 15"),
        ({"engine": "compiled", "net": {"hidden": [4]}}, "cannot train with augment crop"),
        ({"net": {"hidden": [4], "wiring": "dag"}}, "cannot train with augment crop"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(changes, words):
    with pytest.raises(ValidationError, match=words):
        spec(**changes)


def test_a_run_without_is_written_and_trains_as_before():
    plain = spec(augment=[])
    assert "augment" not in plain.model_dump_json()
    assert "normalise" not in plain.model_dump_json()
    assert "augment" in why_not_compiled(spec(net={"hidden": [4]}))
    assert not why_not_compiled(spec(augment=[], net={"hidden": [4]}))
    assert spec().data.identity == plain.data.identity


def test_sweeps_vary_it_and_comparisons_name_it():
    kinds = [{"kind": "crop", "padding": 1}]
    vary = {
        "pictures": {"plain": {}, "shifted": {"augment": kinds}},
        "read": {"plain": {}, "so": {"normalise": "channels"}},
    }
    base = {"data": {"kind": "digits"}, "net": {"hidden": [4]}, "stop": {"epochs": 1}, "probes": [], "batch": 400}
    done = foldscape.sweep.run({"base": base, "vary": vary, "seeds": [1, 2]}, threads=1)
    names = [group.name for group in groups_of(done.curves())]
    assert names[0] == "normalise none"
    assert names[3] == "normalise channels · augment crop padding 1"
    assert {len(group.curves) for group in groups_of(done.curves())} == {2}
