"""Writes streams as a worker would, with events made up."""

import numpy as np

from foldscape.events import COLUMNS, Curvature, Frame, Grown
from foldscape.wire import pack, pack_event
from workers.keys import CHANGES, RunKeys, entry_id


def frame_at(step, width=2, pieces=4):
    rng = np.random.default_rng(step)

    def points(*shape):
        return rng.normal(size=shape).astype(np.float32)

    return Frame(
        step=step,
        seq=1,
        epoch=step / 10,
        why_no_folds="",
        regions=5,
        weights=(points(width, 2), points(2, width)),
        biases=(points(width), points(2)),
        units=(np.arange(width, dtype=np.int32),),
        folds=points(pieces, 2, 2),
        fold_unit=np.zeros((pieces, 2), np.int32),
        fold_normal=points(pieces, 2),
        boundary=points(pieces, 2, 2),
        fold_points=points(3, 2),
        fold_point_unit=np.zeros((3, 2), np.int32),
        active_share=(),
    )


def curvature_at(step):
    return Curvature(
        step=step,
        seq=2,
        epoch=step / 10,
        lambda_max=2.0,
        residual=0.0,
        edge=20.0,
        flatness={"element": 1.0},
        flatness_residual={"element": 0.0},
        iterations=3,
        method="dense",
        points=225,
        subset="whole",
        values=np.array([2.0]),
        residuals=np.zeros(1),
        smallest=None,
        smallest_residual=None,
        flat_channels=[],
    )


def grown_at(step):
    return Grown(
        step=step,
        seq=0,
        epoch=step / 10,
        method="random_direction",
        layer=0,
        unit=2,
        k_new=1,
        parameters_before=12,
        parameters_after=17,
        kept=0.0,
        loss_change=0.0,
        score=0.0,
        lambda_before=1.0,
        lambda_after=1.0,
        gradient_norm_new=0.1,
        gain=None,
        explanation={},
        seed=[7, 1],
    )


def block_of(steps):
    values = np.full((len(steps), len(COLUMNS)), np.nan, np.float32)
    values[:, 1] = np.asarray(steps) / 4
    return pack({"columns": list(COLUMNS)}, {"steps": np.asarray(steps, np.float64), "values": values})


class Writer:
    """Appends to the streams of one run; ``client`` is a synchronous Redis client."""

    def __init__(self, client, run):
        self.client, self.run, self.keys = client, run, RunKeys(run)

    def metrics(self, *steps):
        packed = block_of(steps)
        self.client.xadd(self.keys.metrics, {"h": packed.head, "b": packed.body}, id=entry_id(steps[-1]))

    def frame(self, step, keep=False, **shape):
        packed, entry = pack_event(frame_at(step, **shape)), entry_id(step, 1)
        fields = {"h": packed.head, "b": packed.body, "sh": b'{"arrays":{}}', "sb": b""}
        self.client.xadd(self.keys.frames, fields, id=entry)
        self.client.rpush(self.keys.frame_ids, entry)
        if keep:
            self.client.sadd(self.keys.kept, entry)

    def event(self, event):
        packed = pack_event(event)
        self.client.xadd(self.keys.events, {"h": packed.head, "b": packed.body}, id=entry_id(event.step, event.seq))

    def set(self, **fields):
        self.client.hset(self.keys.hash, mapping=fields)
        self.client.xadd(CHANGES, {"id": self.run})
