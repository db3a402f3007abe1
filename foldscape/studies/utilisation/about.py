"""What the study asks, what was published, and what differs here, in words."""

from __future__ import annotations

from typing import Any

from foldscape.studies.utilisation.methods import LEARNING_RATE, METHODS, POINTS, TAUS, Count
from foldscape.studies.utilisation.spec import Utilisation

SOURCE = "J. Kang, slides on growing networks by folding, November 2024"

QUESTION = (
    "A 2-3-2 net can separate these points without a mistake, yet most that start from random weights never do.",
    "Utilisation of approximability is the share of nets that reach the best accuracy their shape can reach.",
    "Does growing a net from 2-2-2 to 2-3-2, with a third fold laid where it is mistaken, raise that share?",
)

NOT_GIVEN = "The source gives neither data set, optimiser, number of updates nor the criterion of success."


def about(spec: Utilisation) -> dict[str, Any]:
    """Tell everything that does not depend on what is computed.

    Args:
        spec: The study.

    Returns:
        What is asked, what was published and what differs, as plain JSON.
    """
    half = spec.steps // 2
    ours = (
        f"{POINTS} points without noise, all for training: sine is z > sin x with x in ±π, sine15 with x in ±1.5π.",
        f"Adam, rate {LEARNING_RATE:g}, full batch; first weights uniform in ±1/√(fan-in), as in PyTorch.",
        f"{spec.steps:,} updates from random weights; {half:,} as 2-2-2, then {half:,} as 2-3-2 when grown.",
        "At growth the outgoing weights are 0; old parameters keep their Adam moments, new ones start their own.",
        (
            f"The nets are spread over {spec.draws} draws of the points, for the count depends on the draw above all."
            if spec.draws > 1
            else "One draw of the points; another draw may give very different counts."
        ),
        "Counted at the end: nets within τ of the best accuracy that any net of any row has on these points.",
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
