"""Find an offer by its id, for the expert it went to."""

from __future__ import annotations

from services.matching.domain.position import Position
from shared.errors import NotFound
from shared.store import Store, Stored


async def find_offer(positions: Store[Position], offer_id: str, expert_id: str | None = None) -> Stored[Position]:
    """The position that made the offer. NotFound where there is none, or where it went to somebody else."""
    found = await positions.find({"offers": offer_id}, limit=1)
    if found.items and (expert_id is None or found.items[0].state.offer(offer_id).expert_id == expert_id):
        return found.items[0]
    raise NotFound(f"There is no offer {offer_id} for you.", mend="Look it up in the list of your offers.")
