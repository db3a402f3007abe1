"""Sets of pictures from tiny archives in the published form, and classes shared out to tasks."""

import gzip
import hashlib
import io
import tarfile

import numpy as np
import pytest

from foldscape.data import cifar10, cifar100, fashion_mnist, grey, store
from foldscape.data.base import Split
from foldscape.data.cifar10 import Cifar10
from foldscape.data.cifar100 import Cifar100
from foldscape.data.fashion_mnist import FashionMnist
from foldscape.data.mnist import Mnist
from foldscape.data.pictures import members, scaled
from foldscape.data.store import Remote
from foldscape.data.tasks import class_tasks, points_of
from foldscape.errors import InvalidInput


def archive(files):
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w:gz") as tar:
        for name, content in files.items():
            told = tarfile.TarInfo(name)
            told.size = len(content)
            tar.addfile(told, io.BytesIO(content))
    return into.getvalue()


def idx(array):
    head = np.array([0x800 + array.ndim, *array.shape], ">u4").tobytes()
    return head + array.tobytes()


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Take some bytes for a published file, in place of those that a module names."""
    monkeypatch.setenv("FOLDSCAPE_DATA", str(tmp_path))

    def put(folder, name, content):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(content)
        return Remote(name, f"sha256:{hashlib.sha256(content).hexdigest()}")

    yield put
    for module in (cifar10, cifar100, grey):
        module._split.cache_clear()


def coloured(rng, points, labels):
    return np.hstack([*labels, rng.integers(0, 256, (points, 3072))]).astype(np.uint8)


def test_cifar100_is_read_by_its_fine_classes(published, monkeypatch):
    rng = np.random.default_rng(0)
    train, test = (
        coloured(rng, count, (rng.integers(0, 20, (count, 1)), (np.arange(count) % 100)[:, None]))
        for count in (2000, 300)
    )
    files = {
        "cifar-100-binary/fine_label_names.txt": b"apple\n",
        "cifar-100-binary/train.bin": train.tobytes(),
        "cifar-100-binary/test.bin": test.tobytes(),
    }
    monkeypatch.setattr(cifar100, "_WHOLE", published("cifar100", "cifar-100-binary.tar.gz", archive(files)))
    split = Cifar100().load(0)
    assert split.shape == (3, 32, 32)
    assert (split.train_y.tolist(), split.test_y.tolist()) == (train[:, 1].tolist(), test[:, 1].tolist())
    assert np.array_equal(split.test_x, test[:, 2:].astype(np.float32) / np.float32(255))
    assert split.train_x.flags.owndata
    assert split.train_x.flags.c_contiguous


def test_cifar100_names_a_hundred_classes_in_alphabetical_order():
    names = Cifar100().names
    assert len(set(names)) == 100
    assert list(names) == sorted(names)
    assert (names[1], names[53], names[99]) == ("aquarium fish", "orange", "worm")


def test_cifar10_is_read_batch_by_batch(published, monkeypatch):
    rng = np.random.default_rng(1)
    names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    each = {name: coloured(rng, 30, [(np.arange(30) % 10)[:, None]]) for name in names}
    files = {f"cifar-10-batches-bin/{name}.bin": each[name].tobytes() for name in reversed(names)}
    monkeypatch.setattr(cifar10, "_WHOLE", published("cifar10", "cifar-10-binary.tar.gz", archive(files)))
    split = Cifar10().load(0)
    learnt = np.concatenate([each[name] for name in names[:5]])
    assert np.array_equal(split.train_x, learnt[:, 1:].astype(np.float32) / np.float32(255))
    assert np.array_equal(split.test_y, each["test_batch"][:, 0])


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "plain"])
def test_sets_in_the_form_of_mnist_are_read(published, monkeypatch, packed):
    rng = np.random.default_rng(2)
    arrays = [
        part
        for count in (500, 40)
        for part in (rng.integers(0, 256, (count, 28, 28), np.uint8), (np.arange(count) % 10).astype(np.uint8))
    ]
    kind, name = (FashionMnist, "part{}.gz") if packed else (Mnist, "part{}")
    contents = [gzip.compress(idx(one)) if packed else idx(one) for one in arrays]
    files = tuple(published(kind().folder, name.format(number), each) for number, each in enumerate(contents))
    monkeypatch.setattr(f"{kind.__module__}._FILES", files)
    split = kind().load(0)
    assert split.shape == (1, 28, 28)
    assert np.array_equal(split.train_x, arrays[0].reshape(500, 784).astype(np.float32) / np.float32(255))
    assert split.test_y.tolist() == arrays[3].tolist()


def test_fashion_mnist_names_its_classes_and_asks_for_the_published_files():
    one = FashionMnist()
    assert (one.names[0], one.names[9], len(one.names)) == ("T-shirt", "ankle boot", 10)
    assert all(file.digest.startswith("md5:") and file.name.endswith(".gz") for file in one.files)
    assert fashion_mnist._FILES[0].urls[1].endswith("data/fashion/train-images-idx3-ubyte.gz")
    assert Mnist().identity != one.identity


@pytest.mark.parametrize("kind", [FashionMnist, Cifar100], ids=lambda kind: kind().kind)
def test_the_published_set_has_its_classes_evenly(kind, load):
    split = load(kind())
    assert set(np.bincount(split.train_y)) == {50_000 // 100 if kind is Cifar100 else 6000}
    assert set(np.bincount(split.test_y)) == {100 if kind is Cifar100 else 1000}
    assert store.folders(kind().folder)


def test_scaling_pixels_makes_no_second_copy():
    pixels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(scaled(pixels), pixels.astype(np.float32) / np.float32(255))
    [one] = members(archive({"a": bytes(range(12))}), ["a"], 4)
    assert one.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


@pytest.mark.parametrize("tasks", [10, 20])
def test_a_hundred_classes_make_10_or_20_tasks(tasks):
    for seed in (None, 1993):
        each = class_tasks(100, tasks, seed)
        assert {len(classes) for classes in each} == {100 // tasks}
        assert sorted(one for classes in each for one in classes) == list(range(100))
        assert each == class_tasks(100, tasks, seed)
    assert class_tasks(100, tasks, 1) != class_tasks(100, tasks, 2)


def test_the_points_of_a_task_are_those_of_its_classes():
    y = np.arange(40) % 4
    split = Split(np.zeros((40, 2), np.float32), y, np.zeros((4, 2), np.float32), np.arange(4), 4)
    train, test = points_of(split, class_tasks(4, 2)[1])
    assert set(y[train]) == {2, 3}
    assert len(train) == 20
    assert test.tolist() == [2, 3]


def test_tasks_of_unequal_sizes_are_refused():
    with pytest.raises(InvalidInput, match="100 classes cannot be shared out equally to 30 tasks"):
        class_tasks(100, 30)
