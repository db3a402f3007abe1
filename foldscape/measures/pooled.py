"""The columns of a sweep whose every line is an ensemble: what its members predict together, and how far apart."""

from __future__ import annotations

from collections.abc import Iterator

from foldscape.measures.column import Column

EVENT = "ensemble"


def _columns() -> Iterator[Column]:
    """Give the columns: scores of the members so far, their gain, means over all pairs of them."""
    share = {"unit": "share", "mean": "arithmetic", "event": EVENT}
    yield Column("ensemble_members", "members of the ensemble", mean="arithmetic", event=EVENT)
    yield Column("ensemble_accuracy", "test accuracy of the ensemble", better="higher", **share)  # type: ignore[arg-type]
    yield Column("ensemble_loss", "negative log likelihood of the ensemble", "nats", better="lower", event=EVENT)
    yield Column("ensemble_calibration", "calibration error of the ensemble", better="lower", **share)  # type: ignore[arg-type]
    yield Column("member_accuracy", "mean test accuracy of the members", better="higher", **share)  # type: ignore[arg-type]
    yield Column("ensemble_gain", "gain of the ensemble over its members", better="higher", **share)  # type: ignore[arg-type]
    yield Column(
        "mean_weights_accuracy",
        "test accuracy of the mean of the members' weights",
        better="higher",
        **share,  # type: ignore[arg-type]
    )
    yield Column("ensemble_distance", "distance between members", event=EVENT)
    yield Column("ensemble_disagreement", "disagreement between members", **share)  # type: ignore[arg-type]
    yield Column("ensemble_error_correlation", "correlation of the members' errors", mean="arithmetic", event=EVENT)
    yield Column("ensemble_barrier", "barrier between members", "nats", mean="arithmetic", event=EVENT)
    yield Column("ensemble_cell_distance", "cell distance between members", **share)  # type: ignore[arg-type]


POOLED = tuple(_columns())
"""In the order of the columns of a curve; a run that is no ensemble has none of them."""
