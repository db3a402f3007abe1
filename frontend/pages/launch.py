"""Launch: a form made from the schema of a spec, and the same spec as YAML beside it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html

from foldscape.spec import RunSpec
from frontend.launch.check import check
from frontend.launch.plan import form_plan
from frontend.launch.presets import presets
from frontend.page import Page

DRAFT, ANSWER, HEARD = "launch-draft", "launch-answer", "launch-heard"
HAND_OVER = """(answer) => {
  window.dispatchEvent(new CustomEvent("launch-answer", { detail: answer }));
  return window.dash_clientside.no_update;
}"""


def layout() -> Any:
    """Build the page; the form itself is drawn by assets/launch from the plan that stands in the page."""
    plan = form_plan(RunSpec.model_json_schema(), RunSpec().model_dump(mode="json"))
    told: dict[str, Any] = {"data-told": json.dumps({"plan": plan, "presets": presets()})}
    return html.Div(
        [
            dcc.Store(id=DRAFT),
            dcc.Store(id=ANSWER),
            dcc.Store(id=HEARD),
            dmc.Group(
                [dmc.Title("Launch", order=2), html.Div(id="launch-presets", className="fl-presets")],
                justify="space-between",
                className="fp-head",
            ),
            html.Div(
                [
                    html.Div(id="launch-form", className="fl-form"),
                    html.Div(id="launch-side", className="fl-side"),
                ],
                className="fl-columns",
            ),
            html.Div(id="launch", hidden=True, **told),
        ],
        className="fp-page",
    )


def callbacks(app: Any) -> None:
    """Judge each draft on the server with the model that the API uses."""
    app.callback(Output(ANSWER, "data"), Input(DRAFT, "data"), prevent_initial_call=True)(judge)
    app.clientside_callback(HAND_OVER, Output(HEARD, "data"), Input(ANSWER, "data"), prevent_initial_call=True)


async def judge(draft: dict[str, Any]) -> dict[str, Any]:
    """Check a draft off the event loop."""
    return await asyncio.to_thread(check, draft)


PAGE = Page("Launch", "/launch", layout, order=50, callbacks=callbacks)
