"""What the study asks, by which formulas, and what is run, in words."""

from __future__ import annotations

from typing import Any

from foldscape.studies.sde.findings import NEAR, NEAR_ODDS
from foldscape.studies.sde.formulas import RELAXATIONS
from foldscape.studies.sde.spec import Sde
from foldscape.studies.sde.wells import SETTLED

SOURCE = "Jastrzębski et al., arXiv 1711.04623; Mandt, Hoffman & Blei, arXiv 1704.04289; Smith & Le, arXiv 1710.06451"

QUESTION = (
    "The noise of small batches keeps SGD from coming to rest: it settles into a cloud around a minimum.",
    "Taken as a stochastic differential equation, only the ratio η/S of learning rate and batch size sizes the cloud.",
    "Many chains of SGD at once show where that holds, and where the finite step has to be counted.",
)


def about(spec: Sde) -> dict[str, Any]:
    """Tell everything that does not depend on what is computed.

    Args:
        spec: The study.

    Returns:
        What is asked, the formulas, how far the equation is from its limits and what is run, as plain JSON.
    """
    return {
        "title": "SGD as a stochastic differential equation",
        "question": list(QUESTION),
        "source": SOURCE,
        "differs": [
            "The gradient of a batch is Hθ plus normal noise of covariance C/S: batches drawn with replacement.",
            f"C has the trace of H = diag({', '.join(f'{value:g}' for value in spec.eigenvalues)}) in every row.",
            f"Chains begin at the minimum; half of the updates settle them, until the slowest direction has "
            f"forgotten its start to e^−{RELAXATIONS:g}; the other half is measured.",
            f"In the double well half of the chains begin in each basin and settle for {SETTLED:g} relaxation times "
            "of the equation between the basins.",
            f"A formula holds where it is within {NEAR:.0%} of the excess loss, or {NEAR_ODDS:.0%} of the odds; it is "
            "open where two standard errors reach across that, or the chains have not settled.",
            "The double well is two parabolas joined by a third upside down, so that its force has no jump.",
        ],
        "meters": meters(spec),
    }


def meters(spec: Sde) -> dict[str, float]:
    """Tell how far the equation is from its limits.

    Args:
        spec: The study.

    Returns:
        The ratio η/(S(1 − μ)) and ηλ/2 of the largest eigenvalue, which has to be far below 1.
    """
    return {
        "ratio": spec.lr / (spec.batch * (1 - spec.momentum)),
        "step": spec.lr * max(spec.eigenvalues) / 2,
        "well_step": spec.lr * max(spec.well_curvatures) / 2,
    }
