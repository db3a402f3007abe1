"""What a net is before anybody trains it, for whoever draws it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field

from foldscape.errors import InvalidInput
from foldscape.fitting import misread
from foldscape.model import Model, held_together
from foldscape.net.facts import NetFacts, facts_of
from foldscape.spec import DataSpec, NetUnion

router = APIRouter(tags=["runs"])

InnerWidth = Annotated[int, Field(ge=1, le=65_536)]


class NetOnData(Model):
    """A net, and the data that it reads."""

    data: DataSpec
    """The data, as in a `RunSpec`."""
    net: NetUnion
    """The net, as in a `RunSpec`."""
    structure: tuple[tuple[InnerWidth, ...], ...] | None = Field(None, max_length=64)
    """Inner widths of the blocks of each stage, where growth has changed them."""

    @held_together
    def _can_be_read(self) -> Self:
        if trouble := misread(self.net.reading(self.data.symbols), self.data):
            raise ValueError(trouble)
        return self


@router.post("/nets/plan", response_model=NetFacts)
async def plan_net(asked: NetOnData) -> NetFacts:
    """Tell name, parameters, compute by sample and blocks of a net on some data; nothing is made."""
    return await asyncio.to_thread(_facts, asked)


def _facts(asked: NetOnData) -> NetFacts:
    try:
        net = asked.net.reading(asked.data.symbols)
        return facts_of(net, asked.data.shape, asked.data.classes, asked.structure)
    except (ValueError, IndexError) as error:
        raise InvalidInput(
            f"structure {asked.structure} is none of this net: {error}.", hint="Send what its frames tell."
        ) from error
