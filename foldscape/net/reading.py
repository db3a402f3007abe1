"""What nets say that can read the symbols of sentences, as a run's data give them."""

from __future__ import annotations

from pydantic import Field

from foldscape.model import in_forms
from foldscape.net.modular_spec import ModularSpec


class ReadsSymbols(ModularSpec):
    """A net that may have a vector for each symbol: word or character."""

    vocabulary: int = Field(0, ge=0, le=2**18, json_schema_extra=in_forms(advanced=True))
    """Symbols of sentences that have a vector of their own; 0 takes those of the data, if they have any."""

    def reading(self, symbols: int) -> ReadsSymbols:
        """Give the spec with as many vectors as there are symbols, where it leaves that open."""
        return self.model_copy(update={"vocabulary": symbols}) if symbols and not self.vocabulary else self

    def misread(self, symbols: int, shape: tuple[int, ...]) -> str:
        """Say why it cannot read so many symbols; see ``NetSpec.misread``."""
        if self.vocabulary in (0, symbols):
            return ""
        if not symbols:
            return f"vocabulary {self.vocabulary} is for sentences, and the data are none; use 0"
        return f"vocabulary {self.vocabulary} is not the {symbols} symbols that data.encoder gives; use {symbols}, or 0"
