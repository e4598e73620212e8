"""Read one offer, with the position that made it."""

from __future__ import annotations

from services.matching.application.access import Party, sees_everything
from services.matching.application.find_offer import find_offer
from services.matching.application.stores import Stores
from services.matching.domain.position import Position
from shared.store import Stored


async def read_offer(stores: Stores, caller: Party, offer_id: str) -> Stored[Position]:
    """NotFound where there is none, and for an expert where it went to somebody else."""
    return await find_offer(stores, offer_id, None if sees_everything(caller) else caller.expert_id or "")
