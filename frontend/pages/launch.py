"""Launch: one run, from a form made of the schema of its spec, or a sweep of many."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html

from foldscape.data.base import DataSet
from foldscape.optimizer import Optimizer
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from frontend.launch.check import check_draft
from frontend.launch.nets import with_kinds_of_net
from frontend.launch.plan import form_plan
from frontend.launch.presets import run_presets
from frontend.page import Page

DRAFT, ANSWER, HEARD = "launch-draft", "launch-answer", "launch-heard"
HAND_OVER = """(answer) => {
  window.dispatchEvent(new CustomEvent("launch-answer", { detail: answer }));
  return window.dash_clientside.no_update;
}"""


def layout() -> Any:
    """Build the page; the form itself is drawn by assets/launch from the plan that stands in the page."""
    plan = with_kinds_of_net(form_plan(RunSpec.model_json_schema(), RunSpec().model_dump(mode="json")))
    told: dict[str, Any] = {"data-told": json.dumps({"plan": plan, "presets": run_presets()})}
    return html.Div(
        [
            dcc.Store(id=DRAFT),
            dcc.Store(id=ANSWER),
            dcc.Store(id=HEARD),
            dmc.Group(
                [
                    html.Div([dmc.Title("Launch", order=2), html.Div(id="launch-halves")], className="fw-head"),
                    _part("run", id="launch-presets", className="fl-presets"),
                    _part("sweep", id="sweep-presets", className="fl-presets"),
                ],
                justify="space-between",
                className="fp-head",
            ),
            _part(
                "run",
                [html.Div(id="launch-form", className="fl-form"), html.Div(id="launch-side", className="fl-side")],
                className="fl-columns",
            ),
            _part("sweep", sweep_half(), className="fw-half"),
            html.Div(id="launch", hidden=True, **told),
        ],
        className="fp-page",
    )


def sweep_half() -> list[Any]:
    """Build the places of the sweep half; assets/launch/sweep draws them."""
    optimizers = [
        (kind, cast(type[Optimizer], each)(kind=kind).name)
        for kind, each in kinds("foldscape.optimizer", Optimizer).items()
    ]
    choices = {"data": list(kinds("foldscape.data", DataSet)), "optimizers": optimizers}
    told: dict[str, Any] = {"data-told": json.dumps(choices)}
    return [
        html.Div(id="sweep-live", hidden=True),
        html.Div(
            [html.Div(id="sweep-form", className="fw-form"), html.Div(id="sweep-side", className="fl-side")],
            className="fl-columns",
        ),
        html.Div(id="sweep-past"),
        html.Div(id="launch-sweep", hidden=True, **told),
    ]


def _part(half: str, children: Any = None, **more: Any) -> Any:
    """Build a part of the page that is shown with one half only."""
    named: dict[str, Any] = {"data-of-half": half}
    return html.Div(children, hidden=half != "run", **named, **more)


def callbacks(app: Any) -> None:
    """Judge each draft on the server with the model that the API uses."""
    app.callback(Output(ANSWER, "data"), Input(DRAFT, "data"), prevent_initial_call=True)(judge)
    app.clientside_callback(HAND_OVER, Output(HEARD, "data"), Input(ANSWER, "data"), prevent_initial_call=True)


async def judge(draft: dict[str, Any]) -> dict[str, Any]:
    """Check a draft off the event loop."""
    return await asyncio.to_thread(check_draft, draft)


PAGE = Page("Launch", "/launch", layout, order=50, callbacks=callbacks)
