"""What people write: trimmed, seen, and no longer than it may be."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foldscape.words import line, lines, some


@pytest.mark.parametrize("text", ["", "a", "élan 漢字 🦉", "a" * 80, "x'; DROP", "=1+1", "naïve"])
def test_what_can_be_seen_is_kept(text):
    assert line(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("   ", "shows nothing"),
        ("\u3164\u2800", "shows nothing"),
        ("a\0b", r"U\+0000 \(a control character\)"),
        ("a\u202eb", r"U\+202E \(right-to-left override\)"),
        ("a\u200bb", r"U\+200B \(zero width space\)"),
        ("\ufeff", r"U\+FEFF"),
        ("a\ud800", r"U\+D800"),
        ("a\nb", r"U\+000A"),
        ("a\u2028b", r"U\+2028"),
        ("a" * 81, "has 81 characters; allowed are at most 80"),
    ],
)
def test_what_hides_is_named(text, said):
    with pytest.raises(ValueError, match=said):
        line(text)


def test_lines_may_be_several():
    assert lines(" a\r\n\tb\n") == "a\n\tb"
    with pytest.raises(ValueError, match="empty; allowed are 1 to 80"):
        some("")


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_what_is_kept_is_trimmed_and_stays_as_it_is(text):
    try:
        kept = line(text)
    except ValueError:
        return
    assert kept == kept.strip() == line(kept)
    assert not any(unicodedata.category(letter).startswith("C") for letter in kept)
