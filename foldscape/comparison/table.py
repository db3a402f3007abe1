"""The table of a comparison: a row a group, ready for the screen, for CSV and for LaTeX."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.comparison.align import Point, value_at
from foldscape.comparison.compare import Comparison
from foldscape.comparison.curve import json_numbers
from foldscape.comparison.group import Group
from foldscape.comparison.measures import measured
from foldscape.comparison.verdict import Verdict
from foldscape.csv_text import csv_text
from foldscape.measures.declared import MEASURES, TOLD, measure_of

ALWAYS = {name: measure.label for name, measure in MEASURES.items() if measure.always}
ABOUT = {"method": "method", "batch": "batch", "neurons": "final size"}
JUDGED = {"ratio": "ratio [95 %]", "p": "p (Holm)", "reading": "reading"}
HEADS = ABOUT | {name: label for name, label in ALWAYS.items() if name != "neurons"} | JUDGED
"""The columns that every table has, and what they are called; more where probes have measured more."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would work out instead of showing it."""
TEX = {
    **{letter: f"\\{letter}" for letter in "&%_#${}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "÷": r"$\div$",
    "λ": r"$\lambda$",
}
"""What LaTeX writes for letters that mean something to it, or that its fonts lack."""


@dataclass(frozen=True)
class Table:
    """The table of a comparison.

    Attributes:
        caption: Where the groups are aligned, what the numbers are and how many runs there are.
        rows: One a group: of each column the words, and under ``values`` the numbers behind them.
        heads: The columns and what they are called.
    """

    caption: str
    rows: list[dict[str, Any]]
    heads: dict[str, str]

    def csv(self) -> str:
        """Write it as CSV: a line with the caption, the heads, then a line a group."""
        return csv_text(
            [[f"# {self.caption}"], self.heads, *([_cell(name, row[name]) for name in self.heads] for row in self.rows)]
        )

    def latex(self) -> str:
        """Write it as a LaTeX ``table`` with ``booktabs``."""
        lines = [[_tex(head) for head in self.heads.values()]]
        lines += [[_tex(row[name]) for name in self.heads] for row in self.rows]
        written = [" & ".join(line) + r" \\" for line in lines]
        body = "\n".join([r"\toprule", written[0], r"\midrule", *written[1:], r"\bottomrule"])
        frame = f"\\begin{{tabular}}{{{'l' * len(self.heads)}}}\n{body}\n\\end{{tabular}}"
        return f"\\begin{{table}}\n\\centering\n{frame}\n\\caption{{{_tex(self.caption)}}}\n\\end{{table}}\n"

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON, both texts included."""
        return {
            "caption": self.caption, "heads": self.heads, "rows": self.rows, "csv": self.csv(), "latex": self.latex(),
        }  # fmt: skip


def table(comparison: Comparison, measure: str = "lambda_element") -> Table:
    """Lay a comparison out as a table.

    Args:
        comparison: The comparison.
        measure: The measure whose ratio, p and reading are given; each is judged against itself only. Where the runs
            may not be compared, the caption says why instead.

    Returns:
        The caption, and one row a group.

    Raises:
        InvalidInput: When there is no such measure.
    """
    heads = _heads(comparison)
    rows = [_row(group, comparison, measure, heads) for group in comparison.groups]
    label = measure_of(measure).label
    refused = "" if comparison.comparable.ok else f" {comparison.comparable.words}"
    said = f"{comparison.words}.{refused} Ratio, p and reading: {label}. Means over seeds, geometric for losses and"
    spread = "flatness, ± one standard deviation (a factor for geometric means), number of runs in brackets."
    return Table(f"{said} {spread}", rows, heads)


def _heads(comparison: Comparison) -> dict[str, str]:
    """Give the columns that every table has, with those that events told of any run."""
    curves = [curve for group in comparison.groups for curve in group.curves]
    told = [MEASURES[name] for name in TOLD]
    more = {measure.name: measure.label for measure in measured(curves, told)}
    return {name: head for name, head in HEADS.items() if name not in JUDGED} | more | JUDGED


def _row(group: Group, comparison: Comparison, measure: str, heads: dict[str, str]) -> dict[str, Any]:
    point = comparison.point
    values = {name: _at(group, point, name) for name in heads if name in MEASURES}
    words = {name: _said(name, found) for name, found in values.items()}
    words["neurons"] = _whole(np.array([_final(curve["neurons"]) for curve in group.curves]))
    own = [row for row in comparison.verdicts if row.contrast.first is group and row.measure.name == measure]
    return {
        "key": group.key, "method": group.name, "batch": str(group.settings.get("batch", "")), **words,
        **_judged(own), "values": {name: json_numbers(found) for name, found in values.items()},
    }  # fmt: skip


def _judged(rows: list[Verdict]) -> dict[str, str]:
    """Give ratio, p and reading; several where the group is held against several others."""
    ratios = [f"{_effect(r)} [{_figure(r.ratio.low)}, {_figure(r.ratio.high)}]" for r in rows]
    flagged = [f"{row.reading}{' (losses differ)' if row.flag else ''}" for row in rows]
    p = [_figure(row.p_holm, 2) for row in rows]
    return {name: "; ".join(parts) for name, parts in (("ratio", ratios), ("p", p), ("reading", flagged))}


def _effect(row: Verdict) -> str:
    return f"×{_figure(row.ratio.value)}" if row.measure.log else f"{row.ratio.value:+.3g}"


def _at(group: Group, point: Point | None, name: str) -> Float64Array:
    if point is None:
        return np.full(len(group.curves), np.nan)
    return np.array([value_at(curve, point.by, point.target, name)[0] for curve in group.curves])


def _said(name: str, values: Float64Array) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "–"
    if MEASURES[name].log:
        return _geometric(known)
    if MEASURES[name].unit == "share":
        spread = f" ± {known.std(ddof=1):.3f}" if len(known) > 1 else ""
        return f"{known.mean():.3f}{spread} [{len(known)}]"
    return f"{_figure(float(known.mean()))} [{len(known)}]"


def _geometric(values: Float64Array) -> str:
    positive = np.log(values[values > 0])
    if not len(positive):
        return "–"
    spread = f" ×÷{math.exp(positive.std(ddof=1)):.2f}" if len(positive) > 1 else ""
    return f"{_figure(math.exp(positive.mean()))}{spread} [{len(positive)}]"


def _whole(values: Float64Array) -> str:
    known = sorted({int(value) for value in values if math.isfinite(value)})
    return "–" if not known else str(known[0]) if len(known) == 1 else f"{known[0]}–{known[-1]}"


def _final(column: Float64Array) -> float:
    known = column[np.isfinite(column)]
    return float(known[-1]) if len(known) else math.nan


def _figure(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}g}" if math.isfinite(value) else "–"


def _cell(name: str, words: str) -> str:
    """Keep a name that begins like a formula from being worked out; what we write ourselves never is one."""
    return f"'{words}" if name in ("method", "batch") and words.startswith(FORMULA) else words


def _tex(words: str) -> str:
    return "".join(TEX.get(letter, letter) for letter in words)
