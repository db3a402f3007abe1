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


def modules_named(name):
    """Give the modules of this project that an import of a name loads, its packages but the outermost included."""
    parts = name.split(".")
    for length in range(2, len(parts) + 1):
        path = ROOT.joinpath(*parts[:length])
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            yield ".".join(parts[:length])


def imported_by(module):
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield from modules_named(f"{node.module}.{alias.name}")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from modules_named(alias.name)


@pytest.mark.parametrize("above", ["foldscape.spec", "foldscape.commands", "foldscape.training", "foldscape.sweep"])
def test_no_probe_reaches_the_specs_and_the_loop_that_stand_on_it(above):
    probes = ROOT / "foldscape" / "probes"
    waiting = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in probes.rglob("*.py")]
    came_from = dict.fromkeys((name.removesuffix(".__init__") for name in waiting), "")
    waiting = list(came_from)
    while waiting:
        module = waiting.pop()
        for name in imported_by(module):
            if name not in came_from:
                came_from[name] = module
                waiting.append(name)
    assert above not in came_from, f"{came_from[above]} imports {above}"
