"""The nets of an ensemble, read from the frames that runs keep, and what they have to have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from foldscape.arrays import Indices
from foldscape.data.base import Split
from foldscape.ensembles.spec import CYCLES, Member
from foldscape.errors import FieldRefused, FrameNotFound, NotOnDisk, NotPossible
from foldscape.kept_frames import Keeper, nearest_kept, net_at, newest_net
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec

OpenRecord = Callable[[str], Keeper]


@dataclass(frozen=True)
class MemberMoment:
    """One net of an ensemble, by what is known of it before its weights are read.

    Attributes:
        member: Which it is.
        spec: What decided its run.
    """

    member: Member
    spec: RunSpec

    @property
    def run(self) -> str:
        """The run that it is of."""
        return self.member.run

    @property
    def name(self) -> str:
        """Name for people, as ``quiet-heron@800``."""
        return self.member.name


@dataclass(frozen=True)
class MemberNet(MemberMoment):
    """One net of an ensemble.

    Attributes:
        net: Its weights, with its own running statistics where it has batch normalisation.
    """

    net: Weights

    @property
    def step(self) -> int:
        """Updates done then."""
        assert isinstance(self.member.step, int)
        return self.member.step


def named_moments(members: Iterable[Member], open_record: OpenRecord) -> Iterator[Member]:
    """Name the moment of every member, and each of those that stand for many.

    Args:
        members: The members.
        open_record: Gives what a run left behind, by its name.

    Yields:
        Members with their steps.

    Raises:
        FrameNotFound: If a run keeps no net of a moment.
        NotPossible: If a run's schedule has no cycles.
    """  # noqa: DOC501 - a method makes it
    for member in members:
        keeper = open_record(member.run)
        if member.step == CYCLES:
            kept = {step for step, _ in keeper.frame_ids()}
            yield from (Member(run=member.run, step=step) for step in cycle_steps(keeper.name, keeper.spec, kept))
        elif member.step is None:
            if (newest := newest_net(keeper)) is None:
                raise FrameNotFound.of(keeper.name, None)
            yield Member(run=member.run, step=newest.step)
        else:
            yield member


def opened(members: Iterable[Member], open_record: OpenRecord) -> list[MemberNet]:
    """Read the nets of an ensemble.

    Args:
        members: Which, moments named or not.
        open_record: Gives what a run left behind, by its name.

    Returns:
        The nets, in that order.

    Raises:
        FrameNotFound: If a run keeps no net of a moment.
    """  # noqa: DOC501 - a function makes it
    found = []
    for member in named_moments(members, open_record):
        keeper = open_record(member.run)
        assert isinstance(member.step, int)
        if (kept := net_at(keeper, member.step)) is None:
            raise not_kept(keeper.name, member.step, {step for step, _ in keeper.frame_ids()})
        found.append(MemberNet(member, keeper.spec, kept.net))
    return found


def shared_split(members: Sequence[MemberMoment], weights: str = "equal") -> Split:
    """Give the points that all members share: those before any were drawn of them for one.

    Args:
        members: The members; their weights are not needed.
        weights: How their predictions are weighed.

    Returns:
        The split.

    Raises:
        FieldRefused: If two have other points or other classes; names them. If the weights need a validation part.
        NotPossible: If there are no test points.
    """
    first, split = members[0], members[0].spec.shared_points()
    for other in members[1:]:
        if other.spec is not first.spec:
            _check_points(first.name, split, other.name, other.spec.shared_points())
    if not len(split.test_y):
        raise NotPossible(
            f"The data of {first.name} have no test points.", hint="Choose runs that hold some points out for testing."
        )
    if weights == "validation_accuracy" and not len(split.validation_y):
        raise FieldRefused(
            f"weights validation_accuracy need a validation part, and {first.run} has none", path="weights",
            given=weights, hint="Choose equal weights, or runs with a validation_share.",
        )  # fmt: skip
    return split


def refuse_strangers(members: Iterable[Member], specs: Mapping[str, RunSpec], weights: str) -> None:
    """Refuse members that make no ensemble, before anything is trained or queued.

    Data that have to be fetched first are left to those who read them.

    Args:
        members: The members.
        specs: What decides their runs, by name.
        weights: How their predictions are weighed.

    Raises:
        FieldRefused: See ``shared_split``.
        NotPossible: Likewise.
    """
    with suppress(NotOnDisk):
        shared_split([MemberMoment(one, specs[one.run]) for one in members], weights)


def _check_points(first: str, split: Split, other: str, its: Split) -> None:
    if its.classes != split.classes:
        raise FieldRefused(
            f"member {first} tells {split.classes} classes apart and {other} {its.classes}, so they make no ensemble",
            path="members", given=other, hint="Choose runs on the same data.",
        )  # fmt: skip
    if its is not split and its.digest != split.digest:
        raise FieldRefused(
            f"members {first} and {other} have other training or test points, so they make no ensemble",
            path="members", given=other,
            hint="Choose runs on the same data with one seed; members of one seed differ by their field member.",
        )  # fmt: skip


def train_indices(member: MemberNet, split: Split) -> Indices:
    """Give the places of a member's training points among those that all share."""
    drawn = member.spec.resample.drawn(split.train_y, member.spec.seed, member.spec.member)
    return np.arange(len(split.train_y)) if drawn is None else drawn


def cycle_steps(run: str, spec: RunSpec, kept: Collection[int]) -> list[int]:
    """Give the moments of a run at which a cycle of its schedule ends.

    Args:
        run: What the run is called.
        spec: What decided it.
        kept: Steps of the frames that it keeps.

    Returns:
        Their steps.

    Raises:
        NotPossible: If its schedule has no cycles.
        FrameNotFound: If it keeps no net of any end.
    """
    ends = spec.cycle_ends
    if not ends:
        raise NotPossible(
            f"The schedule of {run}, {spec.lr_schedule.kind}, has no cycles.",
            hint="Name its moments by their steps, or choose a run with snapshot, sgdr or fast_geometric.",
        )
    found = [step for step in ends if step in kept]
    if not found:
        raise FrameNotFound(
            f"{run} keeps no net of the end of a cycle, of which the first is update {ends[0]}.",
            hint="Choose a run that has come so far and keeps frames.",
        )
    return found


def not_kept(run: str, step: int, kept: Collection[int]) -> FrameNotFound:
    """Give the error of a moment that a run does not keep, with the nearest that it does.

    Args:
        run: What the run is called.
        step: Updates done at the moment.
        kept: Steps of the frames that it keeps.

    Returns:
        The error.
    """
    near = nearest_kept(step, kept) if step not in kept else ""
    return FrameNotFound(
        f"Run {run} keeps no net of step {step}{f'; the nearest kept: {near}' if near else ''}.",
        hint=f"Choose {near.replace(' and ', ' or ')}." if near else "Choose another moment, or another run.",
    )
