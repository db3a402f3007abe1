"""Compare groups of runs: aligned by a clock, paired by seed, judged by tests that know their floor.

``compare(curves)`` gives everything at once; the parts can be used alone. Nothing here imports torch.

Example:
    >>> from foldscape.comparison import Curve, compare
    >>> def run(seed, grows, sharpness):
    ...     columns = {"updates": [0, 10], "epoch": [0, 1], "train_loss": [1.0, 0.1], "lambda_none": [9.0, sharpness]}
    ...     return Curve(f"{grows}{seed}", "", {"method": grows}, seed, columns)
    >>> runs = [run(seed, "grown", 1.0) for seed in range(6)] + [run(seed, "fixed", 2.0 + seed) for seed in range(6)]
    >>> [verdict.reading for verdict in compare(runs, by="loss").verdicts]
    ['flatter']
"""

from foldscape.comparison.align import CLOCKS, Clock, Point, clock_of, common_target, value_at, words_of
from foldscape.comparison.band import Band, band, grid_of
from foldscape.comparison.comparable import Comparability, comparability
from foldscape.comparison.compare import Comparison, compare
from foldscape.comparison.contrast import Contrast, contrasts
from foldscape.comparison.curve import COLUMNS, Curve
from foldscape.comparison.group import Group, groups_of, key_of
from foldscape.comparison.measures import measured
from foldscape.comparison.table import Table, table
from foldscape.comparison.verdict import Verdict, verdicts
from foldscape.measures.declared import FLATNESS, MEASURES

__all__ = [
    "CLOCKS",
    "COLUMNS",
    "FLATNESS",
    "MEASURES",
    "Band",
    "Clock",
    "Comparability",
    "Comparison",
    "Contrast",
    "Curve",
    "Group",
    "Point",
    "Table",
    "Verdict",
    "band",
    "clock_of",
    "common_target",
    "comparability",
    "compare",
    "contrasts",
    "grid_of",
    "groups_of",
    "key_of",
    "measured",
    "table",
    "value_at",
    "verdicts",
    "words_of",
]
