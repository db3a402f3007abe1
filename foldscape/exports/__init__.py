"""Files of a comparison for a paper: tables, figures, every number, and what is needed to compute them again."""

from foldscape.exports.folder import export, read

__all__ = ["export", "read"]
