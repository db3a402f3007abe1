import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from foldscape.comparison import Point, band, compare, groups_of, table, value_at, words_of
from foldscape.comparison.table import HEADS
from foldscape.errors import InvalidInput
from tests.library.comparison.made import curve, group

LOSSES = (1.0, 0.1)
FIXED = [2.0, 3.0, 2.5, 4.0, 3.5, 2.2, 2.8, 3.1]
GROWN = [value * factor for value, factor in zip(FIXED, (0.5, 0.6, 0.55, 0.7, 0.4, 0.52, 0.66, 0.58), strict=True)]


def two_groups():
    return group("grown", GROWN) + group("fixed", FIXED)


def test_a_verdict_is_the_ratio_its_interval_the_exact_p_and_a_word():
    [row] = compare(two_groups()).verdicts
    assert row.ratio.value == pytest.approx(scipy.stats.gmean(GROWN) / scipy.stats.gmean(FIXED))
    assert row.ratio.low < row.ratio.value < row.ratio.high < 1
    assert row.p == row.p_holm == row.floor == 2 / 2**8
    assert row.reading == "flatter"
    [other] = compare(two_groups(), against="grown").verdicts
    assert other.reading == "sharper"
    assert other.ratio.value == pytest.approx(1 / row.ratio.value)


def test_no_reading_ever_says_better():
    rows = [*compare(two_groups()).verdicts, *compare(two_groups(), against="grown").verdicts]
    assert {row.reading for row in rows} <= {"flatter", "sharper", "undecided"}


def test_five_pairs_decide_nothing_however_clear_they_look():
    [row] = compare(group("grown", [1.0] * 5) + group("fixed", [9.0] * 5)).verdicts
    assert row.ratio.value == pytest.approx(1 / 9)
    assert (row.p, row.reading) == (0.0625, "undecided")
    assert "cannot go below" in row.to_json()["floor_words"]


def test_groups_without_shared_seeds_are_judged_unpaired():
    [row] = compare(group("grown", GROWN) + group("fixed", FIXED, first_seed=50)).verdicts
    assert row.sizes == (8, 8)
    theirs = scipy.stats.permutation_test(
        (np.log(GROWN), np.log(FIXED)), lambda a, b, axis: a.mean(axis) - b.mean(axis), n_resamples=np.inf
    )
    assert row.p == pytest.approx(theirs.pvalue, abs=1e-12)


def test_a_pair_that_never_comes_to_the_point_is_left_out_and_counted():
    short = curve(7, "fixed", losses=(1.0, 0.5), lambda_none=[FIXED[7]] * 2)
    runs = [*group("grown", GROWN), *group("fixed", FIXED[:7]), short]
    [row] = compare(runs, by="loss", target=0.1).verdicts
    assert (len(row.first), row.left_out) == (7, 1)
    [row] = compare(runs).verdicts  # by default the last loss that all reach
    assert (row.point.target, row.left_out) == (0.5, 0)


def test_a_measure_without_a_positive_value_is_left_out():
    [row] = compare(group("grown", [-1.0, *GROWN[1:]]) + group("fixed", FIXED)).verdicts
    assert (len(row.first), row.left_out) == (7, 1)


def test_rows_are_corrected_together_and_granularities_stand_side_by_side():
    def both(method, values):
        return [
            curve(seed, method, losses=LOSSES, lambda_none=[value] * 2, lambda_element=[value / 7] * 2, trace=[5.0] * 2)
            for seed, value in enumerate(values)
        ]

    rows = compare(both("grown", GROWN) + both("fixed", FIXED)).verdicts
    assert [row.measure.name for row in rows] == ["lambda_none", "lambda_element", "trace"]
    assert [row.p for row in rows] == [2 / 256, 2 / 256, 1.0]
    assert [row.p_holm for row in rows] == pytest.approx([6 / 256, 6 / 256, 1.0])
    assert [row.reading for row in rows] == ["flatter", "flatter", "undecided"]
    assert rows[0].ratio.value == pytest.approx(rows[1].ratio.value)


def test_the_other_readings_are_always_beside():
    """At equal loss the grown nets are flatter; after equally many updates they are not."""

    def slow(seed, value):
        return curve(seed, "grown", losses=(1.0, 0.5, 0.1), lambda_none=[value * 9, value * 2, value / 2])

    def quick(seed, value):
        return curve(seed, "fixed", losses=(1.0, 0.1), lambda_none=[value * 9, value])

    runs = [make(seed, value) for make in (slow, quick) for seed, value in enumerate(FIXED)]
    [row] = compare(runs, by="loss").verdicts
    assert row.reading == "flatter"
    beside = {other["by"]: other for other in row.to_json()["others"]}
    assert set(beside) == {"updates", "epochs"}
    assert beside["updates"]["reading"] == "sharper"
    assert beside["updates"]["same"] is False
    assert beside["updates"]["ratio"] == pytest.approx(2.0)
    [by_updates] = compare(runs, by="updates").verdicts
    assert by_updates.reading == "sharper"
    assert {other.point.by for other in by_updates.others} == {"loss", "epochs"}


def test_losses_more_than_a_tenth_apart_raise_a_flag_where_the_loss_is_not_the_clock():
    apart = group("grown", GROWN, losses=(1.0, 0.5)) + group("fixed", FIXED, losses=(1.0, 0.1))
    assert "differ by ×5" in compare(apart, by="updates").verdicts[0].flag
    assert compare(apart, by="loss").verdicts[0].flag == ""
    near = group("grown", GROWN, losses=(1.0, 0.109)) + group("fixed", FIXED, losses=(1.0, 0.1))
    assert compare(near, by="updates").verdicts[0].flag == ""


def test_what_is_not_comparable_gets_no_verdict():
    runs = two_groups()
    runs[0] = type(runs[0]).from_json({**runs[0].to_json(), "data": "other"})
    found = compare(runs)
    assert found.verdicts == []
    assert found.comparable.differs == ("data",)
    again = compare([run for run in runs if run.run in found.comparable.common])
    assert again.comparable.ok
    assert len(again.verdicts[0].first) == 7


def test_groups_on_several_data_sets_are_judged_within_each():
    runs = [
        curve(seed, method, losses=LOSSES, lambda_none=[value] * 2, settings={"data": {"kind": data}})
        for data in ("rings", "moons")
        for method, values in (("grown", GROWN), ("fixed", FIXED))
        for seed, value in enumerate(values)
    ]
    runs = [type(run).from_json({**run.to_json(), "data": run.settings["data"]["kind"]}) for run in runs]
    rows = compare(runs).verdicts
    names = [f"grown · {data} / fixed · {data}" for data in ("rings", "moons")]
    assert [row.contrast.name for row in rows] == names
    assert [row.p_holm for row in rows] == [4 / 256] * 2
    alone = compare([run for run in runs if run.grows or run.data == "rings"])
    assert (alone.verdicts, alone.comparable.differs) == ([], ("data",))
    assert compare(runs, against="fixed · rings").verdicts == []


def test_one_group_or_no_clock_gives_no_verdict():
    assert compare(group("grown", GROWN)).verdicts == []
    assert compare(two_groups(), by="flops").verdicts == []
    assert compare(two_groups(), by="flops").words.startswith("not aligned")


def test_a_verdict_is_plain_json_without_nan():
    [row] = compare(group("grown", [1.0]) + group("fixed", [2.0])).verdicts
    told = json.loads(json.dumps(row.to_json(), allow_nan=False))
    assert (told["ratio"], told["low"], told["p"]) == (0.5, None, 1.0)
    assert "×0.5" in row.words


def test_the_table_has_a_row_a_group_and_says_its_alignment_everywhere():
    runs = [
        curve(seed, method, losses=LOSSES, settings={"batch": 16}, test_accuracy=[0.5, 0.9 + 0.01 * seed],
              lambda_element=[value] * 2, neurons=[size, 10], flops=[0, 600.0])
        for method, values, size in (("grown", GROWN, 1), ("fixed", FIXED, 10))
        for seed, value in enumerate(values)
    ]  # fmt: skip
    comparison = compare(runs)
    found = table(comparison, "lambda_element")
    grown, fixed = found.rows
    assert (grown["method"], grown["batch"], grown["neurons"]) == ("grown", "16", "10")
    accuracy = 0.9 + 0.01 * np.arange(8)
    assert grown["test_accuracy"] == f"{accuracy.mean():.3f} ± {accuracy.std(ddof=1):.3f} [8]"
    assert grown["reading"] == "flatter"
    assert grown["p"] == "0.0078"
    assert grown["ratio"].startswith(f"×{comparison.verdicts[0].ratio.value:.3g} [")
    assert (fixed["reading"], fixed["lambda_none"]) == ("", "–")
    assert grown["values"]["lambda_element"] == pytest.approx(GROWN)
    assert words_of(Point("loss", 0.1)) in found.caption
    lines = list(csv.reader(io.StringIO(found.csv())))
    assert lines[0][0].startswith("# aligned by equal training loss: 0.1 nats")
    assert [len(line) for line in lines[1:]] == [len(HEADS)] * 3
    tex = found.latex()
    assert "aligned by equal training loss" in tex
    assert tex.count(r"\\") == 3
    assert not set("±×÷λ") & set(tex)


def test_nothing_here_loads_torch():
    import subprocess
    import sys

    code = "import sys, foldscape.comparison; print({'torch', 'numba', 'scipy', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_more_pairs_narrow_the_interval():
    few = compare(group("grown", GROWN[:4]) + group("fixed", FIXED[:4])).verdicts[0].ratio
    many = compare(group("grown", GROWN * 3) + group("fixed", FIXED * 3)).verdicts[0].ratio
    assert math.log(many.high / many.low) < math.log(few.high / few.low)


def three_measures(method, values, accuracy):
    return [
        curve(seed, method, losses=LOSSES, lambda_none=[value] * 2, lambda_element=[value / 7] * 2,
              trace=[5.0 + seed] * 2, test_accuracy=[0.1, accuracy + seed / 1000])
        for seed, value in enumerate(values)
    ]  # fmt: skip


def test_the_measure_that_was_fixed_beforehand_decides_alone_and_the_others_are_corrected_together():
    runs = three_measures("grown", GROWN, 0.9) + three_measures("fixed", FIXED, 0.8)
    found = compare(runs, primary="lambda_element")
    rows = {row.measure.name: row for row in found.verdicts}
    assert [name for name, row in rows.items() if row.decides] == ["lambda_element"]
    assert (rows["lambda_element"].p_holm, rows["lambda_element"].rows) == (2 / 256, 1)
    assert (rows["lambda_none"].p_holm, rows["lambda_none"].rows) == (4 / 256, 2)
    assert found.answer.startswith("Flatter: grown / fixed, λ by element ×0.5")
    assert found.answer.endswith("8 pairs, p 0.0078.")
    assert compare(runs).answer == ""


def test_accuracy_may_be_what_was_fixed_beforehand_and_is_compared_by_its_difference():
    runs = three_measures("grown", GROWN, 0.9) + three_measures("fixed", FIXED, 0.8)
    found = compare(runs, primary="test_accuracy")
    [row] = [row for row in found.verdicts if row.decides]
    assert (row.reading, row.ratio.value) == ("higher", pytest.approx(0.1))
    assert found.answer.startswith("Higher: grown / fixed, test accuracy +0.1 [")
    laid = table(found, "test_accuracy").rows[0]
    assert (laid["ratio"][:5], laid["reading"]) == ("+0.1 ", "higher")
    unpaired = three_measures("grown", GROWN, 0.9) + [
        replace(c, seed=c.seed + 50) for c in three_measures("fixed", FIXED, 0.8)
    ]
    [row] = [row for row in compare(unpaired, primary="test_accuracy").verdicts if row.decides]
    assert (row.reading, row.ratio.value) == ("higher", pytest.approx(0.1))


@pytest.mark.parametrize(
    "ask",
    [
        lambda runs: compare(runs, primary="sharpness"),
        lambda runs: compare(runs, by="noon"),
        lambda runs: table(compare(runs), "sharpness"),
        lambda runs: value_at(runs[0], "loss", 0.1, "sharpness"),
        lambda runs: value_at(runs[0], "noon", 0.1, "trace"),
        lambda runs: band(groups_of(runs)[0], "loss", "sharpness"),
    ],
)
def test_unknown_measures_and_clocks_are_refused_with_those_that_there_are(ask):
    with pytest.raises(InvalidInput, match=r"lambda_none, .*trace|loss, updates, epochs"):
        ask(two_groups())


def test_names_of_groups_harm_neither_latex_nor_a_spreadsheet():
    runs = [curve(seed, losses=LOSSES, lambda_none=[1.0] * 2, settings={"kind": kind})
            for kind in ("=cmd|a$b {x}~y^z\\w", "plain") for seed in range(2)]  # fmt: skip
    found = table(compare(runs), "lambda_none")
    assert found.rows[0]["method"].startswith("=cmd")
    tex = found.latex()
    assert r"=cmd\textbar{}a\$b \{x\}\textasciitilde{}y\textasciicircum{}z\textbackslash{}" in tex
    cells = [line[0] for line in csv.reader(io.StringIO(found.csv()))]
    assert [cell[:5] for cell in cells if "cmd" in cell] == ["'=cmd"]
