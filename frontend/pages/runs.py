"""Runs: the table of all runs, live; the rows are brought by assets/runs over the live socket."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from frontend.page import Page
from frontend.runs.columns import columns

GRID = "runs-grid"
THEME = """themeQuartz.withParams({
    backgroundColor: 'var(--panel)', foregroundColor: 'var(--ink)', accentColor: 'var(--accent)',
    borderColor: 'var(--line)', headerBackgroundColor: 'var(--panel)', headerTextColor: 'var(--ink-2)',
    rowHoverColor: 'var(--hover)', selectedRowBackgroundColor: 'var(--chosen)', chromeBackgroundColor: 'var(--panel)',
    menuBackgroundColor: 'var(--panel)', tooltipBackgroundColor: 'var(--ink)', tooltipTextColor: 'var(--panel)',
    fontFamily: 'inherit', fontSize: 13, headerFontWeight: 550, cellHorizontalPadding: 8, wrapperBorderRadius: 8
})"""
OPTIONS = {
    "theme": {"function": " ".join(THEME.split())},
    "animateRows": False,
    "isFullWidthRow": {"function": "isGroupRow(params)"},
    "fullWidthCellRenderer": "RunGroup",
    "rowHeight": 38,
    "getRowHeight": {"function": "rowHeight(params)"},
    "headerHeight": 36,
    "rowSelection": {
        "mode": "multiRow",
        "headerCheckbox": True,
        "selectAll": "filtered",
        "enableClickSelection": False,
    },
    "selectionColumnDef": {"width": 42, "suppressHeaderMenuButton": True},
    "stopEditingWhenCellsLoseFocus": True,
    "tooltipShowDelay": 300,
    "enableCellTextSelection": True,
    "suppressNoRowsOverlay": True,
    "suppressCellFocus": False,
    "asyncTransactionWaitMillis": 60,
}


def layout() -> Any:
    """Build the page."""
    told: dict[str, Any] = {"data-grid": GRID}
    return html.Div(
        [
            dmc.Group(
                [dmc.Title("Runs", order=2), html.Div(id="runs-tools", className="fr-tools")],
                justify="space-between",
                className="fp-head",
            ),
            html.Div(id="runs-bar", className="fr-bar"),
            html.Div(
                dag.AgGrid(
                    id=GRID,
                    columnDefs=columns(),
                    rowData=[],
                    getRowId="params.data.id",
                    defaultColDef={"sortable": True, "resizable": True, "minWidth": 56},
                    dashGridOptions=OPTIONS,
                    className="fr-grid",
                    style={"height": "100%", "width": "100%"},
                ),
                className="fr-place",
            ),
            html.Div(id="runs-foot", className="fr-foot"),
            html.Div(id="runs", hidden=True, **told),
        ],
        className="fp-page fr-page",
    )


PAGE = Page("Runs", "/runs", layout, order=20)
