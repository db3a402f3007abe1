"""``foldscape schema``."""

from __future__ import annotations

import json

import typer

from foldscape.spec import RunSpec


def schema() -> None:
    """Print the JSON schema of a run's spec."""
    typer.echo(json.dumps(RunSpec.model_json_schema(), indent=2))
