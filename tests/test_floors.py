"""Four floors that import only downward; no torch in the web process."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "foldscape": {"foldscape"},
    "workers": {"foldscape", "workers"},
    "backend": {"foldscape", "workers", "backend"},
    "frontend": {"foldscape", "frontend"},
}
MAY_BUILD_PAGES = Path("backend/app.py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.mark.parametrize("floor", ALLOWED)
def test_no_floor_imports_from_above(floor):
    upward = []
    for path in (ROOT / floor).rglob("*.py"):
        for name in imports(path):
            top = name.partition(".")[0]
            mounting = path.relative_to(ROOT) == MAY_BUILD_PAGES and top == "frontend"
            if top in ALLOWED and top not in ALLOWED[floor] and not mounting:
                upward.append(f"{path.relative_to(ROOT)} imports {name}")
    assert upward == []


@pytest.mark.parametrize("module", ["backend.app", "frontend.app", "workers.app", "foldscape.spec"])
def test_the_web_process_loads_no_torch(module):
    code = f"import sys, {module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip().splitlines()[-1] == "False"
