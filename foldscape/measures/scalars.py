"""The columns that every run has without a probe: its clocks, its size, its losses and how often it is right."""

from __future__ import annotations

from foldscape.measures.column import Column

SCALARS = (
    Column("epoch", "epochs", mean="arithmetic", event="metrics"),
    Column("updates", "updates", better="lower", mean="arithmetic", always=True, event=""),
    Column("flops", "FLOPs", better="lower", mean="arithmetic", always=True, event=""),
    Column("seconds", "seconds", "s", better="lower", mean="arithmetic", event=""),
    Column("growing_seconds", "time spent growing", "s", better="lower", mean="arithmetic", event=""),
    Column("neurons", "neurons", mean="arithmetic", always=True, event="metrics"),
    Column("parameters", "parameters", mean="arithmetic", event="metrics"),
    Column("train_loss", "training loss", "nats", better="lower", always=True, event="metrics"),
    Column("train_accuracy", "training accuracy", "share", better="higher", mean="arithmetic", event="metrics"),
    Column("test_loss", "test loss", "nats", better="lower", event="metrics"),
    Column("test_accuracy", "test accuracy", "share", better="higher", mean="arithmetic", always=True, event="metrics"),
    Column("test_matthews", "Matthews correlation", better="higher", mean="arithmetic", event=""),
    Column("validation_loss", "validation loss", "nats", better="lower", event="validation", field="loss"),
    Column(
        "validation_accuracy",
        "validation accuracy",
        "share",
        better="higher",
        mean="arithmetic",
        event="validation",
        field="accuracy",
    ),
    Column(
        "validation_matthews",
        "Matthews correlation on validation",
        better="higher",
        mean="arithmetic",
        event="validation",
        field="matthews",
    ),
    Column("gradient_norm", "gradient norm", event="metrics"),
    Column("lr_batch_ratio", "η/S", event=""),
    Column("batch_share", "S/N", event=""),
    Column("edge_ratio", "λ₁ by its edge", event=""),
)
"""In the order of the columns of a curve; those of event ``metrics`` stand in its rows, those of
``validation`` are told of runs that have such a part, the others are counted."""
