"""Columns: each is declared once, told by its probe, and compared as it says of itself."""

from types import SimpleNamespace

import numpy as np
import pytest

import foldscape
from foldscape import registry
from foldscape.comparison import Curve, compare, measured
from foldscape.events import COLUMNS
from foldscape.measures.column import Column
from foldscape.measures.declared import (
    FLATNESS,
    MEASURES,
    PROBE_OF,
    collected,
    columns_as_json,
    probe_settings,
    values_of,
)
from foldscape.measures.scalars import SCALARS
from foldscape.probes import Probe
from foldscape.registry import kinds
from tests.probes import probes_for

PROBES = kinds("foldscape.probes", Probe)
FULL = {
    "curvature": {"smallest": True, "granularities": ["tensor", "layer", "block", "element"]},
    "noise": {"draws": 2},
    "novelty": {"critical_radius": 0.1},
    "hills": {"eigenvalues": 2},
    "traces": {"draws": 2},
    "sharpness": {"ascent": 1, "draws": 2},
}
TERMS = [{"kind": "weight_decay"}, {"kind": "hills", "at_epochs": [1], "sigma": 1.0}]
KEPT = {"terms": TERMS, "average": {"kind": "ema"}, "optimizer": {"kind": "nudged"}}
TELLING = [kind for kind, probe in PROBES.items() if probe.columns]


@pytest.fixture(scope="module")
def measured_columns():
    on_plane = {probe["kind"] for probe in probes_for("moons")}
    on_digits = {probe["kind"] for probe in probes_for("digits")} - on_plane
    specs = [
        telling({"kind": "moons", "n": 60}, [kind for kind in TELLING if kind in on_plane], **KEPT),
        telling({"kind": "digits"}, [kind for kind in TELLING if kind in on_digits]),
        telling({"kind": "digits"}, ["iterative"], net={"wiring": "res_mlp", "blocks": 2}),
    ]
    told = [event for spec in specs for event in foldscape.run(spec) if teller(event) in TELLING and event.step]
    return [probe for spec in specs for probe in spec.probes], told


def telling(data, kinds_of_probes, **more):
    probes = [{"kind": kind, "every": 1} | FULL.get(kind, {}) for kind in kinds_of_probes]
    return foldscape.RunSpec.model_validate({"data": data, "stop": {"epochs": 1}, "probes": probes} | more)


def teller(event):
    """The kind of the probe that tells an event."""
    return getattr(event, "probe", event.kind)


@pytest.mark.parametrize("kind", TELLING)
def test_a_probe_tells_the_columns_that_it_declares(measured_columns, kind):
    probes, events = measured_columns
    probe = next(probe for probe in probes if probe.kind == kind)
    (event,) = [event for event in events if teller(event) == kind]
    assert (
        set(values_of(event))
        == {column.name for column in probe.measured_columns}
        == {column.name for column in probe.columns}
    )
    assert any(value is not None for value in values_of(event).values())


def test_what_was_not_asked_for_is_not_told():
    plain = PROBES["curvature"](granularities=("layer",))
    assert [column.name for column in plain.measured_columns] == ["lambda_none", "lambda_layer"]
    assert "noise_cosine" not in [column.name for column in PROBES["noise"]().measured_columns]


def test_the_scalars_of_a_row_are_declared():
    assert {scalar.name for scalar in SCALARS if scalar.event == "metrics"} == set(COLUMNS) - {"lr"}


def test_every_column_says_what_it_is():
    assert len({column.label for column in MEASURES.values()}) == len(MEASURES)
    for row in columns_as_json():
        assert row["label"]
        assert row["label"] == row["label"].strip()
        assert row["better"] == "neither" or not row["flatness"], row
    assert all(PROBE_OF[column.name] for column in FLATNESS)


def test_a_number_that_is_none_is_not_known():
    column = Column("relative_flatness", "relative flatness", event="sharpness")
    assert column.read({"kind": "sharpness", "relative_flatness": float("nan")}) == {"relative_flatness": None}
    assert column.read({"kind": "sharpness"}) == {}
    assert values_of({"kind": "scalars", "probe": "none", "values": {"anything": 1.0}}) == {}


def test_a_column_that_is_declared_twice_is_left_out_and_named(monkeypatch):
    monkeypatch.setattr(registry, "_LEFT_OUT", {})
    twice = SimpleNamespace(
        columns=(Column("trace", "my trace"), Column("mine", "mine")),
        model_fields={"kind": SimpleNamespace(default="twice")},
    )
    with pytest.warns(UserWarning, match="twice declares the column trace, which the probe traces has already"):
        found = dict(collected([PROBES["traces"], twice]))
    assert [kind for column, kind in found.items() if column.name == "trace"] == ["traces"]
    assert [kind for column, kind in found.items() if column.name == "mine"] == ["twice"]
    assert "the column trace" in registry.left_out()[0]


def curve(seed, method, rho):
    columns = {
        "updates": [0, 1],
        "epoch": [0, 1],
        "train_loss": [1, 0.5],
        "sam": [1, 1 + seed / 9],
        "trace": [1.0, 2.0],
    }
    made = probe_settings({"kind": "sharpness", "rho": rho, "sam": 1.0})
    return Curve(f"{method}{seed}", "", {"method": method}, seed, columns, made_with=made)


def test_numbers_that_were_made_with_different_settings_are_not_compared():
    alike = [curve(seed, method, 0.05) for method in ("grown", "fixed") for seed in range(3)]
    assert [measure.name for measure in measured(alike)] == ["sam", "trace"]
    apart = [curve(seed, method, rho) for method, rho in (("grown", 0.05), ("fixed", 0.1)) for seed in range(3)]
    found = compare(apart, primary="sam")
    assert {verdict.measure.name for verdict in found.verdicts} == {"trace"}
    assert found.answer == "SAM was measured with different settings (rho 0.05; rho 0.1), so it is not compared."
    kept = Curve.from_json(apart[0].to_json())
    assert kept.made_with == {"sam": "rho 0.05"}
    np.testing.assert_array_equal(kept["sam"], apart[0]["sam"])
