"""Find an offer by its id, for the expert it went to."""

from __future__ import annotations

from services.matching.application.stores import Stores
from services.matching.domain.position import Position
from shared.errors import no_such
from shared.store import Stored


async def find_offer(stores: Stores, offer_id: str, expert_id: str | None = None) -> Stored[Position]:
    """The position that made the offer. NotFound where there is none, or where it went to somebody else.

    The days held for it in its expert's calendar lead to the position, by two ids: a search through all positions,
    which the embedded store makes without an index, is left to offers whose days are long past.
    """
    found = await _held_for(stores, offer_id, expert_id) if expert_id else None
    if found is None:
        found = next(iter((await stores.positions.find({"offers": offer_id}, limit=1)).items), None)
    if found is not None and (expert_id is None or found.state.offer(offer_id).expert_id == expert_id):
        return found
    raise no_such("offer", offer_id)


async def _held_for(stores: Stores, offer_id: str, expert_id: str) -> Stored[Position] | None:
    calendar = await stores.calendars.read(expert_id)
    hold = calendar.state.held_for(offer_id) if calendar else None
    position = await stores.positions.read(hold.position_id) if hold else None
    made = position is not None and any(offer.offer_id == offer_id for offer in position.state.offers)
    return position if made else None
