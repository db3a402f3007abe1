"""Write a comparison to a folder, and read it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foldscape.comparison import Clock, Comparison, Curve, compare, table
from foldscape.errors import InvalidInput
from foldscape.exports import figures
from foldscape.exports.notebook import write_notebook
from foldscape.exports.numbers import write_numbers
from foldscape.exports.stand import stand


def export(
    curves: Sequence[Curve],
    folder: Path | str,
    *,
    question: str = "",
    measure: str = "lambda_layer",
    by: Clock = "loss",
    target: float | None = None,
    contrast: str = "",
    against: str = "",
    primary: str = "",
) -> list[Path]:
    """Write tables, figures, every number, a notebook and what is needed to compute them again.

    ``table.csv`` and ``table.tex``, ``scatter``, ``flatness`` and ``curves`` as SVG and PDF, ``runs.parquet`` and
    ``runs.csv``, ``comparison.json`` and ``notebook.ipynb``. Where the folder is that of a sweep, its manifest is there
    already, and the notebook carries two of its runs out again.

    Args:
        curves: The runs.
        folder: Where to; made when missing.
        question: What was asked.
        measure: The measure that is judged.
        by: The clock by which runs are aligned.
        target: Its reading; the last one that all runs reach when missing.
        contrast: The setting that is held against, as in ``compare``.
        against: The group that all others are held against, as in ``compare``.
        primary: Name of the measure that was fixed beforehand, as in ``compare``.

    Returns:
        The files; where the runs may not be compared, table and notebook say why.

    Raises:
        InvalidInput: If there is nothing to export, ``against`` names no group, or ``measure`` no measure.
    """
    if not curves:
        raise InvalidInput("There are no runs to export.", hint="Choose runs that have measured something.")
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    comparison = compare(
        curves, by=by, target=target, contrast=contrast, against=against, primary=primary, also=[measure]
    )
    laid = table(comparison, measure)
    about = {
        "question": question, "measure": measure, "by": by, "target": target, "contrast": contrast, "against": against,
        "primary": primary, "aligned": comparison.words, "comparable": comparison.comparable.to_json(),
        "stand": stand(), "curves": [curve.to_json() for curve in curves],
    }  # fmt: skip
    paths = [place / name for name in ("comparison.json", "table.csv", "table.tex")]
    texts = (json.dumps(about, ensure_ascii=False), laid.csv(), laid.latex())
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    verifiable = (place / "manifest.json").is_file()
    notebook = write_notebook(question, _said(comparison), place, verifiable)
    return [*paths, *write_numbers(curves, place), *_drawn(comparison, place, measure, question), notebook]


def read(path: Path | str) -> tuple[Comparison, dict[str, Any]]:
    """Judge an exported comparison anew, from its numbers.

    Args:
        path: Its ``comparison.json``.

    Returns:
        The comparison, and what else was written down.

    Raises:
        InvalidInput: If it cannot be read, or is no exported comparison.
    """
    try:
        about = json.loads(Path(path).read_text(encoding="utf-8"))
        kept = about.pop("curves")
        choice = {name: about[name] for name in ("by", "target", "contrast", "against")}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no exported comparison"
        raise InvalidInput(f"{path} cannot be read: {said}.", hint="Give the comparison.json of an export.") from None
    judged = {"primary": about.get("primary", ""), "also": [about["measure"]] if about.get("measure") else []}
    return compare([Curve.from_json(curve) for curve in kept], **choice, **judged), about


def _drawn(comparison: Comparison, folder: Path, measure: str, question: str) -> list[Path]:
    runs = [curve.run for group in comparison.groups for curve in group.curves]
    about = f"{comparison.words}; n = {len(runs)} runs: {', '.join(runs)}"
    drawn = {
        "scatter": figures.scatter(comparison, measure, question),
        "flatness": figures.flatness_figure(comparison, question),
        "curves": figures.curve_figure(comparison, measure, question),
    }
    return [path for name, figure in drawn.items() for path in figures.save(figure, folder, name, about)]


def _said(comparison: Comparison) -> str:
    if not comparison.comparable.ok:
        return comparison.comparable.words
    lines = [f"- {verdict.words}" for verdict in comparison.verdicts]
    first = f"**{comparison.answer}**\n\n" if comparison.answer else ""
    return first + "\n".join([f"{comparison.words}.", "", *lines])
