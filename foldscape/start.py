"""A run that begins with the weights of another: taken once, by whoever holds the other's frames, and kept with it.

A run is a pure function of its spec and of these weights, whose digest stands in the spec. Importing this loads no
torch.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foldscape.errors import FieldRefused, InvalidInput
from foldscape.kept_frames import Keeper, nearest_kept, net_at, net_of, newest_net
from foldscape.net.mlp import Weights
from foldscape.net.modular import ModularNet
from foldscape.net.modular_spec import net_spec_of
from foldscape.net.spec import NetSpec
from foldscape.spec import RunSpec, Start

if TYPE_CHECKING:
    from foldscape.training.snapshot import Snapshot

ELSEWHERE = "Name a run that is here; from Python give source=, on the command line --source."
OF_TRAINING = frozenset({"wiring", "activation", "negative_slope", "bias", "output_scale", "first_weights", "dropout"})
"""Fields of a net's spec that are compared by themselves, or that decide no shape of a net that is there already."""
ABOUT = "about"
"""Name of the plain values in a file of weights."""


class NoStart(FieldRefused):
    """Weights to begin with that are not to be had, or do not fit.

    Args:
        start: What is asked for.
        message: What is the matter.
        hint: The way out.
        field: Which field of the start it is beside.
    """

    def __init__(self, start: Start, message: str, hint: str = ELSEWHERE, field: str = "run") -> None:
        super().__init__(message, path=f"start.{field}", given=getattr(start, field), hint=hint)


@dataclass(frozen=True)
class StartNet:
    """The net that a run begins with.

    Attributes:
        run: The run it is of.
        step: Updates done then.
        net: Its weights, float32.
    """

    run: str
    step: int
    net: Weights

    @property
    def digest(self) -> str:
        """The first 16 hex digits of the SHA-256 of the net: its kind and every array."""
        kind = [self.net.can.name, self.net.activation, self.net.negative_slope]
        found = hashlib.sha256(json.dumps(kind).encode())
        for name, array in _flat(self.net).items():
            found.update(f"{name} {array.dtype.str} {array.shape}".encode())
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()[:16]

    def pack(self) -> bytes:
        """Write it as the bytes of an ``.npz`` file: its arrays, and ``about`` as JSON."""
        net = self.net
        about = {"run": self.run, "step": self.step, "wiring": net.can.name, "activation": net.activation}
        about |= {"negative_slope": net.negative_slope, "layers": len(net.biases), "inputs": net.features}
        about |= {"outputs": net.classes, "constant": net.has_bias, **net.about()}
        into = io.BytesIO()
        arrays: dict[str, Any] = {ABOUT: np.array(json.dumps(about)), **_flat(net)}
        np.savez(into, **arrays)
        return into.getvalue()

    @classmethod
    def unpack(cls, packed: bytes) -> StartNet:
        """Read back what ``pack`` wrote.

        Returns:
            The net with where it is from.

        Raises:
            InvalidInput: If it is something else.
        """
        try:
            with np.load(io.BytesIO(packed), allow_pickle=False) as file:
                arrays = dict(file)
            about = json.loads(str(arrays.pop(ABOUT)))
            return cls(about["run"], about["step"], _read(about, arrays))
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
            hint = "Give a file that a run's page or foldscape.start wrote."
            raise InvalidInput("These are no weights of a run.", hint=hint) from None

    def save(self, path: Path | str) -> None:
        """Write it to an ``.npz`` file, for ``foldscape run --source``."""
        Path(path).write_bytes(self.pack())


StartSource = Keeper | StartNet | Mapping[str, Keeper | StartNet]
"""Where weights may come from: a run's record, its weights, or several of those by the names of their runs."""


def weights_begun(spec: RunSpec, source: StartSource | Snapshot | None) -> tuple[RunSpec, StartNet | None]:
    """Take the weights that a run begins with.

    Args:
        spec: What decides the run.
        source: Who has them; a snapshot is one of a net as the spec describes it.

    Returns:
        The spec with step and digest of the weights, and the weights; ``None`` where it begins with its own.

    Raises:
        NoStart: If the run, the step or the weights are not there, are others than the spec names, or do not fit.
        InvalidInput: If there is a source and the spec names no start.

    Example:
        >>> import foldscape
        >>> from foldscape.landscape.recorded import record
        >>> first = record(foldscape.RunSpec(stop={"epochs": 2}), name="first")
        >>> spec, found = weights_begun(foldscape.RunSpec(start={"run": "first", "step": 8}), first)
        >>> found.step, spec.start.digest == found.digest
        (8, True)
    """
    if spec.start is None:
        if source is not None:
            raise InvalidInput(
                "There are weights to begin with, and the spec names no start.",
                hint='Set start, as {"run": "first", "step": 100}.',
            )
        return spec, None
    net = found(spec, spec.start, source)
    if spec.start.digest not in ("", net.digest):
        message = f"start.run {net.run} at step {net.step} has the weights {net.digest}, and the spec names "
        raise NoStart(spec.start, message + spec.start.digest, "Give the weights that were kept with the run.")
    refuse_misfit(spec, spec.start, net.net)
    start = spec.start.model_copy(update={"step": net.step, "digest": net.digest})
    return spec.model_copy(update={"start": start}), net


def weights_of_moment(start: Start, keeper: Keeper) -> StartNet:
    """Take the weights of a moment out of a run.

    Args:
        start: Which moment.
        keeper: Who has the run's frames.

    Returns:
        The weights.

    Raises:
        NoStart: If no frame with weights is kept there; names the nearest that are.
    """
    kept = newest_net(keeper) if start.step is None else net_at(keeper, start.step)
    if kept is not None:
        return StartNet(keeper.name, kept.step, kept.net.astype(np.float32))
    steps = {step for step, _ in keeper.frame_ids()}
    if not steps or start.step is None or start.step in steps:
        hint = "A run that has not begun keeps no weights, nor does one whose net is too large for the log."
        raise NoStart(start, f"start.run {keeper.name} keeps no weights to begin with", hint)
    near = nearest_kept(start.step, steps)
    message = f"start.step {start.step} of run {keeper.name} is not kept; the nearest kept: {near}"
    raise NoStart(start, message, f"Choose {near.replace(' and ', ' or ')}.", "step")


def not_given(start: Start) -> str:
    """Say that nobody handed a run its weights."""
    return f"start.run {start.run} is not to be had: its weights were not given"


def refuse_misfit(spec: RunSpec, start: Start, net: Weights) -> None:
    """Refuse weights that do not fit a spec.

    Args:
        spec: What decides the run.
        start: Which weights it names.
        net: The weights.

    Raises:
        NoStart: With what of them does not fit.
    """
    if differs := misfit(spec, net):
        hint = "Choose a run that fits, or change data and net to what it has."
        raise NoStart(start, f"start.run {start.run} does not fit: {differs}", hint)


def misfit(spec: RunSpec, net: Weights) -> str:
    """Say in a clause what of a net does not fit a spec; empty where all does. Widths are the net's own."""
    data, own = spec.data, spec.net
    pairs: list[tuple[str, object, object]] = [
        ("wiring", net.can.name, own.wiring),
        ("activation", net.activation, own.activation),
        ("inputs", net.features, data.features),
        ("outputs", net.classes, data.classes),
    ]
    if "leaky_relu" == net.activation == own.activation:
        pairs.append(("slope", net.negative_slope, own.negative_slope))
    if net.can.name == own.wiring:
        pairs.append(("bias", net.has_bias, own.bias))
        pairs += _of_blocks(net, own)
    return ", ".join(f"its net has {name} {its}, this run {mine}" for name, its, mine in pairs if its != mine)


def _of_blocks(net: Weights, own: NetSpec) -> list[tuple[str, object, object]]:
    """Pair what decides the blocks of a net that has some; widths that growth has changed are the net's own."""
    if not isinstance(net, ModularNet):
        return []
    mine, its = own.model_dump(mode="json"), net.spec.model_dump(mode="json")
    return [(name, its.get(name), value) for name, value in mine.items() if name not in OF_TRAINING]


def found(spec: RunSpec, start: Start, source: StartSource | Snapshot | None) -> StartNet:
    """Find the weights of a moment with whoever has them; see ``weights_begun``.

    Returns:
        The weights.

    Raises:
        NoStart: If they are not there.
    """
    if isinstance(source, Mapping):
        if start.run not in source:
            raise NoStart(start, f"start.run {start.run} is not to be had: known are {', '.join(source) or 'none'}")
        source = source[start.run]
    if isinstance(source, StartNet):
        if start.step not in (None, source.step):
            message = f"start.step {start.step} is not that of the weights given, {source.step}"
            raise NoStart(start, message, f"Set it to {source.step}.", "step")
        return source
    if source is None:
        raise NoStart(start, not_given(start))
    if isinstance(source, Keeper):
        return weights_of_moment(start, source)
    net = net_of(_OfSnapshot(source), spec)
    if net is None:
        raise NoStart(start, f"start.run {start.run} is not to be had: the snapshot holds no such net")
    return StartNet(start.run, source.step, net.astype(np.float32))


class _OfSnapshot:
    """A snapshot as a frame that keeps nothing else."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.head: dict[str, Any] = {"step": snapshot.step}
        self.arrays: dict[str, Any] = {}
        self.state: Mapping[str, Any] = snapshot.arrays


def _flat(net: Weights) -> dict[str, np.ndarray]:
    """Name every array of a net, ``weights.0`` and so on."""
    return {f"{name}.{place}": part for name, parts in net.state().items() for place, part in enumerate(parts)}


def _read(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Weights:
    parts: defaultdict[str, list[np.ndarray]] = defaultdict(list)
    for name in sorted(arrays, key=lambda name: int(name.rpartition(".")[2])):
        parts[name.rpartition(".")[0]].append(arrays[name])
    kind = {name: about[name] for name in ("wiring", "activation", "negative_slope")}
    state = {"norms": (), "buffers": (), **{name: tuple(found) for name, found in parts.items()}}
    if "net" in about:
        return net_spec_of(about["net"]).recorded_on(state, tuple(about["shape"]), about["outputs"]).astype(np.float32)
    net = NetSpec(**kind, bias=about["constant"], hidden=()).recorded(state, about["inputs"], about["outputs"])
    return net.astype(np.float32)
