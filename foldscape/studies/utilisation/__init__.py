"""How often training uses what an architecture could do: random nets against grown ones (docs/utilisation.md)."""

from foldscape.studies.utilisation.spec import MethodRow, Utilisation

__all__ = ["MethodRow", "Utilisation"]
