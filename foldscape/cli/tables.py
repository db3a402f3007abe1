"""Tables as CSV: to a file, or to the standard output for the next program."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def write_csv(where: str, lines: Iterable[Sequence[Any]]) -> None:
    """Write lines as CSV; what is not known is empty.

    Args:
        where: A file, or ``-`` for the standard output.
        lines: The lines, the heading first.
    """
    rows = (["" if value is None else value for value in line] for line in lines)
    if where == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return
    with open(where, "w", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
