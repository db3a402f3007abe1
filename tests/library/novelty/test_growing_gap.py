"""A trained net leaves the memoriser behind where texts are new."""

import pytest

import foldscape
from foldscape.errors import NotOnDisk

TEXTS = {
    "data": {"kind": "ag_news", "part": "subset", "encoder": {"kind": "characters", "dims": 128}},
    "net": {"wiring": "char_cnn", "hidden": [64], "length": 128, "output_scale": 1},
    "optimizer": {"kind": "adam", "lr": 0.002},
    "batch": 64,
    "stop": {"epochs": 6},
    "probes": [{"kind": "novelty", "every": 6}],
}


@pytest.mark.slow
def test_the_gap_to_the_memoriser_grows_with_novelty_on_part_of_ag_news():
    """Over six seeds it grew by .055 to .088, with a standard error of .020 over test points: 2.7 to 4.3 of them."""
    spec = foldscape.RunSpec.model_validate(TEXTS)
    try:
        told = [event for event in foldscape.run(spec) if event.kind == "novelty"][-1].values
    except NotOnDisk as missing:
        pytest.skip(str(missing))
    assert told["memoriser_fall"] > 6 * told["memoriser_fall_error"]
    assert told["gap_growth"] > 1.5 * told["gap_growth_error"]
