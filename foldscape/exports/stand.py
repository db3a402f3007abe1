"""Where numbers come from: versions, machine, state of the code."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from foldscape import __version__

LIBRARIES = ("numpy", "torch", "numba", "scipy", "scikit-learn")


def stand() -> dict[str, Any]:
    """Tell versions, machine and, where the code lies in a git checkout, its commit and whether it was changed."""
    return {
        "foldscape": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "machine": f"{platform.system()} {platform.machine()}",
    }


def _commit() -> str:
    """Give the commit, with ``+`` when the tree was changed after it; empty outside a checkout."""
    here = Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():
        return ""
    try:
        found = subprocess.run(
            ["git", "-C", str(here), "describe", "--always", "--dirty=+", "--abbrev=12"],
            capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
