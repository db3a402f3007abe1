"""Tables as CSV. Names and settings are what people write: no cell of text is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, TextIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Letters with which a spreadsheet takes a cell for something to be worked out (OWASP, CSV injection)."""


def csv_text(lines: Iterable[Iterable[Any]]) -> str:
    r"""Write lines as CSV.

    Args:
        lines: The cells of each line; ``None`` is an empty cell.

    Returns:
        The text, a line break after every line.

    Example:
        >>> csv_text([["name", "loss"], ["=1+1", 0.5], ["-0.5", None]])
        "name,loss\n'=1+1,0.5\n-0.5,\n"
    """
    text = io.StringIO()
    write_csv(text, lines)
    return text.getvalue()


def write_csv(file: TextIO, lines: Iterable[Iterable[Any]]) -> None:
    """Write lines as CSV to an open file.

    Args:
        file: Where to; opened with ``newline=""``.
        lines: The cells of each line; ``None`` is an empty cell.
    """
    csv.writer(file, lineterminator="\n").writerows([_disarmed(cell) for cell in line] for line in lines)


def _disarmed(cell: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would work out; a number stays one."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and not text[0].isspace()
