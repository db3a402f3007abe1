"""What a sweep would look for in vain: said by field, and whether it comes by itself."""

import pytest

from foldscape.data import store
from foldscape.data.mnist import Mnist
from foldscape.sweep import SweepSpec
from foldscape.sweep.needs import needs


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("FOLDSCAPE_DATA", str(tmp_path / "given"))
    for name, folder in (("XDG_CACHE_HOME", "cache"), ("HF_HOME", "models")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    return tmp_path / "given"


def needed(data, **vary):
    return needs(
        SweepSpec.model_validate({"base": {"data": data}, "vary": vary, "primary": {"measure": "lambda_layer"}})
    )


def test_what_is_made_needs_nothing():
    assert needed({"kind": "rings"}) == needed({"kind": "digits"}) == needed({"kind": "ag_news_lite"}) == []


def test_a_published_set_is_downloaded_until_its_files_are_here(nothing_here):
    (need,) = needed({"kind": "mnist"})
    assert (need.path, need.what, need.comes) == ("base.data", "mnist", True)
    assert "will be downloaded" in need.message
    assert "train-images-idx3-ubyte" in need.message
    folder = nothing_here / "mnist"
    folder.mkdir(parents=True)
    for remote in Mnist().files:
        (folder / f"{remote.name}.gz").touch()
    assert needed({"kind": "mnist"}) == []


def test_a_file_without_an_address_has_to_be_brought():
    (need,) = needed({"kind": "ag_news", "part": "subset"})
    assert (need.what, need.comes) == ("ag_news", False)
    assert "train_subset.csv" in need.message
    assert "test.csv of" not in need.message
    assert str(store.folders("ag_news")[-1]) in need.message


def test_each_need_is_said_once_at_the_setting_that_makes_it():
    found = needed({"kind": "rings"}, set={"plane": {}, "pictures": {"data": {"kind": "mnist"}}}, batch=[10, 20])
    assert [(need.path, need.what) for need in found] == [("vary.set.pictures", "mnist")]


def test_an_encoder_says_what_it_lacks(nothing_here):
    found = needed({"kind": "cola_lite", "encoder": {"kind": "transformer", "name": "no/such-model", "dims": 16}})
    assert [(need.what, need.comes) for need in found] == [("encoder transformer", False)]
    assert "no/such-model" in found[0].message
