"""The straight line from the first net of a run to a later one, and whether descent along its path points there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape.errors import NotPossible
from foldscape.landscape.connection import linear_connection
from foldscape.landscape.one_point import one_point_convexity
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.rows import GROUND, ONWARD, LandscapeProgress, row
from foldscape.landscape.recorded.spec import StraightOf
from foldscape.landscape.recorded.ways import way_row
from foldscape.wire import finite


def straight_line(centre: Centre, spec: StraightOf) -> Iterator[LandscapeProgress]:
    """Measure the line from theta_0 to theta_T, then cos(-g_t, theta_T - theta_t) at each kept net of the path.

    A net that grew is looked at in the parameters of its last moment, where those that were not born yet stand as they
    were born.

    Args:
        centre: The net at the end.
        spec: How many points the line has.

    Yields:
        How far it is, with the rows.

    Raises:
        NotPossible: If the run keeps no earlier net with these parameters.
    """
    path = centre.path
    if len(path.thetas) < 2:
        raise NotPossible(
            f"There is no line to step {centre.at.moment.step}: the run keeps no earlier net with these parameters.",
            hint="Choose a later moment.",
        )
    first, last = path.thetas[0], path.thetas[-1]
    about = centre.about() | {"from": {"step": int(path.steps[0]), "epoch": centre.path_from or 0.0}}
    begun = row(GROUND, about, {"theta": first, "other": last})
    yield LandscapeProgress(share=0.05, doing="Ends found", rows=(begun,))
    found = {name: linear_connection(which, first, last, spec.points) for name, which in centre.evaluators()}
    yield LandscapeProgress(share=0.4, doing="The line is measured", rows=(way_row("straight", found, {}),))
    gradients = np.array([centre.gradient_at(theta) for theta in path.thetas[:-1]])
    onward = one_point_convexity(gradients, path.thetas)
    told = row(
        ONWARD,
        {"share": finite(onward.share), "moments": len(onward.cosines)},
        {"steps": path.steps[:-1].astype(np.float64), "cosine": onward.cosines.astype(np.float32)},
    )
    yield LandscapeProgress(share=1, doing=f"{len(onward.cosines)} moments", rows=(told,))
