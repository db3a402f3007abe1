"""A memoriser falls where test sentences are new."""

import numpy as np

from foldscape.data.lite import ColaLite
from foldscape.novelty import by_novelty, neighbours_of


def test_the_memoriser_falls_with_novelty_on_made_sentences():
    """Its accuracy in five parts is measured once for all: sentences and search have no chance of a run."""
    split = ColaLite().load(0)
    found = by_novelty(neighbours_of(split), np.zeros((len(split.test_y), 2)), split.train_y, split.test_y)
    np.testing.assert_allclose(found.memoriser, [0.79, 0.725, 0.67, 0.64, 0.59])
