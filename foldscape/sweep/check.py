"""What keeps a sweep from being launched, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from foldscape import words
from foldscape.cost.growing import units_born
from foldscape.device import NoDevice
from foldscape.explain import explain
from foldscape.fitting import unfit_probes, without_class
from foldscape.growth.base import Widening, named_all
from foldscape.growth.random_insertion import RandomInsertion
from foldscape.growth.schedule import AtEpochs, ByHand, Periodic
from foldscape.spec import RunSpec
from foldscape.sweep.expand import PlannedRun, combinations, planned
from foldscape.sweep.spec import SweepSpec

Problem = dict[str, Any]
"""``path`` in the sweep, ``message``, ``given``, ``allowed``: the shape of every field error."""

MOST_COMBINATIONS = 5000
MOST_DRAWN = 100
"""Seeds of a combination whose points are looked at."""
MOST_LETTERS = 500
"""Characters of a question, and of the name of an axis or a setting."""
MOST_WRITTEN = 50e6
"""Bytes of the specs of all combinations: each is written out and judged before anything is launched."""


def problems(spec: SweepSpec) -> list[Problem]:
    """Say what is wrong with the runs of a sweep, each fault once, at the setting that makes it.

    Args:
        spec: A sweep that is well formed in itself.

    Returns:
        The faults; none where it can be launched.
    """
    if unseen := [*_unseen(spec), *_seeded(spec)]:
        return unseen
    if spec.combinations > MOST_COMBINATIONS:
        message = f"vary makes {spec.combinations:,} combinations; allowed are {MOST_COMBINATIONS:,}: drop settings"
        return [_problem("vary", message, spec.combinations, f"at most {MOST_COMBINATIONS:,}")]
    if (written := spec.combinations * _written(spec)) > MOST_WRITTEN:
        message = f"the specs of all combinations take {written / 1e6:,.0f} MB; allowed are {MOST_WRITTEN / 1e6:g}: "
        return [_problem("vary", message + "drop settings, or commands of the base", spec.combinations, "fewer")]
    found: dict[tuple[str, str], Problem] = {}
    keys: dict[str, dict[str, str]] = {}
    for settings, plain in combinations(spec):
        try:
            cell = planned(spec, settings, RunSpec.model_validate(plain | {"seed": spec.seeds[0]}))
        except ValidationError as error:
            faults = explain(error.errors(), RunSpec)
        else:
            faults = [*_misfits(cell.spec), *_memberless(spec, cell), *_unmeasured(spec, cell.spec)]
            if refused := without_class(cell.spec, spec.seeds[:MOST_DRAWN]):
                faults.append(refused.field)
            if (twin := keys.setdefault(cell.key, settings)) is not settings:
                faults.append(_twins(settings, twin))
        for fault in faults:
            placed = {**fault, "path": place_of(spec, settings, str(fault["path"]))}
            found.setdefault((placed["path"], str(placed["message"])), placed)
    return list(found.values())


def without_card(spec: SweepSpec, why: str) -> list[Problem]:
    """Say which settings ask for a card.

    Args:
        spec: A sweep without problems.
        why: Why there is none, as ``foldscape.device.why_not`` or the workers say it; empty where there is one.

    Returns:
        The fields that ask for it; none where there is one.
    """
    found: dict[str, Problem] = {}
    for settings, plain in combinations(spec) if why else ():
        if plain["device"] == "cuda":
            place = place_of(spec, settings, "device")
            found.setdefault(place, NoDevice(why).field | {"path": place})
    return list(found.values())


def _unmeasured(spec: SweepSpec, run: RunSpec) -> Iterator[Problem]:
    """Say which of the sweep's probes cannot measure a run."""
    for sentence in unfit_probes(run, spec.measure.probes, "measure.probes"):
        path, allowed = sentence.partition(" ")[0], sentence.partition("; ")[2]
        yield _problem(path, sentence, None, allowed)


def _written(spec: SweepSpec) -> int:
    """Give how many bytes the largest spec of a combination takes, about."""
    settings = sum(max(len(repr(one)) for one in axis.values()) for axis in spec.vary.values())
    return len(spec.base.model_dump_json()) + settings


def _unseen(spec: SweepSpec) -> Iterator[Problem]:
    """Say which words of people cannot be seen as they are."""
    written = [("question", spec.question, words.lines)]
    for axis, settings in spec.vary.items():
        written += [("vary", axis, words.line), *((f"vary.{axis}", setting, words.line) for setting in settings)]
    for path, text, check in written:
        try:
            check(text, MOST_LETTERS)
        except ValueError as error:
            yield _problem(path, f"{path}: {error}", text, "a text that can be seen")


def _seeded(spec: SweepSpec) -> Iterator[Problem]:
    """Refuse settings of the seed, which each run of a sweep gets from its seeds."""
    for axis, settings in spec.vary.items():
        for name, overrides in settings.items():
            for path in overrides:
                if path.partition(".")[0] == "seed":
                    message = f"{path} {overrides[path]} has no say: runs get theirs from seeds; name it there"
                    yield _problem(f"vary.{axis}.{name}", message, overrides[path], "seeds")


def _misfits(run: RunSpec) -> Iterator[Problem]:
    """Say what a valid run could never do: births after its end, nets too large, parents that are not there."""
    schedule, rule, net = run.growth.schedule, run.growth.rule, run.net
    if isinstance(schedule, ByHand):
        return
    if isinstance(schedule, Periodic | AtEpochs):
        yield from _late(schedule, run.stop.epochs)
    units = units_born(run)
    if run.start is not None:  # the widths are those of the weights that it begins with
        return
    yield from _unfit(run, units)
    if isinstance(rule, RandomInsertion):
        candidates = run.data.features + sum(net.hidden)
        if rule.parents is not None and rule.parents > candidates:
            message = f"growth.rule.parents {rule.parents} is more than the {candidates} nodes that a first new node "
            message += f"can hear; use {candidates} or less"
            yield _problem("growth.rule.parents", message, rule.parents, f"at most {candidates}")
        return
    layer, hidden = getattr(rule, "layer", None), net.hidden_on(run.data.shape, run.data.classes)
    if isinstance(layer, int) and isinstance(rule, Widening) and layer >= len(hidden):
        message = f"growth.rule.layer {layer} is no hidden layer of a net that has {len(hidden)}; count from 0"
        yield _problem("growth.rule.layer", message, layer, f"below {len(hidden)}")
    if isinstance(layer, int) and layer < len(hidden) and hidden[layer] + units > max(run.growth.max_width, *hidden):
        wide, most = hidden[layer] + units, run.growth.max_width
        message = (
            f"{units} births make layer {layer} {wide} wide, beyond growth.max_width {most}; raise it, or ask for fewer"
        )
        yield _problem("growth.schedule.births", message, units, f"at most {max(0, most - hidden[layer])}")


def _memberless(spec: SweepSpec, cell: PlannedRun) -> Iterator[Problem]:
    """Say when one run is to be an ensemble and has no cycles, or ends them within epochs, where sweeps do not look."""
    run, pool = cell.spec, spec.ensemble
    if pool is None or cell.settings.get(spec.pooled_axis, "") in pool.members:
        return
    kind, ends = run.lr_schedule.kind, [run.calendar.epoch_at(step) for step in run.cycle_ends]
    if not ends:
        message = f"lr_schedule {kind} has no cycles, so one run is an ensemble of one net; give it some, as snapshot, "
        message += "or name the setting's members in ensemble.members"
        yield _problem("lr_schedule", message, kind, "snapshot, sgdr or fast_geometric")
    elif within := [epoch for epoch in ends if epoch % 1]:
        message = f"lr_schedule {kind} ends a cycle after {within[0]:.3g} epochs, and the nets of a sweep join an "
        message += "ensemble at the ends of epochs; choose cycles of whole epochs"
        yield _problem("lr_schedule", message, kind, "cycles of whole epochs")


def _unfit(run: RunSpec, units: int) -> Iterator[Problem]:
    """Say when a rule grows other nets than this, and when the net has no room for what is to be born."""
    rule, net, hidden = run.growth.rule, run.net, sum(run.net.hidden)
    if net.can.grown_as not in rule.grows:
        fitting = rule.grown_kinds()
        names = named_all([can.name for can in fitting], "or")
        message = f"{rule.kind.replace('_', ' ')} grows {named_all([can.plural for can in fitting])}, "
        message += f"and net.wiring is {net.wiring}; set it to {names}"
        yield _problem("net.wiring", message, net.wiring, names)
    if net.most_units is not None and hidden + units > net.most_units:
        message = f"{units} insertions make {hidden + units} hidden nodes, more than {net.most_units}; ask for fewer"
        yield _problem("growth.schedule.births", message, units, f"at most {net.most_units - hidden}")


def _late(schedule: Periodic | AtEpochs, epochs: int) -> Iterator[Problem]:
    """Say when a birth would come after the run has ended."""
    if isinstance(schedule, AtEpochs):
        if schedule.epochs[-1] >= epochs:
            message = f"a birth would come at epoch {schedule.epochs[-1]}, but the run ends after {epochs}; "
            message += "drop it, or train longer"
            yield _problem("growth.schedule.epochs", message, list(schedule.epochs), f"below {epochs}")
        return
    last = schedule.start + schedule.every * (schedule.births - 1)
    if last >= epochs:
        fits = max(0, (epochs - 1 - schedule.start) // schedule.every + 1)
        message = f"birth {schedule.births} would come at epoch {last}, but the run ends after {epochs}; "
        message += f"ask for {fits} births" if fits else "start earlier"
        yield _problem("growth.schedule.births", message, schedule.births, f"at most {fits}")


def _twins(settings: dict[str, str], twin: dict[str, str]) -> Problem:
    axis = next(axis for axis in settings if settings[axis] != twin[axis])
    message = f"{axis} {settings[axis]} is the very run of {axis} {twin[axis]}; remove one of them"
    return _problem(f"@{axis}.{settings[axis]}", message, settings[axis], "another setting")


def place_of(spec: SweepSpec, settings: dict[str, str], path: str) -> str:
    """Find where in the sweep a field of a run was set: by a setting, or by the base."""
    if path.startswith("@"):
        return f"vary.{path[1:]}"
    if path.startswith("measure."):
        return path
    for axis, name in reversed(settings.items()):
        for changed in spec.vary[axis][name]:
            if path == changed or path.startswith(f"{changed}.") or changed.startswith(f"{path}."):
                return f"vary.{axis}.{name}"
    return f"base.{path}" if path else "base"


def _problem(path: str, message: str, given: Any, allowed: str) -> Problem:
    return {"path": path, "message": message, "given": given, "allowed": allowed}
