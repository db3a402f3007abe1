"""The columns of a curve: each declared once, by the probe that tells it or with the scalars of a run."""
