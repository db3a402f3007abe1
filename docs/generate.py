"""Write the reference pages from the code: ``python -m docs.generate``; ``--check`` only says whether they are true."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.app import create_app
from backend.settings import WebSettings
from foldscape.commands import Command
from foldscape.data.base import DataSet
from foldscape.ensembles.spec import EnsembleSpec, Member
from foldscape.events import COLUMNS, KINDS
from foldscape.growth import GrowthRule, Periodic
from foldscape.landscape.recorded.spec import LandscapeSpec
from foldscape.landscape.spec import DirectionSpec, Measured, Plane, Slice
from foldscape.losses import Loss
from foldscape.measures.declared import MEASURES
from foldscape.net.spec import kinds_of_net
from foldscape.optimizer import Optimizer
from foldscape.probes.base import Probe
from foldscape.registry import kinds
from foldscape.schedules import BatchSchedule, Schedule
from foldscape.spec import Growth, RunSpec, Start
from foldscape.stop_spec import EarlyStop, Plateau, StopRule
from foldscape.studies import Study
from foldscape.sweep.pooling import Pooling
from foldscape.sweep.result import CellResult, Record
from foldscape.sweep.spec import Limits, Measure, Primary, SweepSpec
from foldscape.terms import Term
from workers.settings import Settings

PAGES = Path(__file__).parent / "reference"
GLOSSARY = Path(__file__).parent.parent / "frontend" / "glossary.md"


def settings() -> str:
    """Tell every setting of the environment."""
    rows = [
        (f"`FOLDSCAPE_{name.upper()}`", _plain(field.default), _flat(field.description).replace("``", "`"))
        for model in (Settings, WebSettings)
        for name, field in model.model_fields.items()
    ]
    unique = {row[0]: row for row in reversed(rows)}
    return _page(
        "Settings", "Read from the environment.", ("variable", "shipped value", "meaning"), sorted(unique.values())
    )


def events() -> str:
    """Tell every event and its fields."""
    parts = ["# Events\n", "What a run says. Every event has `kind`, `step` and `seq`.\n"]
    for kind, cls in KINDS.items():
        parts.append(f"## `{kind}`\n\n{_summary(cls)}\n")
        told = {
            name: words for base in reversed(cls.__mro__) for name, words in _attributes(base.__doc__ or "").items()
        }
        own = [field.name for field in fields(cls) if field.name not in ("step", "seq")]
        parts.append(_table(("field", "meaning"), [(f"`{name}`", told.get(name, "")) for name in own]))
    parts.append("## Columns of a metrics row\n\n" + ", ".join(f"`{name}`" for name in COLUMNS) + ".\n")
    parts.append("## Columns of a curve\n\nWhat sweeps, comparisons and exports know by name.\n")
    parts.append(_table(("column", "words", "unit", "better", "mean over seeds", "told by"), list(_columns())))
    return "\n".join(parts)


def spec() -> str:
    """Tell the spec of a run, with every kind of its unions."""
    parts = ["# RunSpec\n", f"{_summary(RunSpec)} `foldscape schema` prints it as a JSON schema.\n", _model(RunSpec)]
    unions: dict[str, dict[str, type[Any]]] = {
        "Data sets (`data`)": kinds("foldscape.data", DataSet),
        "Losses (`loss`)": kinds("foldscape.losses", Loss),
        "Schedules of the learning rate (`lr_schedule`)": kinds("foldscape.schedules", Schedule),
        "Schedules of the batch size (`batch_schedule`)": kinds("foldscape.schedules", BatchSchedule),
        "Growth rules (`growth.rule`)": kinds("foldscape.growth", GrowthRule),
        "Probes (`probes`)": kinds("foldscape.probes", Probe),
        "Optimisers (`optimizer`)": kinds("foldscape.optimizer", Optimizer),
        "Gradient terms (`terms`)": kinds("foldscape.terms", Term),
    }
    for title, members in unions.items():
        parts.append(f"## {title}\n")
        parts.extend(f"### `{kind}`\n\n{_summary(cls)}\n\n{_model(cls)}" for kind, cls in members.items())
    parts.append("## Nets (`net`)\n\nTold apart by `wiring`; without one it is `layers`.\n")
    parts.extend(f"### `{wiring}`\n\n{_summary(cls)}\n\n{_model(cls)}" for wiring, cls in kinds_of_net().items())
    nested = {"growth": Growth, "growth.schedule": Periodic, "stop": StopRule, "stop.plateau": Plateau}
    nested |= {"stop.early_stop": EarlyStop, "start": Start}
    parts.append("## Other parts\n")
    parts.extend(f"### `{where}`: {cls.__name__}\n\n{_summary(cls)}\n\n{_model(cls)}" for where, cls in nested.items())
    return "\n".join(parts)


def commands() -> str:
    """Tell every command."""
    members = get_args(get_args(Command)[0])
    parts = ["# Commands\n", "What a person may say to a run: the body of `POST /api/runs/{id}/commands`.\n"]
    parts.extend(f"## `{cls.model_fields['kind'].default}`\n\n{_summary(cls)}\n\n{_model(cls)}" for cls in members)
    return "\n".join(parts)


def routes() -> str:
    """Tell every route of the API."""
    rows = []
    for path, calls in create_app().openapi()["paths"].items():
        for method, call in calls.items():
            rows.append((f"`{method.upper()} {path}`", call.get("summary", ""), _flat(call.get("description", ""))))
    return _page("HTTP API", "`/docs` of a running server tries them out.", ("call", "name", "what it does"), rows)


def studies() -> str:
    """Tell the spec of every kind of study."""
    parts = ["# Studies\n", "Questions answered by many nets at once: the body of `POST /api/studies`.\n"]
    members = kinds("foldscape.studies", Study)
    parts.extend(f"## `{kind}`\n\n{_summary(cls)}\n\n{_model(cls)}" for kind, cls in members.items())
    return "\n".join(parts)


def landscapes() -> str:
    """Tell what every landscape can be asked for."""
    parts = ["# Landscapes\n", "The loss around a recorded net: the body of `POST /api/landscapes`.\n"]
    views = get_args(get_args(LandscapeSpec)[0])
    parts.extend(f"## `{cls.model_fields['view'].default}`\n\n{_summary(cls)}\n\n{_model(cls)}" for cls in views)
    parts.extend(f"## {cls.__name__}\n\n{_summary(cls)}\n\n{_model(cls)}" for cls in (Slice, Plane, Measured))
    parts.append("## Directions\n")
    members = get_args(get_args(DirectionSpec)[0])
    parts.extend(f"### `{cls.model_fields['kind'].default}`\n\n{_summary(cls)}\n\n{_model(cls)}" for cls in members)
    return "\n".join(parts)


def ensembles() -> str:
    """Tell what an ensemble is made of."""
    parts = ["# Ensembles\n", "What recorded nets predict together: the body of `POST /api/ensembles`.\n"]
    parts.extend(f"## {cls.__name__}\n\n{_summary(cls)}\n\n{_model(cls)}" for cls in (EnsembleSpec, Member))
    return "\n".join(parts)


def sweeps() -> str:
    """Tell what a sweep is made of, and what it gives."""
    parts = [
        "# Sweeps\n",
        "Many runs for one question: the body of `POST /api/sweeps`, and the file of `foldscape sweep`.\n",
    ]
    for cls in (SweepSpec, Primary, Measure, Pooling, Limits, CellResult, Record):
        parts.append(f"## {cls.__name__}\n\n{_summary(cls)}\n\n{_model(cls)}")
    return "\n".join(parts)


def glossary() -> str:
    """Give the glossary that the pages show."""
    return GLOSSARY.read_text()


ALL = {
    "settings.md": settings,
    "events.md": events,
    "spec.md": spec,
    "commands.md": commands,
    "studies.md": studies,
    "landscapes.md": landscapes,
    "ensembles.md": ensembles,
    "sweeps.md": sweeps,
    "api.md": routes,
    "../glossary.md": glossary,
}


def stale() -> list[str]:
    """Name the pages that no longer tell the truth."""
    return [name for name, write in ALL.items() if not (PAGES / name).exists() or (PAGES / name).read_text() != write()]


def main() -> None:
    """Write the pages, or check them."""
    if "--check" in sys.argv:
        sys.exit(f"Stale: {', '.join(stale())}. Run `make docs`." if stale() else 0)
    PAGES.mkdir(exist_ok=True)
    for name, write in ALL.items():
        (PAGES / name).write_text(write())


def _columns() -> Iterator[tuple[str, ...]]:
    for name, column in MEASURES.items():
        better = "smaller is flatter" if column.flatness else {"neither": "–"}.get(column.better, column.better)
        field = f"`{column.event}.{'.'.join(column.path)}`" if column.event else "counted"
        yield f"`{name}`", column.label, column.unit or "–", better, column.mean, field


def _page(title: str, text: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return f"# {title}\n\n{text}\n\n{_table(head, rows)}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {line} |" for line in lines)]) + "\n"


def _model(cls: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _type(field.annotation), _default(field), _flat(field.description).replace("``", "`"))
        for name, field in cls.model_fields.items()
        if name != "kind"
    ]
    return _table(("field", "type", "default", "meaning"), rows)


def _default(field: FieldInfo) -> str:
    return _plain(field.get_default(call_default_factory=True))


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(map(_type, get_args(annotation))))
    if origin is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if origin is not None:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    return {"NoneType": "null", "int": "whole number", "float": "number", "str": "text", "bool": "true or false"}.get(
        annotation.__name__, annotation.__name__
    )


def _plain(value: Any) -> str:
    if isinstance(value, BaseModel):
        written = value.model_dump(mode="json")
        return f"`{written if isinstance(written, str) else written.get('kind', 'as below')}`"
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value)) or "none"
    if repr(value) == "PydanticUndefined":
        return "required"
    return "" if value == "" else f"`{value}`"


def _summary(cls: type) -> str:
    return _flat((cls.__doc__ or "").split("\n\n")[0])


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _attributes(doc: str) -> dict[str, str]:
    return dict(_entries(doc.partition("Attributes:")[2].splitlines()))


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    name, words = "", ""
    for line in lines:
        stripped = line.strip()
        if line.startswith(" " * 8) and not line.startswith(" " * 9) and ":" in stripped:
            if name:
                yield name, words
            name, _, words = stripped.partition(":")
            words = words.strip()
        elif name:
            words = f"{words} {stripped}".strip()
    if name:
        yield name, words


if __name__ == "__main__":
    main()
