"""The one serialiser."""

import math

import numpy as np
import orjson

from foldscape import wire
from foldscape.events import Frame, Metrics


def test_arrays_and_tuples_come_back_bit_for_bit():
    arrays = {"a": np.arange(5, dtype=np.float32), "b": (np.ones((2, 3)), np.zeros(0, np.int32)), "c": ()}
    data, back = wire.unpack(*wire.pack({"x": 1, "y": [1.5, None]}, arrays))
    assert data == {"x": 1, "y": [1.5, None]}
    assert np.array_equal(back["a"], arrays["a"])
    assert [part.shape for part in back["b"]] == [(2, 3), (0,)]
    assert back["b"][1].dtype == np.int32
    assert back["c"] == ()


def test_every_array_starts_at_a_multiple_of_eight():
    head, _ = wire.pack({}, {"a": np.zeros(3, np.uint8), "b": np.zeros(1)})
    assert orjson.loads(head)["arrays"]["b"][2] % 8 == 0


def test_nan_never_travels_as_a_json_number():
    head, body = wire.pack({"x": math.nan, "y": [math.inf, {"z": -math.inf}]}, {"a": np.array([math.nan])})
    assert orjson.loads(head)["x"] is None
    assert orjson.loads(head)["y"] == [None, {"z": None}]
    assert math.isnan(wire.unpack(head, body)[1]["a"][0])


def test_an_event_survives():
    event = Metrics(step=3, seq=1, values=np.arange(9, dtype=np.float32))
    back = wire.unpack_event(*wire.pack_event(event))
    assert (back.kind, back.step, back.seq) == ("metrics", 3, 1)
    assert np.array_equal(back.values, event.values)
    empty = np.zeros((0, 2), np.float32)
    frame = Frame(
        step=1,
        seq=0,
        epoch=0.5,
        why_no_folds="",
        regions=1,
        weights=(np.ones((2, 2)),),
        biases=(np.ones(2),),
        units=(),
        folds=empty,
        fold_unit=empty,
        fold_normal=empty,
        boundary=empty,
        fold_points=empty,
        fold_point_unit=empty,
        active_share=(),
    )
    back = wire.unpack_event(*wire.pack_event(frame))
    assert isinstance(back.weights, tuple)
    assert back.units == ()
