"""What the geometry engine refuses, and how it says so."""

from foldscape.errors import InvalidInput


class GeometryError(InvalidInput, ValueError):
    """A net or a box that the exact engine cannot take. The message names what came, what is allowed and a way out."""
