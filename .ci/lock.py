"""Write constraints.txt: the version of everything that Foldscape and its tests stand on, resolved anew.

``make lock`` runs it. Pip resolves in a dry run, as on a machine that has nothing, within what ``HELD`` says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "constraints.txt"
HEAD = """\
# Versions of all that is installed, so that an install of tomorrow is that of today. Written by `make lock`.
# torch has no local version here: pip then takes the CPU build where an index or a folder offers it. See Makefile.
"""
HELD = ("torch==2.13.0",)
EVERYTHING = ".[test,lint,docs,bench]"


def resolved() -> dict[str, str]:
    """Give the version of each package, by its name as it is compared."""
    with tempfile.TemporaryDirectory() as folder:
        held, report = Path(folder, "held.txt"), Path(folder, "report.json")
        held.write_text("\n".join(HELD), encoding="utf-8")
        line = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"]
        line += ["--ignore-installed", "--constraint", str(held), "--report", str(report), EVERYTHING]
        subprocess.run(line, cwd=ROOT, check=True)
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    metadata = [each["metadata"] for each in found]
    return {one["name"].lower().replace("_", "-"): one["version"].partition("+")[0] for one in metadata}


def main() -> None:
    """Resolve and write."""
    lines = [f"{name}=={version}" for name, version in sorted(resolved().items()) if name != "foldscape"]
    FILE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
