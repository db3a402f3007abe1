"""One reader: every form in which people have data gives the same samples, or is refused in words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from foldscape.errors import InvalidInput
from foldscape.modules.reading import inputs_of, read_samples

X, Y = torch.arange(40.0).reshape(20, 2), torch.arange(20) % 3


class Pairs(Dataset):
    def __len__(self):
        return 20

    def __getitem__(self, place):
        return X[place], int(Y[place])


class Stream(IterableDataset):
    def __iter__(self):
        return iter(zip(X, Y, strict=True))


class Unknown(dict):
    """As the tokenisers of others give batches: a mapping of a class of its own."""


FORMS = {
    "pair": lambda: (X, Y),
    "arrays": lambda: (X.numpy(), Y.numpy()),
    "lists": lambda: (X.tolist(), Y.tolist()),
    "list of lists": lambda: [X.tolist(), Y.tolist()],
    "read-only": lambda: (np.broadcast_to(X.numpy(), X.shape), Y.numpy()[::-1][::-1]),
    "other end first": lambda: (X.numpy().astype(">f4"), Y.numpy().astype("<u4")),
    "tensor data set": lambda: TensorDataset(X, Y),
    "data set": Pairs,
    "stream": Stream,
    "loader": lambda: DataLoader(TensorDataset(X, Y), batch_size=7),
    "one-shot": lambda: iter(DataLoader(TensorDataset(X, Y), batch_size=7)),
    "generator": lambda: ((X[i : i + 7], Y[i : i + 7]) for i in range(0, 20, 7)),
    "two batches": lambda: [(X[:9], Y[:9]), (X[9:], Y[9:])],
    "triples": lambda: DataLoader(TensorDataset(X, Y, torch.arange(20)), batch_size=7),
    "shuffling": lambda: DataLoader(TensorDataset(X, Y), batch_size=7, shuffle=True),
    "shuffling a data set": lambda: DataLoader(Pairs(), batch_size=7, shuffle=True),
    "samples": lambda: list(zip(X, Y.tolist(), strict=True)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_samples_in_the_same_order(form):
    found = read_samples(FORMS[form]())
    assert len(found) == 20
    assert len(found.batches) == 1
    torch.testing.assert_close(found.batches[0].inputs.float(), X)
    torch.testing.assert_close(found.batches[0].labels, Y)


def test_named_inputs_and_several_inputs_keep_their_form():
    mask = X > 3
    named = read_samples(Unknown(ids=X, mask=mask, labels=Y))
    assert set(named.batches[0].inputs) == {"ids", "mask"}
    for several in (
        read_samples(((X, mask), Y)),
        read_samples((X, mask), Y),
        read_samples(DataLoader([((X[i], mask[i]), Y[i]) for i in range(20)], batch_size=6)),
    ):
        assert [tuple(one.shape) for one in several.batches[0].inputs] == [(20, 2), (20, 2)]
    by_label = read_samples([{"x": X[:8], "label": Y[:8]}, {"x": X[8:], "label": Y[8:]}])
    torch.testing.assert_close(by_label.batches[0].inputs["x"], X)


def test_ragged_batches_stay_apart_and_are_cut_and_taken_by_sample():
    batches = [
        (torch.zeros(3, 5), torch.zeros(3)),
        (torch.ones(4, 7), torch.ones(4)),
        (torch.ones(2, 7), torch.ones(2)),
    ]
    found = read_samples(batches)
    assert [batch.size for batch in found.batches] == [3, 6]
    assert [(span.start, part.size) for span, part in found.chunks(4)] == [(0, 3), (3, 4), (7, 2)]
    some = found.take(np.array([0, 2, 5]))
    assert [tuple(batch.inputs.shape) for batch in some.batches] == [(2, 5), (1, 7)]


def test_a_few_samples_hold_every_label():
    y = torch.zeros(1000, dtype=torch.int64)
    y[3], y[501] = 7, -100
    assert set(read_samples(torch.zeros(1000, 1), y).some(10).labels.tolist()) == {0, 7, -100}


def test_whole_batches_are_handed_over_as_they_are():
    dicts = read_samples([{"x": X[:8], "edges": X[:3]}, {"x": X[8:], "edges": X[:5]}], whole=True)
    assert [(batch.size, batch.divisible, set(batch.inputs)) for batch in dicts.batches] == [
        (1, False, {"x", "edges"})
    ] * 2
    assert len(read_samples(X, whole=True)) == 20
    assert len(read_samples((X, Y), whole=True).batches[0].inputs) == 2
    assert read_samples(X, Y, whole=True).batches[0].size == 20
    loader = read_samples(DataLoader(X, batch_size=6), whole=True)
    assert (len(loader), len(loader.batches)) == (20, 1)


def test_inputs_alone_can_be_read_with_or_without_labels():
    for data in (X, X.numpy(), (X, Y), DataLoader(TensorDataset(X, Y), batch_size=6)):
        torch.testing.assert_close(inputs_of(data).batches[0].inputs, X)
    assert set(inputs_of({"x": X}).batches[0].inputs) == {"x"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (7, "type int cannot be read"),
        ("X", "type str cannot be read"),
        (X, r"without labels: a Tensor \(20, 2\) float32"),
        ([], "empty: a list gave no batch"),
        ((X, Y[:7]), r"\(20, 2\) float32 came with labels \(7,\) int64"),
        ((X[:0], Y[:0]), r"\(0, 2\) float32 came with labels \(0,\)"),
        ((X, torch.tensor(3)), "without labels"),
        ((X, ["a"] * 20), "labels"),
        ((np.array([["a"] * 2] * 20), Y), "not numbers"),
        ([[[1.0, 2.0], [3.0]], [0, 1]], "unequal length"),
        ([{"x": X}], "'x' has no labels"),
        ([X], "a Tensor .* without labels"),
        ([(X, object())], "The labels are a object"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_came(data, said):
    with pytest.raises(InvalidInput, match=said) as refused:
        read_samples(data)
    assert refused.value.hint


def test_samples_that_cannot_be_put_together_are_refused():
    with pytest.raises(InvalidInput, match="could not be put together"):
        read_samples([(torch.zeros(3), 0), (torch.zeros(4), 1)])
