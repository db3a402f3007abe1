"""The package that docs/extending.md builds, installed as it stands there, for a process of its own."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "extending.md"
_FILE = re.compile(r"^```\w+\n(# (\S+\.\w+)\n.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Give the files of the page by their names."""
    return {name: text for text, name in _FILE.findall(PAGE.read_text())}


def install(place: Path) -> str:
    """Write the package and what an installer leaves of its entry points.

    Args:
        place: Folder to install it into.

    Returns:
        The ``PYTHONPATH`` of a process that has it.
    """
    for name, text in files().items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = tomllib.loads((place / "pyproject.toml").read_text())["project"]
    about = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = [f"[{group}]\n" + "".join(f"{name} = {module}\n" for name, module in points.items())
             for group, points in project["entry-points"].items()]  # fmt: skip
    (about / "entry_points.txt").write_text("".join(lines))
    return f"{place}{os.pathsep}{ROOT}"
