"""One spec, written for a file, for Python and for the command line."""

from __future__ import annotations

from typing import Any

import yaml

from foldscape.model import chosen
from foldscape.spec import RunSpec


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the quick one, where it was built
    """Writes lists of plain values on one line."""


def _list(dumper: Any, values: list[Any]) -> Any:
    plain = all(not isinstance(value, list | dict) for value in values)
    node: yaml.Node = dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)
    return node


_Dumper.add_representer(list, _list)


def to_yaml(value: Any) -> str:
    """Write a spec, or a draft that is not one yet, as YAML in the order of its fields."""
    data = value.model_dump(mode="json") if isinstance(value, RunSpec) else value
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def to_python(spec: RunSpec) -> str:
    """Write a spec as a Python program that starts it in this very process."""
    source, imports = "", ""
    if spec.start is not None:
        imports = "from pathlib import Path\n\nfrom foldscape.start import StartNet\n"
        source = ', source=StartNet.unpack(Path("start.npz").read_bytes())'
    body = "".join(f"    {name!r}: {value!r},\n" for name, value in chosen(spec).items())
    return (
        f"{imports}from foldscape.spec import RunSpec\n"
        "from foldscape.training import run\n\n"
        f"spec = RunSpec.model_validate({{\n{body}}})\n"
        f"for event in run(spec{source}):\n"
        "    print(event.kind, event.step)\n"
    )


def to_command(name: str, spec: RunSpec) -> str:
    """Write the command line that runs the saved YAML; weights to begin with lie beside it."""
    return f"foldscape run {name}.yaml{' --source start.npz' if spec.start else ''}"
