"""What the study asks, and what is run, in words."""

from __future__ import annotations

from typing import Any

from foldscape.studies.learnt_first.findings import APART
from foldscape.studies.learnt_first.spec import LearntFirstStudy

SOURCE = "Arpit et al. 2017, arXiv 1706.05394, section 3.1"
QUESTION = (
    "After a first epoch some real examples are right in every run, whatever the first weights, and others in none.",
    "Random ones are said to be all alike: each is then right as if by a draw of its own, and the number of runs "
    "in which one is right is binomial.",
)


def about(spec: LearntFirstStudy) -> dict[str, Any]:
    """Tell everything that does not depend on what is computed.

    Args:
        spec: The study.

    Returns:
        What is asked, where it was published and what is run, as plain JSON.
    """
    points, net = spec.base.train_size, spec.base.net
    epochs = f"{spec.epochs} epoch{'' if spec.epochs == 1 else 's'}"
    return {
        "title": "Who is learnt first",
        "question": list(QUESTION),
        "source": SOURCE,
        "differs": [
            f"{points:,} training points ({spec.base.data.kind}) and a net of {len(net.hidden)} hidden layers instead "
            "of CIFAR-10 and a convolutional net.",
            f"{spec.runs} runs of {epochs} a row: the same points, other first weights and orders.",
            "A point is right where the net answers as the point is given, true or not.",
            "With random labels and with inputs of noise every point is drawn anew, by one draw for all runs.",
            "The excess of alike points stays below its limit in 97.5 % of cases, as chi-squared; points that share a "
            "label go together, which the limit does not know.",
            f"Shares of clean and corrupted points less than {APART:.0%} apart tell nothing.",
        ],
    }
