"""The package of docs/extending.md through run, sweep, comparison, schema and command line.

What each kind goes through besides stands in ``test_plugin.py`` of its folder.
"""

import json

import pytest

from tests.extras import files, install, install_package, said_with

KINDS = {
    "focal": "loss",
    "lion": "optimizer",
    "pinwheel": "data",
    "path_norm": "probes",
    "mirrored": "growth",
    "one_over_time": "lr_schedule",
    "lasso": "terms",
    "orthogonal": "net",
}
"""What the modules of the package add to, as a field of a run."""
ANOTHER = "detour"
"""A second net, which a run of its own trains."""

CARRIED = """
import asyncio, json, sys
import numpy as np
import foldscape, foldscape.sweep
from backend.routes.schema import read_schema
from foldscape.comparison import compare
from foldscape.reading import read_mapping
from frontend.launch.plan import form_plan

plain = read_mapping(open("extras.yaml").read())
spec = foldscape.RunSpec.model_validate(plain["base"])
events = list(foldscape.run(spec))
again = list(foldscape.run(foldscape.RunSpec.model_validate_json(spec.model_dump_json())))
done = foldscape.sweep.run(plain, threads=1)
found = compare(done.curves(), by="epochs", contrast="optimizer.lr", primary="path_norm")
schema = asyncio.run(read_schema())
blocks = foldscape.RunSpec.model_validate({"net": {"wiring": "detour", "width": 5}, "stop": {"epochs": 2}})
properties = schema["RunSpec"]["properties"]
first = spec.net.first(2, 3, np.random.default_rng(0)).weights[0]
few = (spec.loss, spec.optimizer, spec.data, spec.probes[0], spec.growth.rule, spec.lr_schedule)
told = lambda events, name: [event.values[name] for event in events if event.kind == "scalars" and name in event.values]
print(json.dumps({
    "kinds": [type(part).__module__ for part in (*few, *spec.terms, spec.net)],
    "run": [told(events, name) for name in ("path_norm", "term_lasso")],
    "same": [told(again, name) for name in ("path_norm", "term_lasso")],
    "births": [[event.k_new, event.kept, event.method] for event in events if event.kind == "grown"],
    "rates": [float(event.values[6]) for event in events if event.kind == "metrics"],
    "angle": (first.T @ first).tolist(),
    "losses": sorted({curve.loss for curve in done.curves()}),
    "sweep": [[len(row.curve.columns[name]) for name in ("path_norm", "term_lasso")] for row in done.rows],
    "neurons": sorted({row.curve.columns["neurons"][-1] for row in done.rows}),
    "verdicts": [[row.measure.name, row.decides] for row in found.verdicts],
    "schema": {name: json.dumps(properties[name]) for name in properties},
    "blocks": [event.kind for event in foldscape.run(blocks)],
    "planned": blocks.net.parameters_on((2,), 2),
    "form": json.dumps(form_plan(schema["RunSpec"])),
    "nets": {each["wiring"]: each["title"] for each in schema["nets"]},
    "measures": [row["name"] for row in schema["measures"]],
}))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("extras")


@pytest.fixture(scope="module")
def path(place):
    return install(place)


@pytest.fixture(scope="module")
def carried(place, path):
    return json.loads(said_with(path, "-c", CARRIED, cwd=place).stdout)


def test_the_page_names_its_files():
    assert set(files()) == {
        "pyproject.toml",
        "extras.yaml",
        *(f"foldscape_extras/{name}.py" for name in (*KINDS, ANOTHER)),
    }


def test_a_run_takes_all_of_it_and_repeats_its_bits(carried):
    assert carried["kinds"] == [f"foldscape_extras.{name}" for name in KINDS]
    norms, lasso = carried["run"]
    assert carried["run"] == carried["same"]
    assert norms[0] == 0  # the output layer begins at 0
    assert all(value > 0 for value in norms[1:] + lasso)


def test_each_does_what_it_says(carried):
    ((units, kept, method),) = carried["births"]
    assert (units, method) == (2, "mirrored_pair")
    assert kept < 1e-6  # the two sum to nothing, up to rounding
    assert carried["rates"][0] == pytest.approx(0.003)
    assert carried["rates"][5] == pytest.approx(0.003 / 6)
    assert carried["angle"] == [pytest.approx([1, 0], abs=1e-6), pytest.approx([0, 1], abs=1e-6)]


def test_a_net_of_blocks_is_trained_and_measured(carried):
    assert {"metrics", "frame", "curvature", "slice"} <= set(carried["blocks"])
    assert carried["planned"] == 2 * 5 + 5 + 5 * 2 + 2 + 2 * 2 + 2


def test_a_sweep_takes_all_of_it_and_its_measure_decides(carried):
    assert len(carried["sweep"]) == 12
    assert all(norms == lasso >= 11 for norms, lasso in carried["sweep"])
    assert carried["neurons"] == [10]
    assert carried["losses"] == ["focal(gamma=1.0)"]
    assert carried["verdicts"] == [["path_norm", True]]


def test_schema_and_launch_form_list_all_of_it(carried):
    classes = ("Focal", "Lion", "Pinwheel", "PathNorm", "MirroredPair", "OneOverTime", "Lasso", "OrthogonalSpec")
    for name, field in zip(classes, KINDS.values(), strict=True):
        if field != "growth":  # its rules stand a level deeper
            assert name in carried["schema"][field]
    for kind in (
        "focal",
        "lion",
        "pinwheel",
        "path_norm",
        "mirrored_pair",
        "one_over_time",
        "lasso",
        "orthogonal",
        ANOTHER,
    ):
        assert f'"{kind}"' in carried["form"]
    assert {"path_norm", "term_lasso"} <= set(carried["measures"])
    assert carried["nets"]["orthogonal"] == "orthogonal layers"


def test_the_command_line_carries_the_sweep_out(place, path):
    said = said_with(path, "-m", "foldscape", "sweep", "extras.yaml", cwd=place).stdout
    assert "path norm" in said


def test_bad_settings_are_named_like_all_others(path):
    code = (
        "import foldscape\n"
        "try: foldscape.RunSpec.model_validate({'loss': {'kind': 'focal', 'gamma': -1}})\n"
        "except ValueError as error: print(error)"
    )
    assert "gamma" in said_with(path, "-c", code).stdout


TAKEN = '''
from typing import ClassVar, Literal

from foldscape.{base} import {name}


class Taken({name}):
    """Take a kind that is there."""

    kind: Literal["{kind}"] = "{kind}"
'''


def test_what_fails_or_comes_twice_is_named_and_the_rest_works(tmp_path):
    files = {
        "taken_loss.py": TAKEN.format(base="losses", name="Loss", kind="mse"),
        "taken_probe.py": TAKEN.format(base="probes.base", name="Probe", kind="frame"),
        "broken.py": "raise OSError('no disk')\n",
    }
    points = {
        "losses.taken": "taken_loss",
        "losses.lost": "not_there",
        "probes.taken": "taken_probe",
        "probes.broken": "broken",
        "growth.missing": "not_there",
        "terms.broken": "broken",
    }
    path = install_package(tmp_path, "faulty", files, points)
    code = "import foldscape; print(len(list(foldscape.run(foldscape.RunSpec(stop={'epochs': 1})))))"
    done = said_with(path, "-c", code)
    assert int(done.stdout) > 1
    for named in (
        "taken_loss declares the kind mse, which foldscape.losses.mse has already",
        "taken_probe declares the kind frame, which foldscape.probes.frame has already",
        "losses.lost (not_there) cannot be imported: ModuleNotFoundError",
        "The plugin probes.broken (broken) cannot be imported: OSError: no disk.",
        "growth.missing (not_there) cannot be imported: ModuleNotFoundError",
        "The plugin terms.broken (broken) cannot be imported: OSError: no disk.",
    ):
        assert named in done.stderr
