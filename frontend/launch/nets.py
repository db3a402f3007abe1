"""What Launch tells of nets: the kinds in an order, which of them can read the chosen data, and what is chosen."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from foldscape.data.base import DataSet
from foldscape.fitting import misread
from foldscape.growth.nets import nets_as_json
from foldscape.net.facts import facts_of
from foldscape.net.spec import NetSpec, kinds_of_net
from foldscape.spec import DataSpec, NetUnion

FormPlan = dict[str, Any]

HEADINGS = {"any": "for any numbers", "pictures": "for pictures", "sentences": "for sentences", "": "others"}
"""Headings of the list of kinds, in their order, by what the kinds below read."""


def with_kinds_of_net(plan: FormPlan) -> FormPlan:
    """Put the kinds of nets of a form's plan in order: by what they read, and then by their titles.

    Args:
        plan: What ``form_plan`` gives for a run.

    Returns:
        The plan, with the usual kind first in its group.
    """
    under = {each["wiring"]: _sort(each["samples"]) for each in nets_as_json()}
    places = list(HEADINGS)

    def place(option: FormPlan) -> tuple[int, bool, str]:
        return places.index(under[option["kind"]]), not option["usual"], option["title"].lower()

    def arranged(field: FormPlan) -> FormPlan:
        options = sorted(field["options"], key=place)
        shared = set.intersection(*({each["key"] for each in option["fields"]} for option in options)) - {"hidden"}
        return {**field, "options": [_own_first(each, shared, HEADINGS[under[each["kind"]]]) for each in options]}

    return {**plan, "fields": [arranged(field) if field["key"] == "net" else field for field in plan["fields"]]}


def _own_first(option: FormPlan, shared: set[str], heading: str) -> FormPlan:
    """Give a kind its heading, and its own fields before those that all kinds have."""
    return {**option, "under": heading, "fields": sorted(option["fields"], key=lambda field: field["key"] in shared)}


def _sort(samples: list[str]) -> str:
    if "numbers" in samples or "points" in samples:
        return "any"
    if "pictures" in samples:
        return "pictures"
    return "sentences" if samples else ""


def told_of_net(draft: Any) -> dict[str, Any] | None:
    """Say of a draft which kinds of nets cannot read its data, and what its own net is.

    Args:
        draft: A run as somebody writes it; other fields may be wrong.

    Returns:
        ``unread``, a reason by kind, and the ``facts`` (``foldscape.net.facts``), ``None`` where the net cannot read
        the data or is not told well; ``None`` where the data are not.
    """
    told = draft if isinstance(draft, dict) else {}
    try:
        data: DataSet = TypeAdapter(DataSpec).validate_python(told.get("data", {"kind": "rings"}))
    except ValidationError:
        return None
    return {"unread": _unread(data), "facts": _facts(told.get("net", {}), data)}


def _unread(data: DataSet) -> dict[str, str]:
    reasons = {name: misread(net.reading(data.symbols), data) for name, net in _usual().items()}
    return {name: _short(name, reason) for name, reason in reasons.items() if reason}


def _usual() -> dict[str, NetSpec]:
    """Give a net of each kind at its usual settings, where the kind has some."""
    found = {}
    for name, kind in kinds_of_net().items():
        try:
            found[name] = kind(wiring=name)
        except ValidationError:  # it has to be told more
            continue
    return found


def _short(name: str, reason: str) -> str:
    """Leave out what stands beside it already, and the way out."""
    said = reason.removeprefix(f"net.wiring {name} ").split("; ")[0].split(": ")[-1]
    return said.removeprefix("net.").split(", and ")[0]


def _facts(net: Any, data: DataSet) -> dict[str, Any] | None:
    try:
        spec: NetSpec = TypeAdapter(NetUnion).validate_python(net)
    except ValidationError:
        return None
    spec = spec.reading(data.symbols)
    return None if misread(spec, data) else facts_of(spec, data.shape, data.classes).model_dump(mode="json")
