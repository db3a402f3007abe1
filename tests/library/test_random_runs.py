"""Runs drawn over every field of a spec hold what is promised of all runs, whatever is combined with what."""

import json
import math
import random

import numpy as np
import pytest
import yaml

import foldscape
from foldscape.commands import Scheduled, command_adapter
from foldscape.cost.run import foresee
from foldscape.engine.choose import why_not_compiled
from foldscape.landscape.recorded import of_run, record
from foldscape.model import chosen
from foldscape.spec import RunSpec
from foldscape.sweep.moments import alone, straight
from foldscape.sweep.straight import trains_straight
from foldscape.training import Loop, Snapshot, Unattended
from foldscape.wire import pack_event
from tests.random_specs import command_of, spec_of

MANY = 400
FEW = 24
CAUGHT = 337
"""A run whose hills stood by command alone, and were told differently after it was taken up again."""


def over(numbers, few=FEW):
    """Some of the runs, and the others where time does not matter."""
    rest = [pytest.param(number, marks=pytest.mark.slow) for number in numbers[few:]]
    return pytest.mark.parametrize("number", [*numbers[:few], *rest])


def by_both_engines(spec):
    return "torch" in spec.net.can.engines and not why_not_compiled(spec)


def unpaced(number):
    return spec_of(number).model_copy(update={"speed": None, "probes": ()})


ALL = [*range(FEW - 1), CAUGHT, *(each for each in range(FEW - 1, MANY) if each != CAUGHT)]
STRAIGHT = [number for number in ALL if trains_straight(unpaced(number))]
BOTH = [number for number in ALL if by_both_engines(spec_of(number))]
LOSSES = slice(1, 5)
"""Where training and test losses and accuracies stand in a row."""


class Chunks(Unattended):
    """Lets a run go on by random numbers of updates, and takes a snapshot at a step."""

    def __init__(self, draw, loop, at):
        self.draw, self.loop, self.at, self.taken, self.told = draw, loop, at, None, []

    def take(self, position):
        if position.step >= self.at and self.taken is None:
            self.taken, self.mark = self.loop.snapshot().pack(), len(self.told)
        return ()

    def allowance(self, position):
        return self.draw.randint(1, 9)

    def run(self):
        for event in self.loop.events(self):
            self.told.append(packed(event))
        return self.told


class Speaking(Unattended):
    """Says random commands at random moments, and writes them down."""

    def __init__(self, draw, spec):
        self.draw, self.spec, self.said = draw, spec, []

    def take(self, position):
        if len(self.said) >= 8:
            return ()
        if position.paused:
            plain = {"kind": "play"}
        elif self.draw.random() < 0.15:
            plain = command_of(self.draw, self.spec.stop.epochs, self.spec.net.wiring == "dag")
        else:
            return ()
        self.said.append(Scheduled(step=position.step, command=command_adapter.validate_python(plain)))
        return [self.said[-1].command]

    def allowance(self, position):
        return self.draw.randint(1, 12)


def packed(event):
    return (event.step, event.seq, *map(bytes, pack_event(event)))


def told(loop, controller=None):
    return [packed(event) for event in loop.events(controller)]


@over(ALL)
def test_a_run_has_the_same_bits_in_any_chunks_and_when_it_is_taken_up_again(number):
    spec, draw = spec_of(number), random.Random(number)
    undisturbed = told(Loop(spec))
    chunks = Chunks(draw, Loop(spec), draw.randint(0, max(event[0] for event in undisturbed)))
    assert chunks.run() == undisturbed
    if chunks.taken is not None:
        assert told(Loop(spec, Snapshot.unpack(*chunks.taken))) == undisturbed[chunks.mark :]


@over(ALL)
def test_a_spec_comes_back_from_what_is_written_of_it(number):
    spec = spec_of(number)
    written = spec.model_dump_json()
    for plain in (
        json.loads(written),
        *(yaml.safe_load(yaml.safe_dump(form)) for form in (chosen(spec), spec.model_dump(mode="json"))),
    ):
        again = RunSpec.model_validate(plain)
        assert (again, again.model_dump_json()) == (spec, written)


@over(ALL, 8)
def test_a_spec_that_was_written_and_read_gives_the_same_bits(number):
    spec = spec_of(number)
    assert told(Loop(RunSpec.model_validate_json(spec.model_dump_json()))) == told(Loop(spec))


@over(ALL)
def test_recorded_commands_give_the_same_log_again(number):
    spec = spec_of(number)
    speaking = Speaking(random.Random(number), spec)
    first = told(Loop(spec), speaking)
    every = tuple(sorted((*spec.commands, *speaking.said), key=lambda scheduled: scheduled.step))
    assert told(Loop(spec.model_copy(update={"commands": every}))) == first


@over(STRAIGHT, 10)
def test_a_run_trains_straight_with_the_bits_of_the_run_loop(number):
    spec = unpaced(number)
    quick, slow = list(straight(spec, spec.load(), 1, {})), list(alone(spec))
    assert bool(quick[-1].failed) == bool(slow[-1].failed)
    if quick[-1].failed:
        return
    assert (quick[-1].over, quick[-1].restored) == (slow[-1].over, slow[-1].restored)
    assert [moment.updates for moment in quick] == [moment.updates for moment in slow]
    for one, other in zip(quick, slow, strict=True):
        np.testing.assert_equal((one.scalars, one.lr, one.net.flat()), (other.scalars, other.lr, other.net.flat()))


@over(BOTH)
def test_both_engines_begin_alike(number):
    """To rounding, which grows from update to update: the first two epochs."""
    spec = spec_of(number)
    plain = {**spec.model_dump(mode="json"), "growth": {}, "commands": [], "probes": []}
    engines = [RunSpec.model_validate(plain | {"engine": engine}) for engine in ("torch", "compiled")]
    rows = [[event.values for event in Loop(run).events() if event.kind == "metrics"] for run in engines]
    for one, other in zip(*rows, strict=False):
        if one[0] > 2:
            break
        columns = [0, 1, 3, 6, 7, 8]  # a share of right answers may differ by a point that lies on the border
        np.testing.assert_allclose(one[columns], other[columns], rtol=2e-3, atol=1e-4)


@over(ALL, 12)
def test_the_middle_of_a_landscape_is_the_loss_that_was_told(number):
    spec = spec_of(number)
    events = list(foldscape.run(spec))
    if events[-1].kind == "status" and events[-1].state == "failed":
        return
    row = next(event for event in reversed(events) if event.kind == "metrics").values[LOSSES]
    tested = not np.isnan(row[2])
    part = "both" if tested else "train"
    found = of_run(
        record(spec),
        {"view": "slice", "slice": {"resolution": 3, "direction": {"kind": "random"}, "data": {"split": part}}},
    )
    middle = np.argmin(abs(found.arrays("ground")["t"]))
    cells = found.arrays("cells")
    values = cells["values"][:, list(cells["index"]).index(middle)]
    np.testing.assert_allclose(values[: 4 if tested else 2], row[: 4 if tested else 2], rtol=1e-3, atol=1e-5)


@over(ALL)
def test_what_a_run_takes_is_foreseen_as_finite_numbers(number):
    cost = foresee(spec_of(number))
    numbers = [value for value in (*vars(cost).values(), cost.probe_share) if value is not None]
    assert all(math.isfinite(value) and value >= 0 for value in numbers)
