"""How a run's net does on new test points, from what the run left behind."""

from __future__ import annotations

from collections.abc import Iterable

from foldscape.errors import FrameNotFound, InvalidInput
from foldscape.events import Event
from foldscape.kept_frames import Keeper, net_of
from foldscape.landscape.recorded import Recording
from foldscape.neighbours.buckets import BUCKETS, ByNovelty, by_novelty
from foldscape.neighbours.kept import neighbours_of
from foldscape.neighbours.representation import Representation
from foldscape.net.mlp import Weights
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
    """
    if not isinstance(run, Keeper):
        if spec is None:
            raise InvalidInput("The events of a run came without its spec.", hint="Give it as spec=.")
        run = Recording(spec, run)
    net, split = _net(run, step), run.spec.load()
    neighbours = neighbours_of(split, representation, net)
    return by_novelty(
        neighbours, net.logits(split.test_x), split.train_y, split.test_y,
        buckets=buckets, has_probabilities=makes_probabilities(run.spec.loss),
    )  # fmt: skip


def _net(run: Keeper, step: int | None) -> Weights:
    for frame in run.frames_before(step):
        if (net := net_of(frame, run.spec, folded=True)) is not None:
            return net
    raise FrameNotFound.of(run.name, step)
