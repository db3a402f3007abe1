"""A sweep while somebody writes it: what is wrong with it, what it will take, and the same as YAML and Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import Field, ValidationError

from foldscape.cost.rates import Rates
from foldscape.explain import explain
from foldscape.model import Model, chosen
from foldscape.reading import MAX_DRAFT, NotReadable, read_mapping
from foldscape.sweep.check import problems, without_card
from foldscape.sweep.cost import SweepEstimate, estimate
from foldscape.sweep.needs import Need, needs
from foldscape.sweep.spec import SHORT, SweepSpec, named_apart


class JudgedDraft(Model):
    """What is to be said of a draft."""

    spec: dict[str, Any] | None = None
    """The sweep with all defaults; ``null`` where it is not well formed."""
    problems: list[dict[str, Any]] = Field(default_factory=list)
    """What keeps it from being launched, field by field: ``path``, ``message``, ``given``, ``allowed``."""
    estimate: SweepEstimate | None = None
    """What it will take; ``null`` while there are problems."""
    needs: list[Need] = Field(default_factory=list)
    """What has to come to this machine first, field by field; a worker elsewhere may have it."""
    yaml: str = ""
    """The same as YAML, for ``foldscape sweep``."""
    python: str = ""
    """The same from Python."""


def judge_draft(given: Mapping[str, Any] | str, rates: Rates | None = None, no_gpu: str = "") -> JudgedDraft:
    """Judge a draft.

    Args:
        given: The sweep as plain values, or as YAML.
        rates: Speed of the machine that would carry it out.
        no_gpu: Why nobody computes on a card; empty where somebody does, or that is not known.

    Returns:
        The sweep as far as it can be read, its faults and its estimate.
    """
    try:
        plain = read_mapping(given, MAX_DRAFT) if isinstance(given, str) else given
        spec = SweepSpec.model_validate(plain)
    except NotReadable as error:
        said = f"this is no YAML that can be read: {error}"
        return JudgedDraft(problems=[{"path": "", "message": said, "given": None, "allowed": ""}])
    except ValidationError as error:
        return JudgedDraft(problems=explain(error.errors(include_url=False), SweepSpec))
    faults = problems(spec) or without_card(spec, no_gpu)
    return JudgedDraft(
        spec=spec.model_dump(mode="json"),
        problems=faults,
        estimate=None if faults else estimate(spec, rates),
        needs=[] if faults else needs(spec),
        yaml=as_yaml(spec),
        python=as_python(spec),
    )


def as_yaml(spec: SweepSpec) -> str:
    """Write a sweep as YAML, without what is left to the defaults."""
    return yaml.safe_dump(compact(spec), sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)


def as_python(spec: SweepSpec) -> str:
    """Write the lines of Python that carry a sweep out."""
    body = as_yaml(spec).replace("\\", "\\\\").replace('"""', r"\"\"\"")
    return (
        "import yaml\n\nfrom foldscape.comparison import compare\nfrom foldscape.sweep import run\n\n"
        f'SWEEP = """\\\n{body}"""\n\n'
        'result = run(yaml.safe_load(SWEEP), "sweep")  # resumes in the folder "sweep"\n'
        f"found = compare(result.curves(), by={spec.primary.align!r}, primary={spec.primary.measure!r})\n"
        "print(found.answer)\n"
        "for verdict in found.verdicts:\n"
        "    print(verdict.words)\n"
    )


def compact(spec: SweepSpec) -> dict[str, Any]:
    """Give a sweep as plain values in the shortest form that reads back to it."""
    plain: dict[str, Any] = chosen(spec)
    if "vary" in plain:
        plain["vary"] = {axis: _listed(axis, settings) for axis, settings in plain["vary"].items()}
    seeds = spec.seeds
    run = len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    always = {
        "primary": spec.primary.model_dump(mode="json"),
        "seeds": f"{seeds[0]}-{seeds[-1]}" if run else list(seeds),
    }
    return {
        name: always.get(name, plain.get(name)) for name in type(spec).model_fields if name in plain or name in always
    }


def _listed(axis: str, settings: dict[str, dict[str, Any]]) -> Any:
    """Give an axis as a list of values where its settings are nothing more."""
    path = SHORT.get(axis, axis)
    if all(list(one) == [path] for one in settings.values()):
        values = [one[path] for one in settings.values()]
        return values if [name for name, _ in named_apart(values)] == list(settings) else settings
    return settings
