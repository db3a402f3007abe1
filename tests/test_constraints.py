"""An install of tomorrow is that of today: all that pyproject names, and all that stands on, has one version."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LINES = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
HELD = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}


def asked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [one for group in project["optional-dependencies"].values() for one in group]
    return [Requirement(one) for one in [*project["dependencies"], *extras]]


def closure():
    """Walk from what pyproject names to all that it stands on here; a package that is not installed has no metadata."""
    waiting, seen, found = asked(), set(), {}
    while waiting:
        one = waiting.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if one.marker and not any(one.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
            continue
        found.setdefault(key[0], []).append(one)
        if key in seen:
            continue
        seen.add(key)
        try:
            needed = metadata.requires(one.name) or ()
        except metadata.PackageNotFoundError:
            continue
        for text in needed:
            need = Requirement(text)
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
                need.marker = None
                waiting.append(need)
    return found


def test_every_line_holds_one_version():
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!]*", line) for line in LINES)
    assert len(HELD) == len(LINES)
    assert HELD["torch"] == "2.13.0"  # the one whose CPU build is found


def test_all_that_is_installed_is_held():
    found = closure()
    assert len(found) > 100
    assert sorted(set(found) - set(HELD)) == []


@pytest.mark.parametrize("need", asked(), ids=lambda need: need.name)
def test_what_is_held_is_what_pyproject_allows(need):
    held = HELD[canonicalize_name(need.name)]
    assert need.specifier.contains(Version(held), prereleases=True)


def test_every_install_holds_to_it():
    makefile, dockerfile = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
    installs = [line for line in (makefile + dockerfile).splitlines() if "pip install" in line]
    assert len(installs) >= 3
    assert [line for line in installs if "--constraint constraints.txt" not in line] == []
