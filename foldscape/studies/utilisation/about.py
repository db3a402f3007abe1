"""What the study asks, what was published, and what differs here, in words."""

from __future__ import annotations

from typing import Any

from foldscape.studies.utilisation.methods import LEARNING_RATE, METHODS, POINTS, TAUS, Count
from foldscape.studies.utilisation.spec import Utilisation

SOURCE = "J. Kang, slides on growing networks by folding, November 2024"

QUESTION = (
    "A 2-3-2 net can separate these points without a mistake, yet most nets that start from random weights never get there.",
    "Utilisation of approximability is the share of nets that do reach the best accuracy their shape is known to reach.",
    "Does growing a net from 2-2-2 to 2-3-2, with a third fold laid where it is mistaken, raise that share?",
)

NOT_GIVEN = "The source gives neither data set, optimiser, number of updates nor the criterion of success."


def about(spec: Utilisation) -> dict[str, Any]:
    """Tell everything that does not depend on what is computed.

    Args:
        spec: The study.
    """
    half = spec.steps // 2
    ours = (
        f"Here: {POINTS} points without noise, all for training; sine is z > sin x with x in ±π, sine15 with x in ±1.5π.",
        f"Adam with rate {LEARNING_RATE:g} on the full batch; first weights uniform in ±1/√(fan-in), as PyTorch's linear layer.",
        f"{spec.steps:,} updates from random weights; {half:,} as 2-2-2, then {half:,} as 2-3-2 when grown.",
        "At growth the new unit's outgoing weights are 0, old parameters keep their Adam moments, new ones start their own.",
        (
            f"The nets are spread over {spec.draws} draws of the points: how many get there depends first of all on the draw."
            if spec.draws > 1
            else "One draw of the points; another draw may give very different counts."
        ),
        "Counted after the last update: nets within τ of the best training accuracy that any net of any row has then on the same points.",
    )
    return {
        "title": "Utilisation of approximability",
        "question": list(QUESTION),
        "source": SOURCE,
        "differs": [NOT_GIVEN, *ours],
        "taus": list(TAUS),
        "points": POINTS,
        "published": {name: _plain(method.published) for name, method in METHODS.items() if method.published},
        "methods": {name: _method(name) for name in METHODS},
    }


def _method(name: Any) -> dict[str, Any]:
    method = METHODS[name]
    earlier = {
        data: {"perfect": count.reached, "near": (method.near or {})[data].reached, "of": count.of}
        for data, count in (method.perfect or {}).items()
    }
    return {"label": method.label, "grows": method.grows, "keeps": method.keeps, "earlier": earlier}


def _plain(count: Count | None) -> dict[str, int] | None:
    return {"reached": count.reached, "of": count.of} if count else None
