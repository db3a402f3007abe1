"""Make the picture of docs/ensembles.md anew: ``python -m docs.ensembles_picture``. Five members of one seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import foldscape
from foldscape.landscape.recorded import record
from foldscape.wire import from_base64

PLACE = Path(__file__).parent / "images" / "ensembles.svg"
SIDE, GAP = 420, 60
RUN = {
    "data": {"kind": "moons", "n": 200, "noise": 0.3},
    "net": {"hidden": [12]},
    "stop": {"epochs": 120},
    "resample": {"kind": "bagging"},
    "probes": [{"kind": "frame"}],
}
COLOURS = ("#c9541f", "#2368a8")


def main() -> None:
    """Train, measure, draw: the members' boundaries faint, the ensemble's thick, and accuracy as members are added."""
    specs = [foldscape.RunSpec.model_validate(RUN | {"member": member}) for member in range(5)]
    found = foldscape.ensemble([record(spec, name=f"member{number}") for number, spec in enumerate(specs)])
    parts = [*_plane(found, specs[0]), *_added(found)]
    size = f'width="{2 * SIDE + GAP}" height="{SIDE + GAP}"'
    style = 'font-family="sans-serif" font-size="13" fill="#444"'
    body = "\n".join(parts)
    white = '<rect width="100%" height="100%" fill="white"/>'
    PLACE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{white}\n{body}\n</svg>\n')


def _plane(found: foldscape.ensembles.Ensemble, spec: foldscape.RunSpec) -> list[str]:
    left, right, low, high = found.rows["boundary.ensemble"]["box"]
    split = spec.shared_points()

    def placed(points: np.ndarray) -> np.ndarray:
        return np.stack([(points[..., 0] - left) / (right - left), (high - points[..., 1]) / (high - low)], -1) * SIDE

    drawn = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLOURS[label]}" opacity="0.55"/>'
        for (x, y), label in zip(placed(split.test_x), split.test_y, strict=True)
    ]
    for key in sorted(key for key in found.rows if key.startswith("boundary.")):
        lines = placed(from_base64(found.rows[key]["arrays"]["lines"]))
        path = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in lines)
        look = 'stroke="#111" stroke-width="3"' if key.endswith("ensemble") else 'stroke="#111" stroke-opacity="0.3"'
        drawn.append(f'<path d="{path}" fill="none" {look}/>')
    return [*drawn, f'<text x="8" y="{SIDE + 24}">boundaries of five members, and of all together</text>']


def _added(found: foldscape.ensembles.Ensemble) -> list[str]:
    values = [one.nll for one in found.added]
    alone = [one["nll"] for one in found.members]
    low, high = 0.9 * min(values), 1.05 * max(alone)

    def placed(number: int, value: float) -> tuple[float, float]:
        return SIDE + GAP + 40 + number * (SIDE - 80) / 4, 20 + (SIDE - 60) * (high - value) / (high - low)

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (placed(n, value) for n, value in enumerate(values)))
    marks = [placed(number, value) for number, value in enumerate(alone)]
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" stroke="#888"/>' for x, y in marks]
    ticks = [f'<text x="{placed(n, low)[0] - 4:.1f}" y="{SIDE - 16}">{n + 1}</text>' for n in range(5)]
    told = [
        f'<text x="{placed(n, value)[0] + 6:.1f}" y="{placed(n, value)[1] + 16:.1f}">{value:.3f}</text>'
        for n, value in enumerate(values)
    ]
    words = (
        f'<text x="{SIDE + GAP + 30}" y="{SIDE + 24}">NLL of the first so many together (line), of each (rings)</text>'
    )
    return [f'<polyline points="{line}" fill="none" stroke="#111" stroke-width="2.5"/>', *dots, *ticks, *told, words]


if __name__ == "__main__":
    main()
