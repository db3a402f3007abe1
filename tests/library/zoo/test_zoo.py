"""Every public measurement on every net: right, or refused in words; and the net as it was, also after a refusal."""

from __future__ import annotations

import copy
import importlib
import re
import warnings

import numpy as np
import pytest
import torch

from foldscape import curvature
from foldscape.errors import InvalidInput, NotPossible
from tests.library.zoo.measurements import MEASUREMENTS, Subject
from tests.library.zoo.nets import ZOO, Case
from tests.library.zoo.unharmed import State, can_be_copied, moves

for _module in ("plain_nets", "wild_nets"):
    importlib.import_module(f"tests.library.zoo.{_module}")

RAW = re.compile(
    r"aten::|grad_fn|does not require grad|size mismatch|Traceback|\w+Error\b|expected scalar type|"
    r"mat1 and mat2|UserWarning|0x[0-9a-f]{6}|at::|torch\._C|<function|object at|__\w+__"
)
"""What torch and Python say, and no user should have to read."""
DIFFERENCES = 1e-3
"""What two differences of a loss are good for."""
NOWHERE = {
    "relative_flatness": "it is defined for dense stacks",
    "matrix true_fisher": "the loss has to be a likelihood",
}
"""Measurements that are no measurement of most nets."""


@pytest.mark.parametrize("name", ZOO)
def test_every_measurement_is_right_or_refused_in_words_and_changes_nothing(name):
    torch.manual_seed(0)
    case = ZOO[name]
    module = case.make(False)
    parameters = list(module.parameters())
    for one in parameters:
        if _has_numbers(one):
            one.grad = torch.ones_like(one)
    copied, optimiser = can_be_copied(module), torch.optim.SGD(parameters, lr=0.01)
    subject, before = Subject(case, module), State(module)
    faults = []
    for cell in MEASUREMENTS:
        harm = [fault for fault in before.harm() if not (case.refused and fault.startswith("random numbers"))]
        faults += [f"{cell}: {fault}" for fault in [_fault(cell, subject), *harm] if fault]
    if copied and not can_be_copied(module):
        faults.append("it can no longer be copied")
    if not case.refused and not any(one.is_inference() for one in parameters) and not moves(module, optimiser):
        faults.append("its optimiser no longer moves it")
    assert not faults, "\n" + "\n".join(faults)


def test_every_public_measurement_is_in_the_list():
    """What is not a measurement of a net, or is reached through another, is named here."""
    elsewhere = {
        "GRANULARITIES", "MATRICES", "Block", "BatchLoss", "Eigenpairs", "Estimate", "FlatChannel", "GradientNoise",
        "HessianOperator", "LossSlice", "Matrix", "NoiseCurvature", "Objective", "ProbeSubset", "RelativeFlatness",
        "GradientsByLayer", "SaddleIndex", "SharpestMoment", "Sharpness", "SpectralDensity", "default_radius",
        "flat_channels", "gradient_overlap", "output_flatness", "predicted_change", "probe_subset", "sign_changes",
        "step_correlation", "subspace_overlap", "warm",
    }  # fmt: skip
    called = " ".join(_source(measure) for measure in MEASUREMENTS.values())
    assert {name for name in curvature.__all__ if f"curvature.{name}(" not in called} <= elsewhere


def test_a_measurement_that_is_wrong_is_found_out():
    """The zoo itself can fail: another net under the same name is not right, and a changed one is not unharmed."""
    stack = ZOO["stack"]
    other = copy.deepcopy(stack.make(False))
    with torch.no_grad():
        other[0].weight.add_(0.01)
    subject = Subject(stack, other)
    wrong = [cell for cell in MEASUREMENTS if _fault(cell, subject)]
    assert set(wrong) == set(MEASUREMENTS) - {"path"}  # a path is told where it goes
    before = State(other)
    other.eval()
    other[0].weight.grad = torch.ones(4, 4)
    other[2].bias = torch.nn.Parameter(other[2].bias.detach().clone())
    assert {"training of 0 differs", "2.bias is another object", "the gradient of 0.weight is another"} <= set(
        before.harm()
    )


def _fault(cell: str, subject: Subject) -> str:
    """Say what is wrong with one measurement of one net; empty where it is right, or rightly refused in words."""
    case = subject.case
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = _wrong(cell, subject)
    except (InvalidInput, NotPossible) as error:
        return _fault_of_words(error) or ("" if _may_refuse(cell, case) else f"refused: {error}")
    except Exception as error:
        return f"raw {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    if case.refused:
        return "gives a number where it has to refuse"
    return wrong


def _wrong(cell: str, subject: Subject) -> str:
    tolerance = DIFFERENCES if subject.case.by_differences else subject.case.tolerance
    for number, (ours, truth, size) in enumerate(MEASUREMENTS[cell](subject)):
        if subject.case.refused:
            continue
        ours, truth = np.asarray(ours, np.float64), np.asarray(truth, np.float64)
        if ours.shape != truth.shape:
            return f"number {number} has shape {ours.shape} for {truth.shape}"
        apart = np.abs(ours - truth)[~(np.isnan(ours) & np.isnan(truth))]
        off = float(apart.max(initial=0.0)) / size
        if not off <= tolerance:
            return f"number {number} is off by {off:.1e} of its size: {_some(ours)} for {_some(truth)}"
    return ""


def _fault_of_words(error: InvalidInput | NotPossible) -> str:
    if not error.hint:
        return f"refused without a way out: {error}"
    found = RAW.search(str(error))
    return f"refused in raw words ({found[0]}): {error}" if found else ""


def _may_refuse(cell: str, case: Case) -> bool:
    has_classes = case.loss == "cross_entropy" and not case.data()[1].is_floating_point()
    likelihood = cell == "matrix true_fisher" and has_classes
    allowed = bool(case.may_refuse) and cell.startswith(case.cells)
    return case.refused or allowed or (cell in NOWHERE and not likelihood)


def _some(values: np.ndarray) -> str:
    return " ".join(f"{value:.6g}" for value in values.reshape(-1)[:3])


def _has_numbers(one: torch.nn.Parameter) -> bool:
    return (
        not isinstance(one, torch.nn.parameter.UninitializedParameter) and not one.is_inference() and one.requires_grad
    )


def _source(measure: object) -> str:
    import inspect

    return inspect.getsource(measure)  # type: ignore[arg-type]
