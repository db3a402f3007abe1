"""Every word that the schema uses for what is measured or chosen stands in the glossary."""

import re
from pathlib import Path
from typing import get_args

import pytest

from foldscape.growth.naming import rule_names
from foldscape.landscape.recorded.spec import LandscapeSpec
from foldscape.measures.declared import MEASURES
from foldscape.spec import RunSpec
from foldscape.vocabulary import CLOCKS, METHODS, PARTS, STATES
from frontend.pages.glossary import TEXT

ROWS = re.findall(r"^\| (.+?) \| (.+?) \| ?(.*?) ?\|$", TEXT.read_text(), re.MULTILINE)
ROWS = [row for row in ROWS if row[0] != "term"]
TERMS = {term.strip() for names, _, _ in ROWS for term in names.split(", ")}


SCHEMA = RunSpec.model_json_schema()


def said(node):
    """Give every kind or name that a property of the schema may be."""
    if "$ref" in node:
        definition = SCHEMA["$defs"][node["$ref"].rpartition("/")[2]]
        kind = definition.get("properties", {}).get("kind", {})
        return {kind["const"]} if "const" in kind else set(definition.get("enum", ()))
    inner = [each for key in ("anyOf", "oneOf", "allOf") for each in node.get(key, ())] + [node.get("items", {})]
    return set(node.get("enum", ())).union(*(said(each) for each in inner if each))


def test_every_measure_is_explained():
    assert {column.label for column in MEASURES.values()} - TERMS == set()


CHOSEN = ("loss", "optimizer", "terms", "lr_schedule", "batch_schedule", "probes", "average", "resample")


@pytest.mark.parametrize("field", CHOSEN)
def test_every_kind_that_a_run_may_choose_is_explained(field):
    found = {kind.replace("_", " ") for kind in said(SCHEMA["properties"][field])}
    assert found
    assert found - TERMS == set()


def test_every_rule_and_when_it_grows_is_explained():
    growth = SCHEMA["$defs"]["Growth"]["properties"]
    assert {kind.replace("_", " ") for kind in said(growth["schedule"])} - TERMS == set()
    assert set(rule_names().values()) - TERMS == set()


def test_every_view_of_a_landscape_is_explained():
    views = {each.model_fields["view"].default for each in get_args(get_args(LandscapeSpec)[0])}
    assert views - TERMS == set()


def test_every_word_of_the_vocabulary_is_explained():
    words = {*PARTS.values(), *STATES.values(), *METHODS.values(), *(clock.name for clock in CLOCKS.values())}
    assert words - TERMS == set()


def test_no_term_has_two_lines_and_each_says_something():
    terms = [term for names, _, _ in ROWS for term in names.split(", ")]
    assert len(terms) == len(set(terms)) > 100
    assert all(len(words) > 10 for _, words, _ in ROWS)


def test_the_manual_has_the_pages_glossary():
    assert (Path(__file__).parent.parent / "docs" / "glossary.md").read_text() == TEXT.read_text()
