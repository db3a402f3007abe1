"""A validation part is drawn from the training points alone, class by class, for every kind of set."""

import numpy as np
import pytest

import foldscape
from foldscape.shuffling import order_of

KINDS = ["rings", "gaussian_blobs", "digits", "ag_news_lite", "cola_lite"]


def spec(kind, share, seed=7):
    return foldscape.RunSpec.model_validate({"data": {"kind": kind}, "validation_share": share, "seed": seed})


@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_are_the_training_points_and_the_test_points_stay(kind):
    whole, split = spec(kind, 0).load(), spec(kind, 0.2).load()
    assert (split.test_x == whole.test_x).all()
    assert (len(split.train_y), len(split.validation_y)) == (
        spec(kind, 0.2).train_size,
        spec(kind, 0.2).validation_size,
    )
    both = np.concatenate([split.train_x, split.validation_x])
    assert sorted(map(bytes, both)) == sorted(map(bytes, whole.train_x))
    assert len(whole.validation_y) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_each_class_gives_its_share_to_within_a_point(kind):
    whole, split = spec(kind, 0).load(), spec(kind, 0.2).load()
    share = len(split.validation_y) / len(whole.train_y)
    for label in range(whole.classes):
        assert abs((split.validation_y == label).sum() - share * (whole.train_y == label).sum()) <= 1


def test_the_draw_follows_the_seed_and_counts_for_the_digest():
    first, again, other = (spec("digits", 0.2, seed).load().digest for seed in (1, 1, 2))
    assert first == again != other
    assert len({spec("digits", share).load().digest for share in (0, 0.1, 0.2)}) == 3


@pytest.mark.parametrize("kind", ["rings", "cola_lite"])
def test_examples_are_those_of_the_part_that_was_asked_for(kind):
    one = spec(kind, 0.2)
    split = one.load()
    for part, y in (("train", split.train_y), ("validation", split.validation_y), ("test", split.test_y)):
        assert one.examples(part, [0, 5, 2]).labels.tolist() == y[[0, 5, 2]].tolist()
    with pytest.raises(foldscape.errors.InvalidInput, match="no point"):
        one.examples("validation", [len(split.validation_y)])
    with pytest.raises(foldscape.errors.InvalidInput, match="no point"):
        spec(kind, 0).examples("validation", [0])


def test_a_spec_that_uses_none_of_it_is_written_as_before():
    written = foldscape.RunSpec().model_dump(mode="json")
    assert not {"validation_share", "shuffle"} & set(written)
    assert set(written["stop"]) == {"epochs", "plateau"}


def test_orders_are_of_the_epoch_or_the_first_or_of_the_data():
    by = {name: [order_of(name, 3, epoch, 50).tolist() for epoch in range(3)] for name in ("epoch", "once", "never")}
    assert len({tuple(order) for order in by["epoch"]}) == 3
    assert by["once"] == [by["epoch"][0]] * 3
    assert by["never"] == [list(range(50))] * 3


@pytest.mark.parametrize("shuffle", ["once", "never"])
def test_a_run_takes_its_points_in_the_order_that_was_asked_for(shuffle):
    """Full-batch steps do not depend on the order, mini-batches do; both engines and the sweep follow alike."""
    plain = {"net": {"hidden": [3]}, "stop": {"epochs": 4}, "probes": [], "shuffle": shuffle}
    row = {}
    for engine in ("compiled", "torch"):
        events = list(foldscape.run(foldscape.RunSpec.model_validate(plain | {"engine": engine})))
        row[engine] = [event.values for event in events if event.kind == "metrics"][-1]
    assert np.allclose(row["compiled"], row["torch"], rtol=1e-3)
    usual = [
        e.values
        for e in foldscape.run(foldscape.RunSpec.model_validate(plain | {"shuffle": "epoch"}))
        if e.kind == "metrics"
    ]
    assert not np.array_equal(usual[-1], row["compiled"])
    base = plain | {"engine": "compiled", "data": {"kind": "digits"}}
    swept = foldscape.sweep.run({"base": base, "seeds": [7, 8], "measure": {"flatness": ["layer"]}})
    alone = [e.values for e in foldscape.run(foldscape.RunSpec.model_validate(base)) if e.kind == "metrics"]
    assert swept.rows[0].curve.last("train_loss") == float(alone[-1][1])


@pytest.mark.parametrize("kind", ["rings", "ag_news_lite"])
def test_probes_look_at_the_mini_batches_that_a_run_of_one_order_takes(kind):
    from foldscape.probes.measuring.batches import probe_batches
    from foldscape.training import Loop

    one = foldscape.RunSpec.model_validate({"data": {"kind": kind}, "shuffle": "once", "batch": 32, "probes": []})
    subject = Loop(one).subject
    order = order_of("once", one.seed, 0, one.train_size)
    chosen = subject.probe_subset
    numbers = np.arange(one.train_size) if chosen.whole else chosen.indices
    own = [order[first : first + 32] for first in range(0, len(order), 32)]
    if chosen.whole:
        assert all(any(set(batch) == set(mine) for mine in own) for batch in probe_batches(subject))
    taken = np.concatenate([numbers[batch] for batch in probe_batches(subject)])
    assert len(set(taken.tolist())) == len(taken)
    assert np.all(np.diff([np.flatnonzero(order == point)[0] for point in numbers[probe_batches(subject)[0]]]) > 0)
