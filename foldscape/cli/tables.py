"""Tables as CSV: to a file, or to the standard output for the next program."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from foldscape.csv_text import write_csv


def write_table(where: str, lines: Iterable[Iterable[Any]]) -> None:
    """Write lines as CSV; what is not known is empty.

    Args:
        where: A file, or ``-`` for the standard output.
        lines: The cells of each line, the heading first.
    """
    if where == "-":
        write_csv(sys.stdout, lines)
        return
    with open(where, "w", newline="", encoding="utf-8") as file:
        write_csv(file, lines)
