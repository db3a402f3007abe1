"""Every net of the zoo goes through a run: trained, measured, stored and gone on with, or refused in a sentence."""

import pytest

from foldscape.errors import FoldscapeError
from foldscape.kept_frames import newest_net
from foldscape.landscape.recorded import Recording
from foldscape.spec import RunSpec
from foldscape.start import StartNet
from foldscape.training import Loop, Snapshot
from foldscape.wire import pack_event, unpack_event
from tests.library.zoo import in_runs
from tests.library.zoo.nets import ZOO

MIDDLE = 3
"""Updates at which it is taken down and gone on with."""
ONCE = 100
"""Measurements between two looks at curvature: only the first net is looked at."""

SLICE = {"kind": "slice", "every": ONCE, "points": 5}


def spec_of(name):
    return RunSpec.model_validate({
        "data": {"kind": "gaussian_blobs", "n": 24},
        "net": {"wiring": "module", "factory": f"{in_runs.__name__}:build", "options": {"name": name}},
        "optimizer": {"kind": "momentum", "lr": 0.01},
        "batch": 9,
        "stop": {"epochs": 2},
        "probes": [{"kind": "frame"}, {"kind": "curvature", "every": ONCE}, SLICE],
    })  # fmt: skip


class Taking:
    """Takes a snapshot in the middle of a run."""

    def __init__(self, loop):
        self.loop, self.taken = loop, None

    def take(self, position):
        if position.step == MIDDLE and self.taken is None:
            self.taken = self.loop.snapshot().pack()
        return ()

    def allowance(self, position):
        return 1


def state_bits(net):
    parts = [(name, part) for name, parts in net.state().items() for part in parts]
    return [(name, part.dtype.str, part.shape, part.tobytes()) for name, part in parts]


FINE_IN_RUNS = frozenset({
    "summed_loss", "fractional_labels", "labels_beyond_the_outputs",  # a run has loss and labels of its own
    "dropout_left_on", "noise_in_a_buffer",  # what is drawn at rest is seeded
    "lazy",  # gets its shapes from the data
})  # fmt: skip
"""Refused where they are measured as they stand."""


@pytest.mark.parametrize("name", ZOO)
def test_it_is_stored_and_goes_on_with_the_same_bits_or_is_refused_in_words(name):
    case, spec = ZOO[name], spec_of(name)
    recording, told = Recording(spec, name=name), []
    try:
        loop = Loop(spec)
        taking = Taking(loop)
        for event in loop.events(taking):
            recording.add(event, loop.snapshot(with_past=False).arrays if event.kind == "frame" else None)
            told.append(pack_event(event))
    except FoldscapeError as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert case.refused or case.may_refuse, refusal
        assert str(refusal)[0].isupper()
        assert refusal.hint
        assert len(str(refusal)) < 700
        return
    assert not case.refused or name in FINE_IN_RUNS
    if loop.subject.step < MIDDLE:
        assert name == "not_finite"
        assert "blew_up" in str(told[-1].head)
        return
    assert all(pack_event(unpack_event(*packed)) == packed for packed in told)

    kept = newest_net(recording)
    assert kept.step == loop.subject.step
    assert state_bits(kept.net) == state_bits(loop.subject.net)
    again = StartNet.unpack(StartNet(name, kept.step, kept.net).pack())
    assert state_bits(again.net) == state_bits(kept.net)

    after = Loop(spec, start=Snapshot.unpack(*taking.taken))
    assert after.subject.step == MIDDLE
    rest = [pack_event(event) for event in after.events()]
    assert rest == told[-len(rest) :]
    assert after.snapshot().pack().body == loop.snapshot().pack().body
