"""An expert declines an offer, with a reason from the list. Never counted against the person."""

from __future__ import annotations

from dataclasses import replace

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

    NotFound for an offer that is not the caller's, Refused when it is over, Invalid for an unknown reason, StaleVersion
    for an outdated version of the offer.
    """
    stored = await find_offer(stores, offer_id, expert_id)

    def decide(position: Position | None) -> Decision[Position]:
        known = position or stored.state
        known.offer(offer_id).must_be_at(cause.expected_version)
        changed, happened = decline(known, offer_id, expert_id, reason, clock.now())
        return Decision(changed, of_position(changed, happened))

    answered = replace(cause, expected_version=None)  # it is the offer's, not the position's
    return await stores.positions.change(stored.id, answered, decide, known=stored)
