"""One name, one meaning: what a module gives out is called as nothing else in the project is."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
ALIAS = re.compile(r"[A-Z]\w*[a-z]\w*")
FLOORS = ("foldscape", "backend", "workers", "frontend")

INTERFACES = {
    "warm": "every part that compiles loads its kernels by it",
    "run": "carries something out: `foldscape.run`, a sweep, a study",
    "read": "reads what was written: a sweep from a file, an export from its folder",
    "follow": "carries something out and yields how far it is: a sweep, a landscape",
    "carry_out": "what a task of the workers does for one job",
    "layout": "what a page of Dash is built by",
    "main": "what a command begins with",
    "ensemble": "the verb on the command line and what it calls",
    "export": "the verb on the command line and what it calls",
    "compare": "the verb on the command line and what it calls",
    "verify": "the verb on the command line and what it calls",
    "train": "the compiled update loop of an engine",
    "backward": "the backward pass of a net",
    "engine_of": "what a kind of net calls to be trained, one an engine",
    "scores_of": "what a kind of net calls to have its losses and accuracies measured",
    "evaluator_of": "what a kind of net calls to have losses over a plane, one a kind of evaluator",
    "about": "what a kind of study tells of itself",
    "findings": "judges the claims of a kind of study",
    "verdict": "says what follows from the findings of a kind of study",
    "up": "the verb on the command line and what it calls",
    **dict.fromkeys(
        ("address", "fma", "load", "spread", "store", "total"),
        "registers inside compiled code: of any width in `curvature`, of eight lanes in `engine`",
    ),
}
"""Names that several modules share because they stand for one idea."""


def given_out(path):
    """Give the public classes, functions and aliases of a module, each with what it is where that can be compared."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, DEFINITIONS) and not is_registered(node):
            yield node.name, str(path)
        elif isinstance(node, ast.Assign) and ALIAS.fullmatch(ast.unparse(node.targets[0])):
            yield ast.unparse(node.targets[0]), ast.unparse(node.value)


def is_registered(node):
    """Whether a decorator hands it to a router, a queue or a command line, so that nobody calls it by its name."""
    handlers = ("get", "post", "put", "patch", "delete", "websocket", "task", "command")
    called = (each.func for each in node.decorator_list if isinstance(each, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr in handlers for func in called)


def homes():
    found = defaultdict(set)
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            for name, what in given_out(path):
                if not name.startswith("_"):
                    found[name].add(what)
    return found


def test_one_name_has_one_meaning():
    several = {name: sorted(found) for name, found in homes().items() if len(found) > 1 and name not in INTERFACES}
    assert not several, several


def test_what_is_allowed_is_needed():
    found = homes()
    assert not [name for name in INTERFACES if len(found[name]) < 2]


def test_arrays_are_named_in_one_place():
    mine = {name for name, _ in given_out(ROOT / "foldscape" / "arrays.py")}
    paths = [path for path in (ROOT / "foldscape").rglob("*.py") if path.name != "arrays.py"]
    assert mine
    assert not [(str(path), name) for path in paths for name, _ in given_out(path) if name in mine]


PAGE_INTERFACES = {
    "Controls": "the controls of a page",
    "actionOf": "what a key does on a page",
    "form": "what the button of a kind of study asks for",
    "phaseWords": "what is being done with a row of a study, in words",
    "readAddress": "a page's state from its address",
    "shape": "the spec of a study in a few words",
    "showPast": "the list of earlier jobs",
    "showTable": "the table of a page",
    "standing": "where a run or a job stands, in words",
    "writeAddress": "a page's address from its state",
}


def test_one_name_has_one_meaning_in_the_pages():
    exported = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) (\w*[a-z]\w*)", re.MULTILINE)
    found = defaultdict(list)
    for path in sorted((ROOT / "frontend" / "assets").rglob("*.mjs")):
        for name in exported.findall(path.read_text()):
            found[name].append(str(path.relative_to(ROOT)))
    several = {name: where for name, where in found.items() if len(where) > 1 and name not in PAGE_INTERFACES}
    assert not several, several
    assert not [name for name in PAGE_INTERFACES if len(found[name]) < 2]
