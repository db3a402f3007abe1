"""One check for both views: the form's draft and the YAML text are judged by the same model as the API."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from foldscape.explain import explain, printable
from foldscape.reading import MAX_DRAFT, NotReadable, read_mapping
from foldscape.spec import RunSpec
from frontend.launch.estimate import estimate
from frontend.launch.recipe import to_command, to_python, to_yaml


def check(draft: dict[str, Any]) -> dict[str, Any]:
    """Judge a draft and write it for the other view.

    Args:
        draft: ``{"view": "form", "spec": …}`` or ``{"view": "yaml", "text": …}``, with a ``serial`` and a ``name``;
            ``timed`` are runs whose probes workers have timed, see ``estimate``.

    Returns:
        The ``serial`` and ``view`` back; ``ok``; ``problems``; the ``spec`` as it now stands, or ``None`` when the text
        is no mapping; and when it holds, ``yaml``, ``python``, ``command`` and the ``estimate``.
    """
    answer: dict[str, Any] = {"serial": draft.get("serial", 0), "view": draft["view"], "ok": False, "problems": []}
    if draft["view"] == "yaml":
        try:
            spec = read_mapping(draft["text"], MAX_DRAFT)
        except NotReadable as error:
            trouble = {"path": "", "message": str(error), "given": "", "allowed": "YAML"}
            return {**answer, "spec": None, "problems": [trouble]}
    else:
        spec = draft["spec"]
    try:
        valid = RunSpec.model_validate(spec)
    except ValidationError as error:
        problems = explain(error.errors(include_url=False), RunSpec)
        return {**answer, "spec": printable(spec), "yaml": to_yaml(spec), "problems": problems}
    return {
        **answer,
        "ok": True,
        "spec": valid.model_dump(mode="json"),
        "yaml": to_yaml(valid),
        "python": to_python(valid),
        "command": to_command(draft.get("name") or "run"),
        "estimate": estimate(valid, draft.get("timed") or ()),
    }
