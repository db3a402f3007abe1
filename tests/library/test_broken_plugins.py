"""Plugins that fail, of every family, are left out and named each in a sentence; the rest works."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FAMILIES = {
    "losses": ("from foldscape.losses.base import Loss", "Loss", "kind", "mse"),
    "optimizer": ("from foldscape.optimizer.base import Optimizer", "Optimizer", "kind", "sgd"),
    "schedules": ("from foldscape.schedules.base import Schedule", "Schedule", "kind", "cosine"),
    "terms": ("from foldscape.terms.base import Term", "Term", "kind", "weight_decay"),
    "data": ("from foldscape.data.base import DataSet", "DataSet", "kind", "rings"),
    "encoders": ("from foldscape.data.encoders.base import Encoder", "Encoder", "kind", "hash"),
    "probes": ("from foldscape.probes.base import Probe", "Probe", "kind", "traces"),
    "growth": ("from foldscape.growth.base import GrowthRule", "GrowthRule", "kind", "gradmax"),
    "net": ("from foldscape.net.spec import NetSpec", "NetSpec", "wiring", "dag"),
    "studies": ("from foldscape.studies.base import Study", "Study", "kind", "utilisation"),
}
DECLARES = """from typing import Literal
{importing}
class Mine({base}):
    {tag}: Literal["{kind}"] = "{kind}"
"""
LOOK = """
import json, warnings
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    import foldscape, backend.app
    from foldscape.registry import left_out
    spec = foldscape.RunSpec(stop={"epochs": 1}, terms=[{"kind": "weight_decay"}])
    ended = list(foldscape.run(spec))[-1].state
print(json.dumps([left_out(), [str(one.message) for one in warned if one.category is UserWarning], ended]))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    place = tmp_path_factory.mktemp("broken")
    points = {"growht.mine": "broken.lost", "terms.bare": "broken.bare", "net.bare": "broken.shapeless"}
    package = place / "broken"
    package.mkdir()
    (package / "__init__.py").touch()
    bare = {"tag": "kind", "kind": "bare", "importing": FAMILIES["terms"][0], "base": "Term"}
    (package / "bare.py").write_text(DECLARES.format(**bare))
    bare = {"tag": "wiring", "kind": "shapeless", "importing": FAMILIES["net"][0], "base": "NetSpec"}
    (package / "shapeless.py").write_text(DECLARES.format(**bare))
    (package / "leaves.py").write_text("raise SystemExit(3)\n")
    for family, (importing, base, tag, kind) in FAMILIES.items():
        text = DECLARES.format(importing=importing, base=base, tag=tag, kind=kind)
        (package / f"{family}_again.py").write_text(text)
        points |= {f"{family}.again": f"broken.{family}_again", f"{family}.gone": f"broken.{family}_gone"}
    points["losses.leaves"] = "broken.leaves"
    about = place / "broken-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    lines = "".join(f"{name} = {module}\n" for name, module in points.items())
    (about / "entry_points.txt").write_text(f"[foldscape.plugins]\n{lines}")
    environment = os.environ | {"PYTHONPATH": f"{place}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_names_what_fails_and_what_is_there_already(said, family):
    (gone,) = [one for one in said[0] if f"plugin {family}.gone" in one]
    assert "cannot be imported: ModuleNotFoundError" in gone
    _, _, tag, kind = FAMILIES[family]
    (again,) = [one for one in said[0] if f"broken.{family}_again" in one]
    assert f"declares the {tag} {kind}, which foldscape." in again
    assert f"Give it another {tag}" in again


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        ("losses.leaves", "cannot be imported: SystemExit: 3"),
        ("broken.bare", "declares the kind bare without column"),
        ("broken.shapeless", "declares the wiring shapeless without can"),
        (
            "growht.mine",
            "Begin its name with one of augmentation, averaging, data, encoders, growth, losses, net, ",
        ),
    ],
)
def test_other_faults_are_said_too(said, plugin, words):
    (sentence,) = [one for one in said[0] if plugin in one]
    assert words in sentence


def test_each_is_warned_of_once_and_the_rest_works(said):
    troubles, warned, ended = said
    assert len(set(warned)) == len(warned) == len(troubles) - 1  # the name that begins with no family is not imported
    assert ended == "done"
