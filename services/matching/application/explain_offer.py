"""Why me: what the search recorded of the expert whom an offer went to."""

from __future__ import annotations

from services.matching.application.access import Party
from services.matching.application.read_offer import read_offer
from services.matching.application.stores import Stores
from services.matching.domain.ranking import Candidate
from shared.errors import no_such


async def explain_offer(stores: Stores, caller: Party, offer_id: str) -> Candidate:
    """Their line on the list that the offer was made from, whichever search that was.

    NotFound as `read_offer` raises it. An expert hears of nothing else than offers to them, so never why they were
    left out of a list: that would tell their rank, or that they are barred. Every part and the score, which is their
    sum, are theirs to know (domain §7.11), ranks are not (§11.8).
    """
    position = (await read_offer(stores, caller, offer_id)).state
    offer = position.offer(offer_id)
    search = await stores.searches.read(offer.search_id or position.position_id)
    candidate = search.state.ranking.candidate(offer.expert_id) if search else None
    if candidate is None:
        raise no_such("explanation of offer", offer_id)
    return candidate
