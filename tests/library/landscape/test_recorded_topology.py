"""The topology of a landscape as rows: told look by look, the same after a stop, in a table and in words."""

import numpy as np
import orjson
import pytest

from foldscape.landscape import FinishedCells
from foldscape.landscape.recorded.rows import LandscapeProgress, arrays_of, block_row, row
from foldscape.landscape.recorded.topology import TopologyOfRows, completed
from foldscape.landscape.recorded.topology_table import topology_lines, topology_words
from foldscape.landscape.spec import Plane

SIDE = 5
AXIS = np.linspace(-1, 1, SIDE)
LOSSES = np.array([[0, 3, 5, 3, 1], [3, 3, 9, 3, 3], [7, 9, 9, 9, 9], [4, 4, 9, 8, 8], [2, 4, 9, 8, np.inf]], float)
COARSE, FINE = [0, 2, 4, 10, 12, 14, 20, 22, 24], [cell for cell in range(25) if cell % 2 or (cell // 5) % 2]


def plain(*rows):
    return [orjson.loads(one.as_json()) for one in rows]


def ground():
    plane = Plane(resolution=SIDE, stages=(3,)).model_dump(mode="json")
    return row("ground", {"plane": plane}, {"axis_x": AXIS, "axis_y": AXIS})


def block(cells, done):
    rows, columns = np.divmod(np.array(cells), SIDE)
    nothing = np.full(len(cells), np.nan)
    values = {"train_loss": LOSSES[rows, columns], "train_accuracy": nothing}
    values |= {"test_loss": nothing, "test_accuracy": nothing}
    return block_row([FinishedCells(rows=rows, columns=columns, **values, done=done, total=25, stage=SIDE)], SIDE)


def told(hears, *rows):
    return [one for one in hears.beside(LandscapeProgress(share=0.5, doing="", rows=rows)).rows if one not in rows]


def test_each_look_is_told_once_when_it_is_complete():
    hears = TopologyOfRows()
    assert told(hears, ground()) == []
    assert told(hears, block(COARSE[:4], 4)) == []
    (coarse,) = plain(*told(hears, block(COARSE[4:], 9)))
    assert (coarse["key"], coarse["side"], coarse["of"]) == ("topology.train", 3, 5)
    assert arrays_of(coarse)["lowest"].tolist() == [0, 20, 4]  # counted in the whole grid
    assert told(hears, block(FINE[:7], 16)) == []
    (fine,) = plain(*told(hears, block(FINE[7:], 25)))
    assert (fine["key"], fine["side"], fine["basins"], fine["walls"]) == ("topology.train", 5, 4, 1)
    assert told(hears, block(FINE[7:], 25)) == []


@pytest.mark.parametrize("known", [0, 4, 9, 16, 25])
def test_another_attempt_tells_what_is_left_and_the_same(known):
    whole = [ground(), block(COARSE[:4], 4), block(COARSE[4:], 9), block(FINE[:7], 16), block(FINE[7:], 25)]
    counts = [0, 4, 9, 16, 25]
    before = whole[: counts.index(known) + 1]
    first = TopologyOfRows()
    kept = {one.key: one for each in before for one in (each, *told(first, each))}
    again = TopologyOfRows(plain(*kept.values()))
    new = [one for each in whole[len(before) :] for one in told(again, each)]
    ends = kept | {one.key: one for one in new}
    assert ends["topology.train"] == completed_row(whole)
    assert len(new) == (known < 9) + (known < 25)


def completed_row(whole):
    hears = TopologyOfRows()
    return [one for each in whole for one in told(hears, each)][-1]


def test_a_landscape_kept_without_its_topology_is_completed_once():
    rows = plain(ground(), block(COARSE, 9), block(FINE, 25))
    once = completed(rows)
    assert [one["key"] for one in once[3:]] == ["topology.train"]
    assert completed(once) == once
    assert completed(plain(block(COARSE, 9))) == plain(block(COARSE, 9))


def test_each_way_has_its_own():
    t = np.linspace(0, 1, 5)
    losses = np.array([0, 1, 3, 0.5, 0.25], np.float32)
    way = row("way.linear", {}, {"t": t, "train_loss": losses, "train_accuracy": t, "test_loss": losses + 1})
    rows = completed(plain(way))
    assert [one["key"] for one in rows[1:]] == ["topology.linear.train", "topology.linear.test"]
    assert [one["roughness"] for one in rows[1:]] == [2.75, 2.75]
    lines = list(topology_lines(rows))
    assert lines[2][:8] == ["linear", "test", 5, "basin", 2, "1", "", "1.25"]
    assert next(iter(topology_words(rows))).startswith("test loss on the linear way: 2 basins at least ")


def test_the_table_and_the_words_have_the_numbers():
    rows = completed(plain(ground(), block(COARSE, 9), block(FINE, 25)))
    head, *lines = topology_lines(rows)
    assert all(len(line) == len(head) for line in lines)
    first, second, *_ = (dict(zip(head, line, strict=True)) for line in lines)
    assert (first["loss"], first["end_loss"], first["parent"], first["end_x"]) == ("0", "inf", "", "")
    assert (second["x"], second["y"], second["loss"], second["end_loss"]) == ("-1", "1", "2", "7")
    assert (second["end_x"], second["end_y"], second["persistence"], second["parent"]) == ("-1", "0", "5", 1)
    (words,) = topology_words(rows)
    said = "training loss: 4 basins at least 0.045 deep, 4 of any depth; roughness 10; 1 wall (no finite loss)."
    assert words == said
