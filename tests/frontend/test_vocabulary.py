"""Page, command line and exports say the same: all of them read one vocabulary."""

import numpy as np

from foldscape.cli.run import SHOWN, _rows
from foldscape.cli.sweep import _head
from foldscape.comparison.align import CLOCKS
from foldscape.events import COLUMNS, Metrics
from foldscape.growth import GrowthRule
from foldscape.growth.naming import rule_name, rule_names
from foldscape.measures.declared import MEASURES
from foldscape.registry import kinds
from foldscape.vocabulary import CLOCKS as CLOCK_WORDS
from foldscape.vocabulary import STATES
from frontend.vocabulary import MODULE, module
from workers.states import State


def test_the_pages_have_the_words_of_today():
    assert MODULE.read_text() == module(), "run `python -m frontend.vocabulary`"


def test_every_state_and_clock_has_its_words():
    assert set(STATES) == {state.value for state in State}
    assert tuple(CLOCK_WORDS) == CLOCKS


def test_a_rule_is_called_as_its_schema_says():
    for kind, rule in kinds("foldscape.growth", GrowthRule).items():
        assert rule_names()[kind] == (rule.model_json_schema()["name"] or kind.replace("_", " "))
    assert (rule_name("north"), rule_name("of_a_plugin")) == ("NORTH*", "of a plugin")


def test_the_terminal_calls_measures_as_pages_and_tables_do():
    row = Metrics(step=1, seq=0, values=np.arange(len(COLUMNS), dtype=np.float64))
    assert [name for name, _ in _rows(row)] == [MEASURES[name].label for name in SHOWN]
    assert [_head(name) for name in MEASURES] == [column.label for column in MEASURES.values()]
    assert _head("lambda_none") == "λ raw"
