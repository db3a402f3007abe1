"""Every word that the schema uses for what is measured or chosen stands in the glossary."""

import re
from pathlib import Path
from typing import get_args

from foldscape.growth import Schedule
from foldscape.growth.naming import rule_names
from foldscape.landscape.recorded.spec import LandscapeSpec
from foldscape.measures.declared import MEASURES
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.probes import Probe
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.vocabulary import CLOCKS, METHODS, PARTS, STATES
from frontend.pages.glossary import TEXT

ROWS = re.findall(r"^\| (.+?) \| (.+?) \| ?(.*?) ?\|$", TEXT.read_text(), re.MULTILINE)
ROWS = [row for row in ROWS if row[0] != "term"]
TERMS = {term.strip() for names, _, _ in ROWS for term in names.split(", ")}


def kinds_of(union):
    return {each.model_fields["kind"].default.replace("_", " ") for each in get_args(get_args(union)[0])}


def test_every_measure_is_explained():
    assert {column.label for column in MEASURES.values()} - TERMS == set()


def test_every_probe_rule_and_schedule_is_explained():
    assert set(kinds("foldscape.probes", Probe)) - TERMS == set()
    assert set(rule_names().values()) - TERMS == set()
    assert kinds_of(Schedule) - TERMS == set()


def test_every_optimiser_loss_and_net_is_explained():
    assert {each.model_fields["kind"].default for each in (SGD, Momentum, Adam)} - TERMS == set()
    assert set(RunSpec.model_json_schema()["properties"]["loss"]["enum"]) - TERMS == set()


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
