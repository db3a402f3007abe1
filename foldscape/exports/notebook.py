"""A notebook that reads the exported numbers, judges them anew and draws the main figure."""

from __future__ import annotations

from pathlib import Path

_READ = """import pyarrow.parquet as parquet

rows = parquet.read_table("runs.parquet").to_pylist()
print(len({row["run"] for row in rows}), "runs,", len(rows), "checkpoints")"""

_JUDGE = """from foldscape.exports import read

comparison, about = read("comparison.json")
print(comparison.answer or comparison.words)
for verdict in comparison.verdicts:
    print(verdict.words)"""

_DRAW = """from foldscape.exports.figures import scatter

scatter(comparison, about["measure"], about["question"])"""

_VERIFY = """from foldscape.sweep import verify

for run in verify("manifest.json", cells=2, seed=0):
    print(run.name, "agrees" if run.agrees else "differs", run.worst)"""


def write_notebook(question: str, said: str, folder: Path, verifiable: bool) -> Path:
    """Write ``notebook.ipynb``.

    Args:
        question: What was asked.
        said: The readings in words.
        folder: Where to.
        verifiable: Whether there is a manifest by which runs can be carried out again.

    Returns:
        The file.
    """
    import nbformat
    from nbformat import v4

    cells = [v4.new_markdown_cell(f"# {question or 'Comparison'}\n\n{said}")]
    cells += [v4.new_code_cell(code) for code in (_READ, _JUDGE, _DRAW)]
    if verifiable:
        cells += [v4.new_markdown_cell("Carry two of the runs out again, and compare:"), v4.new_code_cell(_VERIFY)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path = folder / "notebook.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}}), path)
    return path
