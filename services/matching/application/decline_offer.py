"""An expert declines an offer, with a reason from the list. Never counted against the person."""

from __future__ import annotations

from services.matching.application.announce import of_position
from services.matching.application.find_offer import find_offer
from services.matching.application.stores import Stores
from services.matching.domain.offering import decline
from services.matching.domain.position import Position
from shared.clock import Clock
from shared.store import Command, Decision, Outcome


async def decline_offer(
    stores: Stores, clock: Clock, cause: Command, offer_id: str, expert_id: str, reason: str
) -> Outcome[Position]:
    """Decline as long as the offer is open; the next rank is tried when the event comes back here.

    NotFound for an offer that is not the caller's, Refused when it is over, Invalid for an unknown reason.
    """
    stored = await find_offer(stores, offer_id, expert_id)

    def decide(position: Position | None) -> Decision[Position]:
        changed, happened = decline(position or stored.state, offer_id, expert_id, reason, clock.now())
        return Decision(changed, of_position(changed, happened))

    return await stores.positions.change(stored.id, cause, decide, known=stored)
