"""The reference pages tell what the code does."""

from docs.generate import stale


def test_the_reference_pages_are_true():
    assert stale() == [], "run `make docs`"
