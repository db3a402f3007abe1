"""Several planes at once: each is the plane of its two directions, stopped and gone on with to the same bits."""

import numpy as np
import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

import foldscape
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.recorded import follow, record
from foldscape.landscape.recorded.rows import gathered, joined_blocks, row
from foldscape.landscape.recorded.spec import LandscapeSpec

SPEC = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [5]}, "stop": {"epochs": 12}, "seed": 1}
RANDOM = [{"kind": "random", "seed": seed} for seed in range(4)]


@pytest.fixture(scope="module")
def run():
    return record(foldscape.RunSpec.model_validate(SPEC))


def planes_of(run, **changes):
    return foldscape.landscape.of_run(run, {"view": "planes", "planes": {"resolution": 9, **changes}})


def test_T_H_12_each_is_the_plane_of_its_two_directions(run):
    plot = planes_of(run, directions=RANDOM, reach=[-0.5, 1.0]).plot()
    assert list(plot.surfaces) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for i, j in plot.surfaces:
        whole = {
            "first": RANDOM[i],
            "second": RANDOM[j],
            "x_reach": [-0.5, 1.0],
            "y_reach": [-0.5, 1.0],
            "resolution": 9,
        }
        alone = foldscape.landscape.of_run(run, {"view": "plane", "plane": whole}).plot()
        for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
            np.testing.assert_array_equal(getattr(plot.plane(i, j).surface, name), getattr(alone.surface, name))
        np.testing.assert_array_equal(plot.plane(i, j).surface.x, alone.surface.x)


def test_T_H_12_of_a_torch_module_too():
    import torch

    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 6), torch.nn.Tanh(), torch.nn.Linear(6, 2))
    data = torch.randn(30, 2), torch.arange(30) % 2
    found = foldscape.landscape.planes(net, data, ("random 0", "random 1", "gradient"), resolution=7, progress=False)
    alone = foldscape.landscape.plane(net, data, ("random 1", "gradient"), resolution=7, progress=False)
    np.testing.assert_array_equal(found.plane(1, 2).surface.train_loss, alone.surface.train_loss)
    sharp = foldscape.landscape.planes(net, data, 3, resolution=5, progress=False)
    assert [one.name for one in sharp.directions] == ["v1", "v2", "v3"]
    assert len(sharp.figure().data) == 3
    with pytest.raises(InvalidInput, match="6 directions span no planes"):
        foldscape.landscape.planes(net, data, 6)


def test_the_middle_of_every_plane_is_the_net_and_they_share_a_colour_scale(run):
    plot = planes_of(run).plot()
    middles = {float(surface.train_loss[4, 4]) for surface in plot.surfaces.values()}
    assert len(middles) == 1
    low, high = plot.limits()
    assert low == min(surface.train_loss.min() for surface in plot.surfaces.values())
    scale = plot.figure().layout.coloraxis
    assert (scale.cmin, scale.cmax) == (low, high)
    with pytest.raises(InvalidInput, match="no plane of the directions 1 and 0"):
        plot.plane(1, 0)


def test_principal_directions_reach_as_far_as_the_path(run):
    directions = [{"kind": "path", "index": index} for index in (1, 2, 3)]
    found = planes_of(run, directions=directions, reach=None)
    ground = found.arrays("ground")
    assert np.allclose(ground["directions"] @ ground["directions"].T, np.eye(3), atol=1e-9)
    for line, along in zip(ground["axes"], ground["path"].T, strict=True):
        assert line[0] < along.min()
        assert line[-1] > along.max()
        assert np.abs(line).min() < 1e-9
    moved = ground["path"] @ ground["directions"]
    assert np.allclose(moved @ ground["directions"].T, ground["path"], atol=1e-9)


def test_a_landscape_that_goes_on_ends_in_the_same_bits(run):
    asked = TypeAdapter(LandscapeSpec).validate_python(
        {"view": "planes", "run": "run", "planes": {"directions": RANDOM[:3], "resolution": 21}}
    )
    told = [one for step in follow(asked, lambda name: run, threads=1) for one in step.rows]
    rows = {one.key: orjson.loads(one.as_json()) for one in told}
    whole = gathered(list(rows.values()))[-1]
    index, values = joined_blocks(rows.values())
    kept = [rows["ground"]]
    some = index < 500
    kept.append(orjson.loads(row("cells.500", {"done": 500}, {"index": index[some], "values": values[:, some]}).text))
    more = [one for step in follow(asked, lambda name: run, rows=kept, threads=1) for one in step.rows]
    again = {one["key"]: one for one in kept} | {one.key: orjson.loads(one.as_json()) for one in more}
    index_again, values_again = joined_blocks(again.values())
    assert sorted(index_again) == sorted(index) == list(range(3 * 21**2))
    np.testing.assert_array_equal(values_again[:, np.argsort(index_again)], values[:, np.argsort(index)])
    assert whole["key"] == "cells"


def test_the_table_names_the_directions(run):
    heading, *lines = planes_of(run, directions=RANDOM[:3]).lines()
    assert heading[:4] == ["x_along", "y_along", "x", "y"]
    assert len(lines) == 3 * 81
    assert lines[0][:4] == ["random 0", "random 1", "-1", "-1"]
    assert lines[-1][:4] == ["random 1", "random 2", "1", "1"]


@pytest.mark.parametrize(
    ("planes", "words"),
    [
        ({"directions": RANDOM[:1]}, "at least 2"),
        ({"directions": [{"kind": "random", "seed": seed} for seed in range(6)]}, "at most 5"),
        ({"directions": [RANDOM[0], RANDOM[1], RANDOM[0]]}, "directions 1 and 3 are the same"),
        ({"reach": [1, -1]}, "the first number must be the smaller"),
        ({"directions": [*RANDOM, {"kind": "gradient"}], "resolution": 401}, "cells is too large"),
    ],
)
def test_planes_that_cannot_be_are_refused(planes, words):
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(LandscapeSpec).validate_python({"view": "planes", "run": "run", "planes": planes})


def test_a_path_too_short_for_so_many_directions_is_refused():
    short = record(foldscape.RunSpec.model_validate(SPEC | {"stop": {"epochs": 2}}))
    directions = [{"kind": "path", "index": index} for index in (1, 2, 3, 4)]
    with pytest.raises(NotPossible, match="does not span"):
        planes_of(short, directions=directions, reach=None)
