"""What people write: names, tags, notes, questions. Trimmed, and refused where it shows nothing or hides what is shown.

A name of spaces makes a row without a name; control and format characters (zero-width, right-to-left override) make one
name look like another, and break a terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

NAME, TAG, NOTES = 80, 40, 10_000
"""Characters at the most."""

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks by their class that show nothing."""


def line(text: str, most: int = NAME) -> str:
    """Give a text of one line as it is kept: trimmed.

    Args:
        text: What somebody wrote; an empty one is kept as it is.
        most: Characters at the most.

    Returns:
        The trimmed text.

    Raises:
        ValueError: If it shows nothing, holds a character that cannot be seen, or is longer.

    Example:
        >>> line("  quiet heron ")
        'quiet heron'
    """
    return _kept(text, most, "")


def lines(text: str, most: int = NOTES) -> str:
    """Give a text that may have several lines as it is kept, as ``line`` does."""
    return _kept(text.replace("\r\n", "\n"), most, "\n\t")


def some(text: str, most: int = NAME) -> str:
    """Give a text of one line as it is kept, as ``line`` does; an empty one is refused too."""
    if not text:
        raise ValueError(f"the text is empty; allowed are 1 to {most} characters")
    return line(text, most)


def _kept(text: str, most: int, also: str) -> str:
    kept = text.strip()
    if len(kept) > most:
        raise ValueError(f"the text has {len(kept):,} characters; allowed are at most {most:,}")
    for letter in kept:
        if letter not in also and unicodedata.category(letter) in _HIDDEN:
            called = unicodedata.name(letter, "a control character").lower()
            raise ValueError(f"the character U+{ord(letter):04X} ({called}) cannot be seen; write the text without it")
    if text and not kept.strip(_BLANK + " "):
        raise ValueError("the text shows nothing; write something that can be seen")
    return kept


def _text(check: Callable[[str, int], str], most: int, least: int = 0) -> Any:
    schema = {"type": "string", "maxLength": most, **({"minLength": least} if least else {})}
    return Annotated[str, AfterValidator(lambda text: check(text, most)), WithJsonSchema(schema)]


if TYPE_CHECKING:
    Name = str
    NewName = str
    Tag = str
    Notes = str
else:
    Name = _text(line, NAME)
    NewName = _text(some, NAME, 1)
    Tag = _text(some, TAG, 1)
    Notes = _text(lines, NOTES)
RunName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""What a run is called in specs: its id on a server, any such name elsewhere."""
Tags = Annotated[list[Tag], Field(max_length=20)]
