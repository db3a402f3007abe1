"""Where a fold should go, and what it would bring: the search behind the rules that lay folds."""

from __future__ import annotations


def warm() -> None:
    """Compile every kernel, or load it from disk, so that the first growth is fast. Call it when a worker starts."""
    # Imported here: a spec names the rules of growth and loads no compiled code.
    import numpy as np

    from foldscape.growth.base import Scene
    from foldscape.growth.folding import Folding
    from foldscape.growth.folds.gain_map import gain_map
    from foldscape.net.mlp import Weights

    one, two = np.eye(2), np.zeros(2)
    net = Weights((one, one), (two, two))
    scene = Scene(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 1.0], [1.0, 3.0]]), np.array([0, 0, 0, 1]), (0, 4, 0, 4))
    Folding(criterion="newton").propose(net, scene, np.random.default_rng(0))
    Folding(criterion="gradmax").propose(net, scene, np.random.default_rng(0))
    gain_map(net, scene, size=2, directions=2)
