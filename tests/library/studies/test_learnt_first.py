"""The study of who is learnt first: counts of the library, its binomial curve, and what is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.studies.learnt_first import LearntFirstStudy
from foldscape.studies.learnt_first.findings import limit
from foldscape.training.learnt_first import learnt_first

SMALL = {
    "runs": 6,
    "base": {"data": {"kind": "digits"}, "net": {"hidden": [16]}, "batch": 16, "corrupt": {"labels": 0.5}},
}


@pytest.fixture(scope="module")
def study():
    return LearntFirstStudy.model_validate(SMALL)


@pytest.fixture(scope="module")
def told(study):
    return list(study.run())


def test_the_rows_are_what_the_library_counts(study, told):
    rows = {row.name: row for row in told[-1].rows}
    for name, row in rows.items():
        found = learnt_first(study.setting(name), runs=6)
        masks = {"all": found.counts >= 0, "clean": ~found.corrupted, "corrupted": found.corrupted}
        assert [part.name for part in row.parts] == (["clean", "corrupted"] if name == "mixed" else ["all"])
        for part in row.parts:
            own = found.of(masks[part.name])
            assert part.counts == tuple(np.bincount(own.counts, minlength=7))
            assert part.excess == own.excess
            assert sum(part.binomial) == pytest.approx(sum(part.counts))
            assert np.dot(part.binomial, range(7)) == pytest.approx(np.dot(part.counts, range(7)))


def test_every_run_is_told_and_the_last_says_what_was_found(told):
    assert [one.share for one in told] == sorted(one.share for one in told)
    assert len(told) == 1 + 4 * 6 + 1
    assert all(not one.findings for one in told[:-1])
    holds = {finding.key: finding.holds for finding in told[-1].findings}
    assert holds.keys() == {"true.easier", "labels.alike", "inputs.alike", "mixed.clean_first"}
    assert holds["true.easier"] == holds["mixed.clean_first"] == "yes"
    assert "with true labels" in told[-1].verdict


def test_the_table_has_a_line_a_number_of_runs(study, told):
    names, lines = study.table([row.model_dump(mode="json") for row in told[-1].rows])
    table = [dict(zip(names, line, strict=True)) for line in lines]
    assert len(table) == 7 * 5
    assert sum(line["counted"] for line in table if line["row"] == "mixed") == 1437


def test_alike_points_stay_below_the_limit():
    rng = np.random.default_rng(0)
    excess = [rng.binomial(20, 0.4, 500).var() / (20 * 0.24) for _ in range(1000)]
    assert np.mean(np.array(excess) <= limit(500)) == pytest.approx(0.975, abs=0.015)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rows": ["true", "true"]}, "names one of them twice"),
        ({"base": SMALL["base"] | {"corrupt": {}}}, "rows mixed needs corrupted points"),
        ({"runs": 500, "epochs": 100}, "take fewer runs, epochs or rows"),
        ({"base": SMALL["base"] | {"growth": {"schedule": {"kind": "periodic"}}}}, "grows the net"),
        ({"base": {"data": {"kind": "nothing"}}}, "nothing"),
    ],
)
def test_what_cannot_be_run_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        LearntFirstStudy.model_validate(SMALL | given)
