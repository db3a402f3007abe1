"""What a run makes small: one file a loss, with its words, its formula and its derivatives.

A loss of another package joins by an entry point ``losses.<name>`` in the group ``foldscape.plugins``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foldscape.errors import InvalidInput
from foldscape.losses.base import Form, Loss
from foldscape.losses.cross_entropy import CrossEntropy
from foldscape.losses.mse import MeanSquaredError
from foldscape.registry import kinds, named_union_of

if TYPE_CHECKING:
    LossSpec = Loss
else:
    LossSpec = named_union_of("foldscape.losses", Loss)

LOSSES: dict[str, type[Loss]] = kinds("foldscape.losses", Loss)  # type: ignore[assignment]
"""The losses by kind."""

__all__ = ["LOSSES", "CrossEntropy", "Form", "Loss", "LossSpec", "MeanSquaredError", "declared", "loss_of", "unit_of"]


def loss_of(given: str | Loss) -> Loss:
    """Take a loss by its kind, or as it is.

    Args:
        given: A kind, at its defaults, or a loss.

    Returns:
        The loss.

    Raises:
        InvalidInput: If there is no such kind.

    Example:
        >>> loss_of("mse") == MeanSquaredError()
        True
    """
    if isinstance(given, Loss):
        return given
    if not isinstance(given, str) or given not in LOSSES:
        raise InvalidInput(f"There is no loss {given!r}.", hint=f"Choose one of {', '.join(LOSSES)}.")
    return LOSSES[given].model_validate({})


def unit_of(label: str) -> str:
    """Give what follows a number in the unit of a loss.

    Args:
        label: ``Loss.label``; what is none is given back.

    Returns:
        The unit; of a loss with settings, with these. Of several losses, joined by "and", that there are several.

    Example:
        >>> unit_of("cross_entropy(label_smoothing=0.1)")
        'nats of cross_entropy(label_smoothing=0.1)'
    """
    several = [each.partition("(")[0] for each in label.split(" and ")]
    if not all(kind in LOSSES for kind in several):
        return label
    if len(several) > 1:
        units = sorted({str(LOSSES[kind].words()["unit"]) for kind in several})
        return f"{' or '.join(units)} of different losses"
    (kind,) = several
    unit = str(LOSSES[kind].words()["unit"])
    return unit if label == kind else f"{unit} of {label}"


def declared() -> list[dict[str, Any]]:
    """Give the words of all losses as plain JSON, for pages and scripts."""
    return [kind.words() for kind in LOSSES.values()]
