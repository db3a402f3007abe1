"""Centred digits."""

import numpy as np

from foldscape.data.digits import Digits


def test_centring_subtracts_the_mean_training_picture_from_all():
    plain, centred = Digits().load(0), Digits(centred=True).load(0)
    np.testing.assert_allclose(centred.train_x.mean(axis=0), 0, atol=1e-6)
    mean = plain.train_x.mean(axis=0)
    np.testing.assert_allclose(centred.test_x, plain.test_x - mean, atol=1e-6)
    assert centred.train_x.dtype == np.float32
    assert np.array_equal(centred.train_y, plain.train_y)
