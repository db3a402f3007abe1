"""Within the library, modules import only from their own storey and those below it, lazily or not."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
STOREYS = (
    (
        "arrays",
        "model",
        "errors",
        "lazy",
        "event",
        "registry",
        "progress",
        "words",
        "vocabulary",
        "field_words",
        "csv_text",
        "reading",
        "explain",
        "stored",
        "chance",
        "device",
        "shuffling",
        "one_thread",
        "hosting",
        "drawing",
    ),
    (
        "compilation",
        "kernel",
        "losses",
        "optimizer",
        "averaging",
        "augmentation",
        "schedules",
        "resampling",
        "terms",
        "measures.column",
        "measures.scalars",
        "cost.work",
        "stop_spec",
    ),
    (
        "events",
        "measurements",
        "block_measurements",
        "surface_measurements",
        "wire",
        "data",
        "net",
        "curvature.blocks",
        "modules.failing",
        "modules.unwrapping",
    ),
    ("geometry", "engine", "modules", "neighbours"),
    ("curvature", "iterative", "memorisation"),
    ("growth", "growth_spec"),
    ("subject",),
    ("probes",),
    ("commands", "fitting", "spec"),
    ("measures", "cost", "training", "kept_frames", "start"),
    ("comparison", "ensembles", "landscape", "novelty", "studies"),
    ("exports", "sweep"),
    ("cli", "__main__"),
)
"""From the ground up, as ``docs/architecture.md`` draws them; a module belongs to the longest name it begins with."""
HEIGHTS = {f"foldscape.{name}": height for height, names in enumerate(STOREYS) for name in names}


def height_of(module):
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 1, -1))
    return next((HEIGHTS[name] for name in names if name in HEIGHTS), None)


def is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imported_by(path):
    """Give what a file imports from the library, but for what only type checkers read."""
    tree = ast.parse(path.read_text())
    unread = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("foldscape."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "foldscape":
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if is_module(name) else node.module for name in full)


def test_every_module_has_a_storey_and_imports_only_from_it_and_below():
    upward = []
    for path in sorted((ROOT / "foldscape").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module == "foldscape":
            continue
        here = height_of(module)
        assert here is not None, f"{module} has no storey; name it here and in docs/architecture.md"
        for name in imported_by(path):
            there = height_of(name)
            if there is not None and there > here:
                upward.append(f"{module} imports {name}")
    assert upward == []


def test_the_architecture_draws_the_storeys_as_they_are():
    drawn = (ROOT / "docs" / "architecture.md").read_text()
    for names in STOREYS:
        assert " · ".join(f"`{name}`" for name in names) in drawn, names
