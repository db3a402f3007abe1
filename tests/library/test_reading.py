"""Reading YAML: what PyYAML gives where both read, and a line where a text cannot be read or would never end."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from foldscape.reading import MAX_DRAFT, NotReadable, read_file, read_mapping, read_text

BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back(value):
    assert read_text(yaml.safe_dump(value)) == value
    ascii_text = json.dumps(value)
    if "\\ud" not in ascii_text:
        assert read_text(ascii_text) == yaml.safe_load(ascii_text)


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing", "a: yes\nb: ~\nc: 0x1f\nd: 1_000\ne: .inf\nf: 1e3\ng: 1.5e+3",
        "- 1\n- [2, {x: y}]", "a: |\n  b\n  c",
        "a: '1'\nb: !!str 2\nc: !!float 3", "base: &b {x: 1, y: [2]}\nmore: {<<: *b, x: 3}\nsame: *b",
        "\ufeffa: 1", "--- {a: 1}", "a: {<<: [{x: 1}, {x: 2, y: 3}]}",
    ],
)  # fmt: skip
def test_it_reads_as_pyyaml_does(text):
    assert read_text(text) == yaml.safe_load(text)


def test_a_date_is_a_text():
    assert read_text("a: 2026-02-28") == {"a": "2026-02-28"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x: 1\ny: 2\nx: 3", 3, "the key 'x' stands twice, first in line 1"),
        ("a:\n  b: 1\n  b: 1", 3, "the key 'b' stands twice, first in line 2"),
        ('{"seed": 1,\n"seed": 2}', 2, "the key 'seed' stands twice"),
        ("a: 1\nb: 2026-02-31", 2, "'2026-02-31' is no date"),
        ("a: " + "9" * 5000, 1, "a number of 5,000 digits"),
        ("a: &a {b: *a}", 1, "*a holds itself"),
        ("a: *b", 1, "*b stands for nothing"),
        ("a: !!int abc", 1, "'abc' is no whole number"),
        ("a: !!python/object:os.system ls", 1, "the tag !!python/object:os.system"),
        ("a: !!binary aGk=", 1, "the tag !!binary"),
        ("a: !mine {}", 1, "the tag !mine"),
        ("a:\n\t- b", 2, "here stands a tab"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("a: 1\nb: \0", 2, "the character U+0000"),
        ("a: \ud800", 1, "the character U+D800"),
        ("a: [1,\n 2", 2, "did not find expected"),
        ("a: 'b", 1, "unexpected end of stream"),
        ("? [1]\n: 2", 1, "cannot be a key"),
        ("[" * 60 + "]" * 60, 1, "nested deeper than 40 levels"),
        ("- " * 100_000, 1, "nested deeper than 40 levels"),
        (f"a: &a {'[' * 21}1{']' * 21}\nb: {'[' * 21}*a{']' * 21}", 2, "nested deeper"),
        (BOMB, 7, "more than 1,000,000 values"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_the_line(text, line, said):
    with pytest.raises(NotReadable) as told:
        read_text(text)
    assert told.value.line == line
    assert told.value.message.startswith(f"line {line}: ")
    assert said in told.value.message


def test_an_alias_costs_what_it_stands_for():
    values = "a: &a [" + "1, " * 999 + "1]\n"
    many = MAX_DRAFT // 1001
    assert len(read_text(values + f"b: [{', '.join(['*a'] * (many - 2))}]", MAX_DRAFT)["b"]) == many - 2
    with pytest.raises(NotReadable, match="those that aliases repeat included"):
        read_text(values + f"b: [{', '.join(['*a'] * many)}]", MAX_DRAFT)


@pytest.mark.parametrize(("text", "what"), [("- 1", "a list"), ("words", "a text"), ("12", "the value 12")])
def test_fields_are_a_mapping(text, what):
    with pytest.raises(NotReadable, match=f"the text is {what}, not a mapping"):
        read_mapping(text)
    assert read_mapping("# nothing\n") == {}


def test_a_file_that_is_no_text_names_the_line(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"a: 1\nb: \xff")
    with pytest.raises(NotReadable, match="line 2: byte 8 is no UTF-8"):
        read_file(path)


def test_the_name_of_a_field_is_a_text_where_yaml_knows_it_as_a_truth_value():
    assert read_text("early_stop: {on: validation_loss}") == {"early_stop": {"on": "validation_loss"}}
    assert read_text("{yes: 1, 'no': 2, true: 3}") == {"yes": 1, "no": 2, "true": 3}
    with pytest.raises(NotReadable, match="'on' stands twice"):
        read_text("on: 1\n'on': 2")
