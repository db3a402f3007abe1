"""How fast the workers' machine is, as the last whole sweep found it."""

from __future__ import annotations

from foldscape.cost.rates import Rates
from workers import keys
from workers.run_log.connect import Client


async def stored_rates(client: Client) -> Rates | None:
    """Give the rates that were found; ``None`` before any sweep.

    Args:
        client: Connection to the run log.

    Returns:
        Factors on the shipped costs.
    """
    raw = await client.get(keys.RATES)
    return Rates.model_validate_json(raw) if raw else None
