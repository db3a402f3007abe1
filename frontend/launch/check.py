"""One check for both views: the form's draft and the YAML text are judged by the same model as the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from foldscape.cost.correction import TimedRun
from foldscape.cost.rates import Rates
from foldscape.device import NO_WORKER, NoDevice
from foldscape.explain import explain, printable
from foldscape.fitting import without_class
from foldscape.reading import MAX_DRAFT, NotReadable, read_mapping
from foldscape.spec import RunSpec
from frontend.launch.estimate import estimate_run
from frontend.launch.nets import told_of_net
from frontend.launch.recipe import to_command, to_python, to_yaml


class TimedAnswer(BaseModel):
    """A run that a worker has timed, as the page sends it."""

    spec: dict[str, Any]
    probe_ms: dict[str, float]
    rate: float | None = None

    def as_timed(self) -> TimedRun:
        """Read its spec."""
        return TimedRun(RunSpec.model_validate(self.spec), self.probe_ms, self.rate)


class RunDraft(BaseModel):
    """A run that somebody writes, as the page sends it."""

    view: Literal["form", "yaml"]
    spec: Any = None
    text: str = ""
    serial: int = 0
    name: str = ""
    timed: tuple[TimedAnswer, ...] | None = None
    rates: Rates | None = None
    no_gpu: bool = False


def check_draft(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Judge a draft and write it for the other view.

    Args:
        draft: ``{"view": "form", "spec": …}`` or ``{"view": "yaml", "text": …}``, with a ``serial`` and a ``name``;
            ``timed`` are runs that workers have timed and ``rates`` how fast their machine is, see ``estimate_run``;
            ``no_gpu`` says that no worker has a card.

    Returns:
        The ``serial`` and ``view`` back; ``ok``; ``problems``; the ``spec`` as it now stands, or ``None`` when the text
        is no mapping; what is known of its ``net`` (``told_of_net``); and when it holds, ``yaml``, ``python``,
        ``command``, the ``estimate_run`` and the ``schedule``.

    Raises:
        pydantic.ValidationError: If it is no draft.
    """
    given = RunDraft.model_validate(draft)
    answer: dict[str, Any] = {"serial": given.serial, "view": given.view, "ok": False, "problems": [], "net": None}
    spec = given.spec
    if given.view == "yaml":
        try:
            spec = read_mapping(given.text, MAX_DRAFT)
        except NotReadable as error:
            trouble = {"path": "", "message": str(error), "given": "", "allowed": "YAML"}
            return {**answer, "spec": None, "problems": [trouble]}
    answer |= {"net": told_of_net(spec)}
    try:
        valid = RunSpec.model_validate(spec)
    except ValidationError as error:
        problems = explain(error.errors(include_url=False), RunSpec)
        return {**answer, "spec": printable(spec), "yaml": to_yaml(spec), "problems": problems}
    problems = [NoDevice(NO_WORKER).field] if given.no_gpu and valid.device == "cuda" else []
    problems += [refused.field] if (refused := without_class(valid)) else []
    return {
        **answer,
        "ok": not problems,
        "problems": problems,
        "spec": valid.model_dump(mode="json"),
        "yaml": to_yaml(valid),
        "python": to_python(valid),
        "command": to_command(given.name or "run", valid),
        "schedule": valid.foreseen_rates().model_dump(mode="json"),
        "estimate": estimate_run(valid, [run.as_timed() for run in given.timed or ()], given.rates),
    }
