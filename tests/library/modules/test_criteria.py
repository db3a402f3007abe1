"""Losses are means: of outputs and labels, whatever the chunks; and labels that mean nothing are refused."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional

from foldscape.errors import InvalidInput
from foldscape.modules.criteria import criterion_of

WEIGHT = torch.tensor([0.2, 1.0, 5.0], dtype=torch.float64)


def drawn(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


LABELS = torch.tensor([0, 0, 0, 2, 1, -100, 2, -100, -100, 1])
PLACES = torch.tensor([[0, 1, -100, 2]] * 3 + [[-100] * 4] * 2 + [[2, 2, 2, 2]] * 5)
MEANS = {
    "weights": (nn.CrossEntropyLoss(weight=WEIGHT), drawn(10, 3), LABELS),
    "weights and smoothing": (nn.CrossEntropyLoss(weight=WEIGHT, label_smoothing=0.1), drawn(10, 3), LABELS),
    "another label ignored": (nn.CrossEntropyLoss(ignore_index=2), drawn(10, 3), LABELS.clamp(0)),
    "function": (functional.cross_entropy, drawn(10, 3), LABELS),
    "partial": (partial(functional.cross_entropy, weight=WEIGHT), drawn(10, 3), LABELS),
    "likelihoods": (nn.NLLLoss(WEIGHT), drawn(10, 3).log_softmax(1), LABELS),
    "places": (nn.CrossEntropyLoss(WEIGHT), drawn(10, 3, 4), PLACES),
    "shares": (nn.CrossEntropyLoss(WEIGHT), drawn(10, 3), drawn(10, 3).softmax(1)),
    "shares of places": (nn.CrossEntropyLoss(WEIGHT), drawn(10, 3, 4), drawn(10, 3, 4).softmax(1)),
    "callable": (lambda outputs, labels: nn.functional.multi_margin_loss(outputs, labels), drawn(10, 3), LABELS % 3),
}


@pytest.mark.parametrize("case", MEANS)
def test_the_value_on_all_data_is_the_criterions_own_however_they_are_cut(case):
    loss, outputs, labels = MEANS[case]
    criterion, exact = criterion_of(loss), loss(outputs, labels)
    labels = criterion.labels(labels, outputs)
    masses = criterion.masses(labels)
    torch.testing.assert_close(criterion.mean(outputs, labels), exact)
    torch.testing.assert_close(criterion.terms(outputs, labels).sum() / masses.sum(), exact, check_dtype=False)
    for cut in (1, 3, 7):
        parts = zip(outputs.split(cut), labels.split(cut), masses.split(cut), strict=True)
        value = sum(mass.sum() * criterion.mean(one, other) for one, other, mass in parts if mass.sum() > 0)
        torch.testing.assert_close(value / masses.sum(), exact, check_dtype=False)


def test_a_single_output_is_given_the_logistic_loss():
    labels = torch.tensor([0, 1, 1, 0, 1])
    exact = functional.binary_cross_entropy_with_logits(drawn(5), labels.double())
    for name in ("cross_entropy", "bce"):
        for outputs in (drawn(5, 1), drawn(5)):
            for given in (labels, labels.bool(), labels.double(), labels[:, None], labels.to(torch.uint8)):
                criterion = criterion_of(name)
                checked = criterion.labels(given, outputs)
                torch.testing.assert_close(criterion.mean(outputs, checked), exact)
                right = float(((drawn(5) > 0) == labels.bool()).sum())
                assert criterion.hits(outputs, checked) == (right, 5)
    ignoring = criterion_of("cross_entropy")
    some = ignoring.labels(torch.tensor([0, 1, -100, -100, 1]), drawn(5, 1))
    kept = [0, 1, 4]
    torch.testing.assert_close(
        ignoring.mean(drawn(5, 1), some),
        functional.binary_cross_entropy_with_logits(drawn(5)[kept], labels[kept].double()),
    )
    with pytest.raises(InvalidInput, match=r"\(5, 1\) float64: a single output"):
        criterion_of(nn.CrossEntropyLoss()).labels(labels, drawn(5, 1))


def test_squared_errors_are_those_of_runs():
    criterion, outputs, labels = criterion_of("mse"), drawn(10, 3), torch.arange(10) % 3
    exact = 0.5 * (outputs - functional.one_hot(labels)).square().sum(1).mean()
    for given in (
        labels,
        labels.int(),
        labels.double(),
        functional.one_hot(labels),
        functional.one_hot(labels).float(),
    ):
        torch.testing.assert_close(criterion.mean(outputs, criterion.labels(given, outputs)), exact)
    targets = drawn(10, 3).flip(0)
    found = criterion.mean(outputs, criterion.labels(targets, outputs))
    torch.testing.assert_close(found, 0.5 * (outputs - targets).square().sum(1).mean())
    one = criterion.mean(drawn(10, 1), criterion.labels(targets[:, 0], drawn(10, 1)))
    torch.testing.assert_close(one, 0.5 * (drawn(10) - targets[:, 0]).square().mean())
    assert criterion.hits(outputs, labels) == (float((outputs.argmax(1) == labels).sum()), 10)


def test_several_labels_a_sample_are_the_mean_over_all():
    criterion, labels = criterion_of("bce"), torch.tensor([[0, 1, 1], [1, 0, 0]])
    exact = functional.binary_cross_entropy_with_logits(drawn(2, 3), labels.double())
    torch.testing.assert_close(criterion.mean(drawn(2, 3), criterion.labels(labels, drawn(2, 3))), exact)


def test_outputs_with_logits_are_read_with_the_classes_last_in_sequences():
    labels = torch.tensor([[0, 1, -100]] * 5)
    exact = functional.cross_entropy(drawn(5, 3, 3).movedim(-1, 1), labels)
    for outputs in ({"logits": drawn(5, 3, 3)}, SimpleNamespace(logits=drawn(5, 3, 3), loss=None)):
        for loss in ("cross_entropy", nn.CrossEntropyLoss()):
            criterion = criterion_of(loss)
            torch.testing.assert_close(criterion.mean(outputs, criterion.labels(labels, outputs)), exact)
    with pytest.raises(InvalidInput, match="reads one tensor, or the 'logits'"):
        criterion_of("cross_entropy").labels(labels, (drawn(5, 3), None))


@pytest.mark.parametrize(
    ("loss", "labels", "said"),
    [
        ("cross_entropy", torch.tensor([0.9, 1.9, 0.0]), r"hold 0\.9, which is no class"),
        ("cross_entropy", torch.tensor([0, 1, 3]), "run from 0 to 3"),
        ("cross_entropy", torch.tensor([0, 1, -1]), "run from -1 to 1"),
        ("cross_entropy", torch.tensor([[0, 1]] * 3), r"\(3, 3\) float64 came with labels \(3, 2\)"),
        ("cross_entropy", torch.ones(3, 3), "no probabilities"),
        ("mse", torch.tensor([0.5, 1.0, 0.0]), r"hold 0\.5"),
        ("mse", torch.zeros(3, 2), r"came with labels \(3, 2\)"),
        ("bce", torch.tensor([0, 1, 1]), "one label from 0 to 1 for each output"),
        ("bce", torch.full((3, 3), 1.5), "from 1.5 to 1.5"),
    ],
)
def test_labels_that_mean_nothing_are_refused(loss, labels, said):
    with pytest.raises(InvalidInput, match=said):
        criterion_of(loss).labels(labels, drawn(3, 3))


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("hinge", "no loss 'hinge'. Choose one of bce, cross_entropy, mse"),
        (7, "no loss 7"),
        (nn.CrossEntropyLoss(reduction="sum"), "reduction='sum'"),
        (nn.MSELoss(reduction="none"), "reduction='none'"),
        (partial(functional.cross_entropy, reduction="sum"), "reduction='sum'"),
    ],
)
def test_what_is_no_mean_is_refused(loss, said):
    with pytest.raises(InvalidInput, match=said):
        criterion_of(loss)


def test_a_callable_has_to_give_a_number():
    with pytest.raises(InvalidInput, match=r"gave \(10, 3\) float64"):
        criterion_of(lambda outputs, labels: outputs).mean(drawn(10, 3), LABELS)
