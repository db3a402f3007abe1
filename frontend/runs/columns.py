"""The columns of the table of runs; hidden ones come only where they tell runs apart (assets/runs/differences.mjs).

What cells look like is drawn by assets/runs/cells.mjs.
"""

from __future__ import annotations

from typing import Any

TableColumn = dict[str, Any]

TEXT, NUMBER = "agTextColumnFilter", "agNumberColumnFilter"


def columns() -> list[TableColumn]:
    """Give the columns in order."""
    return [
        _words("state", "State", 184, cellRenderer="RunState", tooltip="stateTip(params)"),
        _words("name", "Name", 152, cellRenderer="RunName", editable=True),
        _words("data", "Data", 84, valueFormatter="plainWords(params.value)", tooltip="plainWords(params.value)"),
        _words("net", "Net", 132, tooltip="plainWords(params.value)"),
        _words("growth", "Growth", 84, valueFormatter="plainWords(params.value)", tooltip="plainWords(params.value)"),
        _number("seed", "Seed", 56),
        _number("batch", "Batch", 60),
        _number("best_accuracy", "Best", 62, "accuracy(params.value)", headerTooltip="Best accuracy, on test points"),
        _number(
            "last", "Last", 62, "accuracy(params.value)",
            colId="last", valueGetter="lastAccuracy(params)", headerTooltip="Last accuracy, on test points",
        ),
        _number(
            "lambda_max", "λ max", 68, "short(params.value)",
            headerTooltip="Largest eigenvalue of the Hessian of the training loss",
        ),
        _number(
            "validation_accuracy", "Valid.", 62, "accuracy(params.value)", hide=True,
            headerTooltip="Last accuracy on validation points",
        ),
        _words("activation", "Activation", 92, hide=True),
        _words("optimizer", "Optimiser", 92, hide=True),
        _number("lr", "Rate", 70, "short(params.value)", hide=True, headerTooltip="Learning rate at the start"),
        _number("epochs", "Epochs", 76, hide=True),
        _number("created", "Age", 74, "age(params.value)", sort="desc", filter=False),
        _words(
            "worker", "Worker", 90, cellClass="fr-quiet",
            valueFormatter="shortWorker(params.value)", tooltip="plainWords(params.value)",
        ),
        _words(
            "tags", "Tags", 88, cellRenderer="RunTags", editable=True,
            valueGetter="tagsText(params)", valueSetter="setTags(params)", tooltip="tagsText(params)",
        ),
        _words("notes", "Notes", 94, flex=1, cellRenderer="RunNotes", editable=True),
        {
            "colId": "actions", "headerName": "", "width": 134, "minWidth": 134, "cellRenderer": "RunActions",
            "sortable": False, "filter": False, "resizable": False, "pinned": "right", "suppressMovable": True,
        },
    ]  # fmt: skip


def _words(field: str, title: str, width: int, *, tooltip: str | None = None, **more: Any) -> TableColumn:
    return {"field": field, "headerName": title, "width": width, "filter": TEXT, **_functions(more, tooltip)}


def _number(field: str, title: str, width: int, formatter: str | None = None, **more: Any) -> TableColumn:
    told = {**more, **({"valueFormatter": formatter} if formatter else {})}
    column = {"field": field, "headerName": title, "width": width, "filter": NUMBER, "type": "rightAligned"}
    return {**column, **_functions(told, None)}


def _functions(more: dict[str, Any], tooltip: str | None) -> dict[str, Any]:
    """Mark what the grid shall read as a call of a registered function."""
    called = {"valueGetter", "valueSetter", "valueFormatter"}
    marked = {key: {"function": value} if key in called else value for key, value in more.items()}
    return {**marked, **({"tooltipValueGetter": {"function": tooltip}} if tooltip else {})}
