"""Landscapes of anybody's module, from a pair of arrays or a loader, and their figures."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from foldscape import landscape
from foldscape.curvature import Objective, top_eigenpairs
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.direction import Direction

DOCS = Path(__file__).parents[3] / "docs" / "landscape.md"


def test_a_slice_along_the_sharpest_direction(moons, moons_net):
    found = landscape.slice(moons_net, moons, "v1", reach=0.5, points=41, test=moons)
    sharpest = float(top_eigenpairs(moons_net, *moons).values[0])
    assert found.direction.curvature == pytest.approx(sharpest, rel=1e-3)
    assert found.t[20] == 0
    assert found.train.loss[20] == found.loss == found.parabola[20]
    np.testing.assert_array_equal(found.train.loss, found.test.loss)
    figure = found.figure()
    assert [trace.name for trace in figure.data] == ["training", "test", "curvature", "the net"]
    assert "v1" in figure.layout.title.text
    assert "parameter units" in figure.layout.xaxis.title.text


def test_a_plane_of_a_convolutional_net_from_a_loader(digits):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 10))
    x, y = torch.tensor(digits[0][:64].reshape(-1, 1, 8, 8)), torch.tensor(digits[1][:64])
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=20)
    told = []
    found = landscape.plane(net, loader, ("random 3", "gradient"), resolution=7, progress=lambda *now: told.append(now))
    assert told[-1] == (49, 49)
    assert found.surface.known.all()
    net.eval()
    with torch.no_grad():
        assert found.surface.train_loss[3, 3] == pytest.approx(float(nn.functional.cross_entropy(net(x), y)))
    contour, surface = found.figure(), found.figure("surface", "train_accuracy")
    assert contour.data[0].type == "contour"
    assert contour.layout.xaxis.title.text == "random 3 (neuron sizes)"
    assert surface.data[0].type == "surface"
    assert surface.layout.scene.zaxis.title.text == "training accuracy"
    with pytest.raises(InvalidInput, match="no such values"):
        found.figure(of="test_loss")


def test_directions_of_a_plane_can_be_turned_and_compared(moons, moons_net):
    torch.manual_seed(5)
    other = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
    found = landscape.plane(moons_net, moons, (other, "random"), orthogonal=True, resolution=5, progress=False)
    assert found.cosine != 0
    assert found.first.cosine(found.second) == pytest.approx(0, abs=1e-12)
    exact = Objective.of(other, *moons).loss()
    assert found.surface.train_loss[2, 4] == pytest.approx(exact, rel=1e-5)
    relative = landscape.plane(
        moons_net, moons, scale="neuron-relative", reach=(-0.5, 1.0), resolution=4, progress=False
    )
    assert (relative.surface.x[0], relative.surface.x[-1]) == (-0.5, 1)
    assert relative.first.unit == "neuron sizes"


def test_a_path_shows_its_share_and_stands_on_the_surface(moons):
    torch.manual_seed(2)
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    x, y = (torch.as_tensor(part) for part in moons)
    optimiser, states = torch.optim.SGD(net.parameters(), lr=0.3), []
    for _ in range(30):
        states.append({name: tensor.clone() for name, tensor in net.state_dict().items()})
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    found = landscape.path(net, [*states, net], (x, y), resolution=9, progress=False)
    assert 0.8 < found.path.share <= 1
    np.testing.assert_allclose(found.path.coordinates[-1], 0, atol=1e-9)
    x_axis, y_axis = found.surface.x, found.surface.y
    assert (
        (found.path.coordinates > (x_axis[0], y_axis[0])) & (found.path.coordinates < (x_axis[-1], y_axis[-1]))
    ).all()
    assert (np.diff(found.losses) < 0).all()
    assert "of the movement" in found.figure().layout.title.text
    assert [trace.name for trace in found.figure("surface").data][1:] == ["path"]


def test_points_that_are_not_finite_are_crossed_out(moons, moons_net):
    steep = Direction("steep", np.full(354, 1e30), ())
    found = landscape.plane(moons_net, moons, (steep, "random"), resolution=3, progress=False)
    figure = found.figure(log=True)
    assert figure.data[1].name == "not finite"
    assert len(figure.data[1].x) == 6
    assert np.isnan(figure.data[0].z).sum() == 6


def test_a_loss_of_ones_own(moons, moons_net):
    found = landscape.slice(
        moons_net, moons, "random", loss=lambda out, y: nn.functional.multi_margin_loss(out, y), points=5
    )
    with torch.no_grad():
        x, y = (torch.as_tensor(part) for part in moons)
        assert found.loss == pytest.approx(float(nn.functional.multi_margin_loss(moons_net(x), y)))


def test_what_cannot_be_shown_is_refused(moons, moons_net):
    for direction in ("v0", "v21", "sharpest", "random x"):
        with pytest.raises(InvalidInput, match="no direction"):
            landscape.slice(moons_net, moons, direction)
    with pytest.raises(InvalidInput, match="cannot be read"):
        landscape.slice(moons_net, 7)
    with pytest.raises(InvalidInput, match="no batch"):
        landscape.slice(moons_net, [])
    with pytest.raises(NotPossible, match="1,002,001 points"):
        landscape.plane(moons_net, moons, resolution=1001, budget=0.1)
    with pytest.raises(InvalidInput, match="A state has no"):
        landscape.path(moons_net, [{}, {}], moons)


def test_a_bar_is_shown_where_tqdm_is_installed(moons, moons_net, monkeypatch):
    bars = []

    class Bar:
        n = 0

        def __init__(self, total, unit):
            self.total = total
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.closed = True

        def update(self, by):
            self.n += by

    module = ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    monkeypatch.setattr("foldscape.landscape.progress.find_spec", lambda name: name)
    landscape.plane(moons_net, moons, resolution=5)
    assert (bars[0].n, bars[0].total, bars[0].closed) == (25, 25, True)


def test_the_example_of_the_manual_runs():
    code = DOCS.read_text().split("```python\n")[1].split("```")[0]
    names = {}
    exec(compile(code, str(DOCS), "exec"), names)
    assert names["plane"].surface.known.all()
    assert names["line"].barrier > names["curve"].barrier


def test_a_plane_without_room_is_refused_in_words(moons_net, moons):
    with pytest.raises(InvalidInput, match="resolution"):
        landscape.plane(moons_net, moons, resolution=2, progress=False)
