"""The places of the play page; assets/play fills the empty ones. Dash must not give those children of its own."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from foldscape.spec import RunSpec
from frontend.launch.plan import form_plan
from frontend.shell import label


def layout() -> Any:
    """Give the page: transport on top; data, plane and net side by side; the line of time below."""
    return html.Div(
        [
            html.H1("Play: watch a small net fold the plane", className="fs-hidden"),
            html.Div(id="play-transport", className="play-transport panel", role="toolbar", **label("Training")),
            html.Div(id="play-banner", className="play-banner", role="alert"),
            html.Aside([_data(), _grow(), _hills(), _more()], className="play-left", **label("Data and growth")),
            _plane(),
            html.Aside(
                [_net(), _meters(), html.Div(id="play-card", className="play-card panel")],
                className="play-right",
                **label("Net and measures"),
            ),
            _time(),
            html.Div(id="play-words", className="fs-hidden", **polite()),
            html.Div(id="play", **_schedules()),
        ],
        className="play",
    )


def _schedules() -> dict[str, Any]:
    """Hand over the plan of the fields of both schedules, as Launch draws them."""
    wanted = ("lr_schedule", "batch_schedule")
    plan = form_plan(RunSpec.model_json_schema())
    return {
        "data-schedules": json.dumps({**plan, "fields": [node for node in plan["fields"] if node["key"] in wanted]})
    }


def polite() -> dict[str, Any]:
    """Let a screen reader say what changes here, when it has time."""
    return {"aria-live": "polite"}


def _panel(title: str, *children: Any, name: str, note: str = "", quiet: bool = False) -> Any:
    head = [html.H2(title, className="panel-title"), html.Span(id=note, className="panel-note") if note else None]
    return html.Section([html.Div(head, className="panel-head"), *children], className=f"panel {name}", **label(title))


def _data() -> Any:
    return _panel("Data", html.Div(id="play-data"), name="panel-data", note="play-seed")


def _grow() -> Any:
    return _panel("Grow", html.Div(id="play-grow"), name="panel-grow", note="play-kept")


def _hills() -> Any:
    return _panel("Hills", html.Div(id="play-hills"), name="panel-hills", note="play-hills-now")


def _more() -> Any:
    return html.Section(id="play-more", className="panel panel-more", **label("More settings"))


def _plane() -> Any:
    return html.Section(
        [
            html.Div(
                [
                    html.Div(id="play-hint", className="plane-hint"),
                    html.Div(id="play-view", className="plane-view"),
                ],
                className="plane-head",
            ),
            html.Div(
                [
                    html.Div(id="play-view-bar", className="view-bar"),
                    html.Div(id="play-cursor", className="plane-cursor"),
                ],
                className="view-line",
            ),
            html.Div(id="play-twin-line", className="twin-line", **polite()),
            html.Div(id="play-critical", className="critical-line"),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(id="play-caption", className="twin-caption"),
                            html.Div(id="play-plane", className="plane"),
                        ],
                        className="plane-cell",
                    ),
                    html.Div(id="play-twin", className="plane-cell plane-twin"),
                ],
                className="plane-row",
            ),
            html.Div(id="play-corners", className="plane-corners", **label("Fold points")),
            html.Div(id="play-corrupted", className="plane-corners", **label("Corrupted points")),
            html.Div(id="play-legend", className="plane-legend"),
        ],
        className="panel panel-plane",
        **label("The plane"),
    )


def _net() -> Any:
    return _panel("Net", html.Div(id="play-net", className="net"), name="panel-net", note="play-neurons")


def _meters() -> Any:
    return html.Section(
        [*(_meter(title, key) for title, key in METERS), html.Div(id="play-noise", className="meter-noise")],
        className="panel panel-meters",
        **label("Measures"),
    )


METERS = [
    ("Accuracy", "accuracy"),
    ("Loss", "loss"),
    ("Sharpness", "sharpness"),
    ("Sharpest directions", "slice"),
]


def _meter(title: str, key: str) -> Any:
    head = [html.H2(title, className="panel-title"), html.Span(id=f"play-{key}-now", className="panel-note")]
    return html.Div(
        [html.Div(head, className="panel-head"), html.Div(id=f"play-{key}")], className=f"meter meter-{key}"
    )


def _time() -> Any:
    return html.Section(
        [
            html.Div(id="play-moment", className="time-moment"),
            html.Div(id="play-time", className="time-line"),
            html.Div(id="play-time-buttons", className="time-buttons"),
        ],
        className="panel panel-time",
        **label("Time"),
    )
