"""How often training uses what an architecture could do: random nets against grown ones (docs/utilisation.md)."""

from foldscape.studies.utilisation.spec import Row, Utilisation

__all__ = ["Row", "Utilisation"]
