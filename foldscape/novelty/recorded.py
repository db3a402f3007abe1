"""How a run's net does on new test points, from what the run left behind."""

from __future__ import annotations

from collections.abc import Iterable

from foldscape.errors import FrameNotFound
from foldscape.events import Event
from foldscape.kept_frames import Keeper, newest_net
from foldscape.landscape.recorded.recording import record_of
from foldscape.neighbours.buckets import BUCKETS, ByNovelty, by_novelty
from foldscape.neighbours.kept import neighbours_of
from foldscape.neighbours.representation import Representation
from foldscape.probes.measuring.novelty import makes_probabilities
from foldscape.spec import RunSpec


def novelty_of(
    run: Keeper | Iterable[Event],
    *,
    spec: RunSpec | None = None,
    step: int | None = None,
    buckets: int = BUCKETS,
    representation: Representation = "auto",
) -> ByNovelty:
    """Say how a run's net does on test points by how novel they are (arXiv 1804.09259, section 3).

    Args:
        run: What the run left behind: a ``Recording``, as ``foldscape.landscape.recorded.record`` makes it, or its
            events.
        spec: What decided the run; needed with events.
        step: Updates it had done; ``None`` is its newest net.
        buckets: Quantile buckets B.
        representation: What distances are between; see ``foldscape.novelty.represented``.

    Returns:
        The nearest training point of each test point, and accuracy, confidence and memoriser by bucket.

    Raises:
        InvalidInput: If events come without the spec of their run, or there are fewer test points than buckets.
        FrameNotFound: If the run keeps no net there.
        NotPossible: If the data are points of the plane, or there is no such representation of them.

    Example:
        >>> import foldscape
        >>> from foldscape.landscape.recorded import record
        >>> spec = foldscape.RunSpec(data={"kind": "digits"}, net={"hidden": [8]}, stop={"epochs": 1})
        >>> foldscape.novelty.novelty_of(record(spec)).counts.tolist()
        [72, 72, 72, 72, 72]
    """  # noqa: DOC501 - a method makes it
    keeper = run if isinstance(run, Keeper) else record_of(run, spec)
    if (found := newest_net(keeper, step, folded=True)) is None:
        raise FrameNotFound.of(keeper.name, step)
    split = keeper.spec.load()
    neighbours = neighbours_of(split, representation, found.net)
    return by_novelty(
        neighbours, found.net.logits(split.test_x), split.train_y, split.test_y,
        buckets=buckets, has_probabilities=makes_probabilities(keeper.spec.loss),
    )  # fmt: skip
