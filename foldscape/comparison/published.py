"""What others published of an experiment: numbers, statements, and where the two do not agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from foldscape.comparison.claim import AnyClaim, Claim, PublishedSettings
from foldscape.measures.declared import FLATNESS
from foldscape.model import Model

_ASIDE = re.compile(r"\([^)]*\)|arXiv \S+")
_PAPER = re.compile(r"[^\W\d].*?\b(?:19|20)\d\d\b")


class PublishedRow(Model):
    """One line of a published table."""

    settings: PublishedSettings
    """The setting of each axis that it belongs to."""
    accuracy: float = Field(ge=0, le=1)
    """Published test accuracy, or the Matthews correlation where that is what was published."""
    flatness: float | None = Field(None, gt=0)
    """Published spectral norm of the scale-invariant Hessian."""


class Published(Model):
    """What was published of an experiment."""

    source: str = Field(min_length=1, max_length=200)
    """Where."""
    differs: str = Field("", max_length=1000)
    """What is different here, in words."""
    rows: tuple[PublishedRow, ...] = ()
    """The published numbers."""
    claims: tuple[AnyClaim, ...] = ()
    """The published statements."""

    @property
    def papers(self) -> str:
        """The papers that the source names, by authors and year alone; the source as it is where it names no year.

        Example:
            >>> Published(source="Huang et al. 2017 (arXiv 1704.00109), Breiman 1996, Table 2").papers
            'Huang et al. 2017, Breiman 1996'
        """
        named = _PAPER.findall(_ASIDE.sub("", self.source))
        return ", ".join(" ".join(paper.split()) for paper in named) or self.source


def erratum(claim: AnyClaim, rows: Sequence[PublishedRow]) -> str:
    """Say where a source's own numbers do not bear out the size that it speaks of; empty where they do.

    Args:
        claim: The statement.
        rows: The published numbers.

    Returns:
        A sentence with the numbers of the pair that falls short furthest, or an empty text.

    Example:
        >>> told = (("a", 2), ("b", 7))
        >>> rows = [PublishedRow(settings={"net": name}, accuracy=0.5, flatness=at) for name, at in told]
        >>> erratum(Claim(words="Ten times.", smaller={"net": "a"}, larger={"net": "b"}, factor=10), rows)
        "The source's own numbers give 7 / 2 = 3.5, not 10."
    """
    if (
        not isinstance(claim, Claim)
        or claim.factor == 1
        or not {measure.name for measure in FLATNESS}.intersection(claim.measures)
    ):
        return ""
    least = min(_pairs(claim, rows), key=lambda pair: pair[1] / pair[0], default=None)
    if least is None or least[1] / least[0] >= claim.factor:
        return ""
    small, large = least
    return f"The source's own numbers give {large:,.6g} / {small:,.6g} = {large / small:.2g}, not {claim.factor:g}."


def has(settings: Mapping[str, object], wanted: PublishedSettings) -> bool:
    """Say whether settings hold those that are wanted."""
    return all(str(settings.get(axis)) == name for axis, name in wanted.items())


def _pairs(claim: Claim, rows: Sequence[PublishedRow]) -> Iterator[tuple[float, float]]:
    """Give the flatness of each two rows that the claim speaks of."""
    spoken = {*claim.smaller, *claim.larger}
    for small in rows:
        for large in rows:
            alike = all(large.settings.get(axis) == name for axis, name in small.settings.items() if axis not in spoken)
            meant = alike and has(small.settings, claim.smaller) and has(large.settings, claim.larger)
            if meant and small.flatness and large.flatness:
                yield small.flatness, large.flatness
