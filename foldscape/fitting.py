"""What has to fit together in a run: each misfit a sentence that names the field first, and the way out last."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from foldscape.data.plane import PlaneSet
from foldscape.data.texts import TextSet
from foldscape.engine.choose import why_not_compiled
from foldscape.errors import FieldRefused
from foldscape.net.abilities import READ_AS_WORDS
from foldscape.net.blocks.layer import told
from foldscape.net.spec import MAX_PLANE_WIDTH, NetSpec, kinds_of_net
from foldscape.terms import HillPenalty

if TYPE_CHECKING:
    from foldscape.data.base import DataSet
    from foldscape.probes import Probe
    from foldscape.spec import RunSpec

QUICK = 1000
"""Points up to which a set of the plane is drawn in less than a millisecond; larger ones have points of every class."""


def misfits(run: RunSpec) -> Iterator[str]:
    """Say what does not fit together in a run whose fields are good each by itself.

    Args:
        run: The run; what is asked of it after the first sentence may fail.

    Yields:
        Sentences, each of which begins with the path of a field.
    """
    if trouble := run.data.problem():
        yield f"data.{trouble}"
        return
    yield from _net(run)
    yield from _read(run)
    yield from _terms(run)
    yield from unfit_probes(run, run.probes)
    yield from _validation(run)
    yield from _resampling(run)
    yield from _augmented(run)
    yield from _normalised(run)
    yield from _early_stop(run)
    yield from _schedules(run)
    yield from _directions(run)
    yield from _engine(run)
    steps = [scheduled.step for scheduled in run.commands]
    if steps != sorted(steps):
        yield "commands must stand in the order of their steps; sort them"


def _terms(run: RunSpec) -> Iterator[str]:
    kinds = [term.kind for term in run.terms]
    if twice := [kind for kind in kinds if kinds.count(kind) > 1]:
        yield f"terms name {twice[0]} more than once; give one of a kind"
    for number, term in enumerate(run.terms):
        if isinstance(term, HillPenalty):
            yield from (f"terms.{number}.{trouble}" for trouble in _hills(run, term))
    if "weight_decay" in kinds and run.optimizer.weight_decay:
        yield (
            f"optimizer.weight_decay {run.optimizer.weight_decay:g} and the term weight_decay are the same thing "
            "given twice; take one of them out"
        )


def unfit_probes(run: RunSpec, probes: Sequence[Probe], path: str = "probes") -> Iterator[str]:
    """Say which probes cannot measure a run.

    Args:
        run: The run.
        probes: What is to be measured.
        path: Where they stand.

    Yields:
        Sentences, each of which begins with the path of a field.
    """
    for number, probe in enumerate(probes):
        if trouble := probe.problem(run.data) or probe.problem_with(run.net, run.data):
            yield f"{path}.{number}.{trouble}"


def _hills(run: RunSpec, hills: HillPenalty) -> Iterator[str]:
    if late := [epoch for epoch in hills.at_epochs if epoch > run.stop.epochs]:
        yield f"at_epochs {late[0]} comes after the run's last epoch {run.stop.epochs}; take it out, or train longer"
    if len(hills.at_epochs) > hills.most:
        yield (
            f"at_epochs names {len(hills.at_epochs)} hills and most {hills.most} stand at once; name fewer, or set "
            f"most to {min(64, len(hills.at_epochs))}"
        )
    if hills.every is not None and hills.every > run.stop.epochs:
        yield f"every {hills.every} epochs comes to no hill within a run of {run.stop.epochs}; set every lower, or null"
    if trouble := hills.trouble_with(_parameters(run) or 1, by_torch="torch" in run.net.can.engines):
        yield trouble


def _validation(run: RunSpec) -> Iterator[str]:
    """Refuse a validation part that cannot hold every class, or that leaves too little to train on."""
    held, train, classes = run.validation_size, run.train_size, run.data.classes
    if run.validation_share and min(held, train) < classes:
        part, points = ("validation", held) if held < classes else ("training", train)
        least = math.ceil(1000 * classes / run.data.train_size) / 1000
        most = min(0.9, 1 - least)
        way = f"take {least:g} to {most:g}, or 0" if least <= 0.5 else "take 0: the set is too small for one"
        yield (
            f"validation_share {run.validation_share:g} leaves {points} {part} points for {classes} classes, so "
            f"that one has none; {way}"
        )


def _resampling(run: RunSpec) -> Iterator[str]:
    if trouble := run.resample.problem(run.data.train_size - run.validation_size):
        yield f"resample.{trouble}"


def _augmented(run: RunSpec) -> Iterator[str]:
    """Refuse to change what is no picture, and what leaves nothing of pictures of such a size."""
    kinds = [kind.kind for kind in run.augment]
    if twice := [kind for kind in kinds if kinds.count(kind) > 1]:
        yield f"augment names {twice[0]} more than once; give one of a kind"
    if kinds and run.data.image_shape is None:
        yield (
            f"augment {kinds[0]} changes pictures, and {run.data.kind} has none; use no augmentation, or choose "
            "digits, mnist, cifar10 or other pictures"
        )
        return
    for number, kind in enumerate(run.augment):
        if trouble := kind.problem(*run.data.shape[1:]):
            yield f"augment.{number}.{trouble}"


def _normalised(run: RunSpec) -> Iterator[str]:
    """Refuse to rescale what has to stay as it is."""
    if run.normalise == "none":
        return
    if isinstance(run.data, PlaneSet):
        yield f"normalise {run.normalise} would move points of the plane from where they are drawn; use none"
    elif run.data.gives != "numbers":
        yield f"normalise {run.normalise} is of numbers, and the net reads {run.data.gives}; use none"
    elif run.normalise == "mean_picture" and run.data.image_shape is None:
        yield f"normalise mean_picture is of pictures, and {run.data.kind} has none; use channels or none"


def _early_stop(run: RunSpec) -> Iterator[str]:
    """Refuse to watch what nobody measures."""
    early = run.stop.early_stop
    if early is None or early.on.startswith("train_"):
        return
    if not run.validation_share:
        yield (
            f"stop.early_stop.on {early.on} needs a validation part, and validation_share is 0; set it to 0.2, or "
            f"watch train_loss"
        )
    if early.on == "validation_matthews" and not run.data.uneven:
        yield (
            f"stop.early_stop.on {early.on} is measured of uneven data only, and {run.data.kind} is even; "
            f"use validation_accuracy"
        )


def _schedules(run: RunSpec) -> Iterator[str]:
    train = run.train_size
    if run.batch > train:
        yield f"batch {run.batch} is larger than the {train} training points; use {train} or less"
    if trouble := run.batch_schedule.problem(run.batch, train, run.stop.epochs):
        yield f"batch_schedule.{trouble}"
    if trouble := run.lr_schedule.problem(run.optimizer.lr, run.course):
        yield f"lr_schedule.{trouble}"
    if trouble := run.average.problem(run.course):
        yield f"average.{trouble}"


def _directions(run: RunSpec) -> Iterator[str]:
    """Refuse more of the sharpest directions than the net has parameters."""
    wanted = run.optimizer.sharpest
    parameters = _parameters(run)
    if wanted is not None and parameters is not None and wanted.k > parameters:
        yield f"optimizer.k {wanted.k} directions are more than the {parameters} parameters; use {parameters} or less"


def _parameters(run: RunSpec) -> int | None:
    """Count the parameters of the first net; ``None`` where only the run itself can."""
    return run.net.parameters_on(run.data.shape, run.data.classes)


def _net(run: RunSpec) -> Iterator[str]:
    if isinstance(run.data, PlaneSet) and any(width > MAX_PLANE_WIDTH for width in run.net.hidden):
        yield f"net.hidden {list(run.net.hidden)} is wider than {MAX_PLANE_WIDTH}, the limit on plane data"


def misread(net: NetSpec, data: DataSet) -> str:
    """Say why a net cannot read some data.

    Args:
        net: The net.
        data: The data.

    Returns:
        A sentence that begins with the path of a field; empty where it can.
    """
    lead = f"net.wiring {net.wiring}"
    if data.gives not in net.can.readable:
        mine = " or ".join(READ_AS_WORDS[each] for each in net.can.readable)
        gives = f"{data.kind} gives {READ_AS_WORDS[data.gives]} in samples of {told(data.shape)}"
        return f"{lead} reads {mine}, and {gives}; {_another(data)}"
    if trouble := net.misread(data.symbols, data.shape):
        return f"net.{trouble}"
    misfit = net.misfit(data.shape, data.classes)
    return f"{lead} {misfit}; {_another(data)}" if misfit else ""


def _read(run: RunSpec) -> Iterator[str]:
    """Refuse a net that reads something else than the data give, and what cannot be done to what it reads."""
    net, data = run.net, run.data
    if why := net.why_refused():
        yield f"net.factory {getattr(net, 'factory', '')} {why}"
        return
    if trouble := misread(net, data):
        yield trouble
        return
    if trouble := net.batch_problem(run.batch, data.shape, data.classes):
        yield f"batch {trouble}"
    if data.symbols:
        yield from _moved_symbols(run)


def _another(data: DataSet) -> str:
    """Say which kinds of nets read some data as they ship, and what else can be done."""
    found = []
    for wiring, kind in kinds_of_net().items():
        if all(name == "wiring" or not field.is_required() for name, field in kind.model_fields.items()):
            net, shape = NetSpec(wiring=wiring).reading(data.symbols), data.shape
            if data.gives in net.can.readable and not (
                net.misread(data.symbols, shape) or net.misfit(shape, data.classes)
            ):
                found.append(wiring)
    return f"use {', '.join(found)}, or {'another encoder' if isinstance(data, TextSet) else 'other data'}"


def _moved_symbols(run: RunSpec) -> Iterator[str]:
    """Refuse to change symbols a little, which the next symbol's number would not mean."""
    gives = run.data.gives
    if run.net.dropout:
        yield f"net.dropout {run.net.dropout:g} is not possible with wiring {run.net.wiring}; use 0"
    if run.input_noise:
        yield f"input_noise {run.input_noise:g} cannot be added to {gives}; use 0"
    if run.input_dropout:
        yield f"input_dropout {run.input_dropout:g} cannot leave {gives} out; use 0"
    for name in ("inputs", "pixels"):
        if share := getattr(run.corrupt, name):
            yield f"corrupt.{name} {share:g} cannot be done to {gives}; use 0, or corrupt labels"
    if run.adversarial is not None:
        yield f"adversarial cannot move {gives} a little; use null"


def _engine(run: RunSpec) -> Iterator[str]:
    """Refuse an engine, a device or a queue that cannot carry the run out."""
    without_torch = "torch" not in run.net.can.engines
    if run.engine == "compiled" and (reason := why_not_compiled(run)):
        yield f"engine compiled: compiled code {reason}; set engine to auto or torch"
    if without_torch and (run.engine == "torch" or run.device == "cuda"):
        lead = f"engine {run.engine}" if run.engine == "torch" else f"device {run.device}"
        yield (
            f"{lead} cannot train a net with wiring {run.net.wiring}, which takes compiled code on the processor; "
            "set engine to auto and device to cpu"
        )
    if without_torch and (reason := why_not_compiled(run)):
        yield f"net.wiring {run.net.wiring} trains in compiled code, which {reason}; set it to layers"
    if run.device == "cuda" and run.queue != "gpu":
        yield f"device cuda needs queue gpu, not {run.queue}; set queue to gpu or device to cpu"


def without_class(run: RunSpec, seeds: Iterable[int] = ()) -> FieldRefused | None:
    """Look for a class without validation or training points, which only the points themselves tell.

    Args:
        run: A run whose fields fit together.
        seeds: Seeds to draw its points with; its own if there are none.

    Returns:
        What is the matter, beside the field; ``None`` where nothing is, or where looking would take long.
    """
    if not (run.validation_share or run.resample.draws) or not isinstance(run.data, PlaneSet) or run.data.n > QUICK:
        return None
    for seed in tuple(seeds) or (run.seed,):
        try:
            run.model_copy(update={"seed": seed}).load()
        except FieldRefused as error:
            return error
    return None
