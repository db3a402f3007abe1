"""What stands in a row: first the formulas alone, then what its chains do."""

from __future__ import annotations

from typing import Any

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.studies.sde.formulas import corrected_covariance, excess_loss, naive_covariance, noise_covariance
from foldscape.studies.sde.spec import Cloud, RowName, Sde, SdeRow, WellDensity
from foldscape.studies.sde.wells import BINS, Wells

SHOWN = 300
"""Chains of a cloud that are told."""


def first_row(spec: Sde, name: RowName) -> SdeRow:
    """Give a row before its chains were run: what the formulas say, and where the chains begin."""
    setting, wells = spec.setting(name), name == "wells"
    formulas: dict[str, Any] = _of_wells(spec) if wells else _of_quadratic(spec, name)
    given = {"label": setting.label, "lr": setting.lr, "batch": setting.batch, "updates": spec.updates(name)}
    return SdeRow(key=name, name=name, **given, **formulas)


def shown_now(row: SdeRow, places: FloatArray) -> SdeRow:
    """Show in a row where its chains are now.

    Args:
        row: The row.
        places: (chains, d) places.

    Returns:
        The row with its cloud or histogram renewed.
    """
    if row.cloud is not None:
        points = tuple((_short(x), _short(y)) for x, y in places[:SHOWN, [0, -1]])
        return row.model_copy(update={"cloud": row.cloud.model_copy(update={"points": points})})
    assert row.density is not None
    counted = counts(row.density, places[:, 0])
    return with_counts(row, counted)


def counts(density: WellDensity, x: FloatArray) -> FloatArray:
    """Count how many places lie in each bin of a histogram: (bins,)."""
    return np.histogram(x, BINS, (density.low, density.high))[0].astype(float)


def with_counts(row: SdeRow, counted: FloatArray) -> SdeRow:
    """Give a row of the double well its histogram from (bins,) counts."""
    assert row.density is not None
    width = (row.density.high - row.density.low) / BINS
    measured = _all_short(counted / (max(counted.sum(), 1.0) * width))
    return row.model_copy(update={"density": row.density.model_copy(update={"measured": measured})})


def with_moments(row: SdeRow, moments: FloatArray) -> SdeRow:
    """Give a row of a quadratic the (d, d) covariance of its chains."""
    assert row.cloud is not None
    return row.model_copy(update={"cloud": row.cloud.model_copy(update={"measured": _corner(moments)})})


def _of_quadratic(spec: Sde, name: RowName) -> dict[str, Any]:
    setting = spec.setting(name)
    noise = noise_covariance(setting.noise, spec.eigenvalues)
    given = (spec.eigenvalues, noise, setting.lr, setting.batch, spec.momentum)
    naive, corrected = naive_covariance(*given), corrected_covariance(*given)
    cloud = Cloud(points=((0.0, 0.0),), naive=_corner(naive), corrected=_corner(corrected))
    losses = {"naive": excess_loss(spec.eigenvalues, naive), "corrected": excess_loss(spec.eigenvalues, corrected)}
    return {"cloud": cloud, **losses}


def _of_wells(spec: Sde) -> dict[str, Any]:
    wells = Wells.of(spec)
    x, chain = wells.middles(), wells.chain_density()
    corrected = None if chain is None else _all_short(np.interp(x, chain[0], chain[2]))
    low, high = wells.range()
    density = WellDensity(
        low=low,
        high=high,
        barrier=wells.barrier,
        loss=_all_short(wells.loss(x)),
        naive=_all_short(wells.gibbs(x)),
        corrected=corrected,
        measured=(0.0,) * BINS,
    )
    return {"density": density, "naive": wells.share_formula(), "corrected": wells.chain_share()}


def _corner(covariance: FloatArray) -> tuple[float, float, float]:
    return float(covariance[0, 0]), float(covariance[0, -1]), float(covariance[-1, -1])


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _all_short(values: FloatArray) -> tuple[float, ...]:
    return tuple(_short(value) for value in values)
