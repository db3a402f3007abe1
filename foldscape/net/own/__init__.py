"""A module of one's own: which may be loaded here, how it is made, and what it says of itself.

``allowed`` decides without torch, and loads nothing; only ``factory`` imports what a spec names, after asking it.
"""
