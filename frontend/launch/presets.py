"""The runs that the Launch page offers ready made."""

from __future__ import annotations

from typing import TypedDict

from foldscape.spec import RunSpec


class RunPreset(TypedDict):
    """A named spec.

    Attributes:
        key: Its name in the address.
        label: Its name on the button.
        about: One line on what to look for.
        name: The name that its run starts with.
        spec: The spec as JSON.
    """

    key: str
    label: str
    about: str
    name: str
    spec: dict[str, object]


def _preset(key: str, label: str, about: str, name: str, spec: dict[str, object]) -> RunPreset:
    full = RunSpec.model_validate(spec).model_dump(mode="json")
    return {"key": key, "label": label, "about": about, "name": name, "spec": full}


def run_presets() -> list[RunPreset]:
    """Give the ready-made specs, each checked and complete."""
    return [
        _preset(
            "rings",
            "Rings, live",
            "One fold, twenty epochs a second: open it in Play and grow it by hand.",
            "",
            {"data": {"kind": "rings"}, "net": {"hidden": [1]}, "speed": 20},
        ),
        _preset(
            "digits",
            "Digits on the batch queue",
            "64 inputs, 10 classes, one hidden layer of 32; every frame keeps its confusion matrix.",
            "",
            {
                "data": {"kind": "digits"},
                "net": {"hidden": [32]},
                "optimizer": {"kind": "adam", "lr": 0.003},
                "batch": 32,
                "stop": {"epochs": 100},
                "queue": "batch",
            },
        ),
        _preset(
            "moons",
            "Moons, grown",
            "Starts with one fold and gets another every 20 epochs, five times.",
            "",
            {
                "data": {"kind": "moons", "noise": 0.15},
                "net": {"hidden": [1]},
                "growth": {"schedule": {"kind": "periodic", "start": 20, "every": 20, "births": 5}},
                "stop": {"epochs": 300},
                "speed": 20,
            },
        ),
        _preset(
            "edge",
            "Edge of stability",
            "Full-batch descent on the squared error: ηλ₁/2 climbs to 1 within some 500 updates and hovers there.",
            "edge-of-stability",
            {
                "data": {"kind": "digits", "centred": True},
                "net": {"hidden": [64, 64, 64], "activation": "tanh", "output_scale": 1},
                "loss": "mse",
                "optimizer": {"kind": "sgd", "lr": 0.3},
                "batch": 1437,
                "seed": 0,
                "stop": {"epochs": 3000},
                "probes": [
                    {"kind": "frame", "every": 20},
                    {"kind": "curvature", "every": 5, "granularities": []},
                    {"kind": "slice", "every": 40},
                ],
            },
        ),
    ]
