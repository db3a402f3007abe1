"""The persistence diagram of a topology, with plotly."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from foldscape.landscape.persistence import Topology


def diagram(found: Topology) -> go.Figure:
    """Draw a mark for each basin and hill at the losses where it begins and ends.

    Args:
        found: The topology.

    Returns:
        A figure of plotly; what never ends stands on a line above the highest loss.
    """
    finite = found.losses[np.isfinite(found.losses)]
    low, high = float(finite.min()), float(finite.max())
    above = high + 0.05 * ((high - low) or 1)
    figure = go.Figure(go.Scatter(x=[low, high], y=[low, high], mode="lines", name="no depth", line={"dash": "dot"}))
    for name, birth, death, symbol in (
        ("basins", found.tree.birth, found.tree.death, "circle"),
        ("hills", found.hills.birth, found.hills.death, "triangle-up"),
    ):
        figure.add_trace(
            go.Scatter(x=birth, y=np.minimum(death, above), mode="markers", name=name, marker={"symbol": symbol})
        )
    figure.add_hline(above, line_dash="dash", annotation_text="never ends")
    figure.update_layout(
        title=f"{found.count(found.threshold)} basins at least {found.threshold:.3g} deep", template="simple_white"
    )
    figure.update_xaxes(title="begins at a loss of (nats)")
    figure.update_yaxes(title="ends at a loss of (nats)")
    return figure
