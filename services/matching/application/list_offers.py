"""List offers: an expert's own, or any expert's for an officer."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.application.access import Party, own_offers
from services.matching.domain.position import Position
from shared.store import Part, Store, Stored, find_part


@dataclass(frozen=True, slots=True)
class Made:
    """An offer, by its id, and the position that made it."""

    position: Stored[Position]
    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferPage:
    """The offers of some positions, and the cursor to ask for the next ones."""

    items: tuple[Made, ...]
    next: str | None


async def list_offers(positions: Store[Position], caller: Party, expert_id: str | None, part: Part) -> OfferPage:
    """By position, newest first. Experts get their own, whatever `expert_id` says; for an officer None is everybody.
    Forbidden for an expert whose token names no profile.

    `part` counts positions, each of which may have made several offers.
    """
    own = own_offers(caller)
    whose = expert_id if own is None else own
    found = await find_part(positions, {"experts": whose}, part)
    made = tuple(
        Made(stored, offer.offer_id)
        for stored in found.items
        for offer in reversed(stored.state.offers)
        if whose is None or offer.expert_id == whose
    )
    return OfferPage(made, found.next)
