"""The package that docs/extending.md builds, installed as it stands there, and others, for a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "extending.md"
GROUP = "foldscape.plugins"
_FILE = re.compile(r"^```\w+\n(# (\S+\.\w+)\n.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Give the files of the page by their names."""
    return {name: text for text, name in _FILE.findall(PAGE.read_text())}


def install(place: Path) -> str:
    """Write the page's package and what an installer leaves of its entry points.

    Args:
        place: Folder to install it into.

    Returns:
        The ``PYTHONPATH`` of a process that has it.
    """
    project = tomllib.loads(files()["pyproject.toml"])["project"]
    return install_package(place, project["name"], files(), project["entry-points"][GROUP])


def install_package(place: Path, name: str, files: Mapping[str, str], points: Mapping[str, str]) -> str:
    """Write a package and what an installer leaves of its entry points.

    Args:
        place: Folder to install it into.
        name: What it is called.
        files: Its files.
        points: Its entry points: what adds to Foldscape, and the module.

    Returns:
        The ``PYTHONPATH`` of a process that has it.
    """
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    about = place / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = "".join(f"{key} = {module}\n" for key, module in points.items())
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
    return f"{place}{os.pathsep}{ROOT}"


def said_with(path: str, *words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that has what is installed.

    Args:
        path: Its ``PYTHONPATH``.
        *words: What follows ``python``.
        cwd: Where it runs.

    Returns:
        The process, which has ended well, with what it said.
    """
    environment = os.environ | {"PYTHONPATH": path}
    done = subprocess.run([sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done
