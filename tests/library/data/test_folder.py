"""A folder of pictures: what it holds, who may read it, and what is said of broken ones."""

import threading

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

import foldscape
from foldscape.data import folder_files
from foldscape.data.folder import PictureFolder
from foldscape.data.folder_place import folder_of
from foldscape.errors import InvalidInput, NotOnDisk
from foldscape.hosting import Allowed, confined, is_hosted
from foldscape.spec import RunSpec
from foldscape.stored import read_stored

COLOURS = {"blue sky": (20, 40, 200), "grass": (10, 180, 30), "sand": (220, 190, 120)}


@pytest.fixture
def pets(tmp_path, monkeypatch):
    """A folder of 24 pictures in three colours, of several sizes and kinds of file."""
    monkeypatch.setenv("FOLDSCAPE_DATA", str(tmp_path / "data"))
    root = tmp_path / "data" / "pets"
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (root / name).mkdir(parents=True)
        for number in range(8):
            size = (int(rng.integers(20, 60)), int(rng.integers(20, 60)), 3)
            pixels = np.clip(np.array(colour) + rng.integers(-10, 10, size), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.{'png' if number % 2 else 'JPG'}", "png")
    (root / "grass" / "notes.txt").write_text("no picture")
    (root / ".hidden").mkdir()
    (root / "empty").mkdir()
    return root


def spec(**data):
    plain = {"data": {"kind": "folder", "path": "pets", "side": 8} | data, "net": {"hidden": [8]}, "probes": []}
    return RunSpec.model_validate(plain | {"stop": {"epochs": 3}, "batch": 6})


def test_folders_are_classes_and_pictures_come_in_one_size(pets):
    run = spec()
    split = run.load()
    assert (run.data.names, run.data.classes, run.data.size) == (("blue sky", "grass", "sand"), 3, 24)
    assert split.shape == (3, 8, 8)
    assert (len(split.train_x), len(split.test_x)) == (18, 6) == (run.data.train_size, run.data.size - 18)
    assert np.bincount(split.test_y).tolist() == [2, 2, 2]
    means = split.train_x.reshape(18, 3, -1).mean(axis=2) * 255
    for mean, label in zip(means, split.train_y, strict=True):
        np.testing.assert_allclose(mean, COLOURS[run.data.names[label]], atol=12)


def test_grey_pictures_have_one_plane(pets):
    run = spec(colour=False, side=6)
    assert run.load().shape == (1, 6, 6)
    assert run.data.image_shape == (6, 6)


def test_a_run_learns_from_it(pets):
    rows = [event for event in foldscape.run(spec()) if event.kind == "metrics"]
    assert rows[-1].values[1] < rows[0].values[1]


def test_a_wide_picture_is_cut_to_its_middle(tmp_path):
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    assert folder_files._square(tmp_path / "wide.png", 10, colour=True).min() == 255


def test_what_is_in_it_is_written_down_and_a_change_is_noticed(pets):
    run = spec()
    assert run.data.contents.counts == (8, 8, 8)
    again = RunSpec.model_validate_json(run.model_dump_json())
    assert again == run
    (pets / "sand" / "0.JPG").unlink()
    with pytest.raises(NotOnDisk, match="no longer holds the pictures"):
        run.load()
    with pytest.raises(ValidationError, match=r"data\.contents are not those"):
        RunSpec.model_validate_json(run.model_dump_json())
    assert spec().data.identity != run.data.identity
    stored = read_stored(RunSpec, run.model_dump_json())  # it is shown all the same
    assert (stored.data.size, stored.data.names) == (24, run.data.names)


def test_broken_pictures_are_named(pets):
    (pets / "grass" / "0.JPG").write_bytes(b"no picture")
    (pets / "sand" / "1.png").write_bytes((pets / "sand" / "3.png").read_bytes()[:200])
    with pytest.raises(InvalidInput, match=r"2 of the 24 pictures .* grass/0\.JPG \(.*sand/1\.png"):
        spec().load()


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [
        ("MOST_PICTURES", 20, "24 pictures in 3 classes; at most 20"),
        ("MOST_BYTES", 300, "more than 0 MB"),
        ("MOST_CLASSES", 2, "at most 100,000 in 2"),
    ],
)
def test_too_much_is_refused_before_anything_is_read(pets, monkeypatch, limit, most, words):
    monkeypatch.setattr(folder_files, limit, most)
    with pytest.raises(ValidationError, match=words):
        spec()


def test_a_picture_of_too_many_pixels_is_named(pets, monkeypatch):
    monkeypatch.setattr(folder_files, "MOST_PIXELS", 700)
    with pytest.raises(InvalidInput, match="more than 0 million"):
        spec().load()


def test_more_numbers_than_fit_are_refused(pets, monkeypatch):
    monkeypatch.setattr("foldscape.data.folder.MOST_VALUES", 1000)
    with pytest.raises(ValidationError, match=r"data\.side 8 makes 4,608 numbers of 24 pictures"):
        spec()


@pytest.mark.parametrize(
    ("path", "words"),
    [("missing", "There is no folder"), ("pets/grass", "holds pictures of 0 classes"), ("a\0b", "no path has")],
)
def test_a_folder_that_cannot_be_read_is_refused_by_its_path(pets, path, words):
    with pytest.raises(ValidationError, match=rf"data\.path (.|\n)*{words}"):
        spec(path=path)


def test_a_spec_can_be_made_before_the_folder_is_there(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    one = PictureFolder()
    assert (one.features, one.contents) == (3072, None)
    with pytest.raises(NotOnDisk, match="There is no folder"):
        one.load(0)


def test_strangers_read_only_what_was_laid_out_for_them(pets, tmp_path):
    outside = tmp_path / "private"
    outside.mkdir()
    (pets.parent / "link").symlink_to(outside)
    assert folder_of("pets") == pets
    assert folder_of(str(outside)) == outside
    with confined(Allowed(())):
        assert folder_of("pets") == pets
        assert folder_of(str(pets)) == pets
        for path in (str(outside), "../private", "link", ".", "/"):
            with pytest.raises(InvalidInput, match="Only folders below FOLDSCAPE_DATA"):
                folder_of(path)
        with pytest.raises(ValidationError, match=r"data\.path \.\./private: Only folders below"):
            spec(path="../private")


def test_strangers_read_nothing_where_nothing_was_laid_out(monkeypatch, tmp_path):
    monkeypatch.delenv("FOLDSCAPE_DATA", raising=False)
    with confined(Allowed(())), pytest.raises(InvalidInput, match="FOLDSCAPE_DATA is not set"):
        folder_of("pets")


def test_hosting_holds_within_its_block_alone():
    with confined(Allowed(())):
        assert is_hosted()
        other = []
        thread = threading.Thread(target=lambda: other.append(is_hosted()))
        thread.start()
        thread.join()
    assert (is_hosted(), other) == (False, [False])
