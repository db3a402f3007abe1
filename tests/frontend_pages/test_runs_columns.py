from __future__ import annotations

import re
from pathlib import Path

from frontend.runs.columns import columns

CELLS = (Path(__file__).parents[2] / "frontend/assets/runs/cells.mjs").read_text()


def test_every_column_asked_for_is_there() -> None:
    titles = [column["headerName"] for column in columns()]
    wanted = {"State", "Name", "Data", "Net", "Growth", "Seed", "Batch", "Best", "Last", "λ max", "Age", "Worker"}
    assert wanted | {"Tags", "Notes"} <= set(titles)


def test_words_of_people_are_edited_in_place() -> None:
    assert {column["field"] for column in columns() if column.get("editable")} == {"name", "tags", "notes"}


def test_every_function_and_renderer_named_exists() -> None:
    for column in columns():
        renderer = column.get("cellRenderer")
        assert renderer is None or f"function {renderer}(" in CELLS
        for value in column.values():
            if isinstance(value, dict) and "function" in value:
                name = re.match(r"\w+", value["function"])
                assert name is not None
                assert re.search(rf"\b{name.group()}\b", CELLS.split("export const functions")[1]), name.group()
