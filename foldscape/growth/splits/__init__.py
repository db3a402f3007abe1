"""Splitting matrices of units and their most negative directions (Liu et al. 2019, arXiv 1910.02366)."""
