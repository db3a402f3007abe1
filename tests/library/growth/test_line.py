"""A fold laid by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.growth.base import Scene
from foldscape.growth.folds.gain import predicted_gain
from foldscape.growth.line import Line
from foldscape.net.mlp import Weights
from tests.library.growth.folded import BOX, trained

NET, SCENE = trained((4,))


def laid(net=NET, scene=SCENE, **line):
    return Line(**line).propose(net, scene, np.random.default_rng(0))


@pytest.mark.parametrize("net", [NET, replace(NET, activation="leaky_relu")])
@pytest.mark.parametrize("side", [1, -1])
def test_the_drawn_line_is_the_fold(net, side):
    a, b = (-1.0, 0.5), (2.0, 1.5)
    unit = laid(net, a=a, b=b, side=side)
    np.testing.assert_allclose(np.array([a, b]) @ unit.incoming + unit.bias, 0, atol=1e-12)
    left = np.array([0.5, 1.0]) + np.array([-1.0, 3.0])
    assert side * (unit.incoming @ left + unit.bias) > 0
    assert np.linalg.norm(unit.incoming) == pytest.approx(net.mean_row_norm(0))
    assert not unit.outgoing.any()


def test_the_explanation():
    unit = laid(a=(-1, 0.5), b=(2, 1.5), side=-1)
    told = unit.explanation
    assert set(told) == {"line", "side", "direction", "fold_point", "gain", "dial"}
    assert json.loads(json.dumps(told)) == told
    assert (told["line"], told["side"]) == ([[-1, 0.5], [2, 1.5]], -1)
    assert told["fold_point"] == pytest.approx([0.5, 1.0])
    assert told["gain"] == unit.score == predicted_gain(NET, 0, unit.incoming, unit.bias, SCENE.x, SCENE.y)
    w = NET.mean_row_norm(0) * np.array([np.cos(told["dial"]["angle"][7]), np.sin(told["dial"]["angle"][7])])
    gain = predicted_gain(NET, 0, w, -float(w @ told["fold_point"]), SCENE.x, SCENE.y)
    assert told["dial"]["objective"][7] == pytest.approx(gain)


@pytest.mark.parametrize(
    ("a", "b", "middle"),
    [
        ((0, 0), (8, 0), (2, 0)),  # runs out of the box
        ((-9, 1), (9, 1), (0, 1)),  # through all of it
        ((8, 0), (0, 0), (2, 0)),
        ((6, 1), (9, 1), (0, 1)),  # drawn beside it, but the fold crosses it
        ((-9, -8), (-8, -7), (-0.5, 0.5)),
    ],
)
def test_the_dial_stands_in_the_middle_of_what_is_seen(a, b, middle):
    assert laid(a=a, b=b).explanation["fold_point"] == pytest.approx(middle, abs=1e-9)


def test_T_E4_1_nothing_moves():
    change = Line(a=(0, 0), b=(1, 1)).change(NET, SCENE, np.random.default_rng(0))
    np.testing.assert_array_equal(change.net.logits(SCENE.x), NET.logits(SCENE.x))


@pytest.mark.parametrize(
    ("net", "scene", "line", "sentence"),
    [
        (NET, SCENE, {"a": (1, 2), "b": (1, 2)}, "has no length"),
        (NET, SCENE, {"a": (-9, 5), "b": (9, 6)}, r"outside the box \(-4 to 4 across, -4 to 4 up\)"),
        (NET, SCENE, {"a": (5, 0), "b": (5, 1)}, "outside the box"),
        (NET, Scene(SCENE.x, SCENE.y), {"a": (0, 0), "b": (1, 1)}, "No part of the plane is shown"),
        (replace(NET, activation="tanh"), SCENE, {"a": (0, 0), "b": (1, 1)}, "has no folds"),
        (trained((5, 4))[0], SCENE, {"a": (0, 0), "b": (1, 1), "layer": 1}, "layer 2.*bend"),
        (Weights((np.ones((2, 2)),), (np.ones(2),)), SCENE, {"a": (0, 0), "b": (1, 1)}, "no hidden layer"),
        (Weights((np.ones((3, 64)), np.ones((2, 3))), (np.ones(3), np.ones(2))), Scene(np.ones((2, 64)), SCENE.y, BOX),
         {"a": (0, 0), "b": (1, 1)}, "64 inputs"),
    ],
)  # fmt: skip
def test_what_cannot_be_laid_is_said_in_a_sentence(net, scene, line, sentence):
    with pytest.raises(NotPossible, match=sentence) as refused:
        laid(net, scene, **line)
    assert refused.value.hint
