"""Why this expert: the stored reasons of a search, for an officer or for the expert themself."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.application.stores import Stores
from services.matching.domain.ranking import Candidate
from services.matching.domain.rules import Exclusion
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Explained:
    """The expert's line on the list, or the rules that kept them off it."""

    candidate: Candidate | None
    exclusions: tuple[Exclusion, ...]


async def explain_candidate(stores: Stores, search_id: str, expert_id: str, *, to_expert: bool) -> Explained:
    """What the search recorded of this expert.

    An expert hears of binding searches only, and only where the position was offered to them; NotFound otherwise.
    """
    stored = await stores.searches.read(search_id)
    nothing = NotFound(f"There is no search {search_id} with this expert.", mend="Look it up in your offers.")
    if stored is None:
        raise nothing
    if to_expert:
        position_id = stored.state.requirement.position_id
        position = await stores.positions.read(position_id) if position_id else None
        if position is None or expert_id not in position.state.asked:
            raise nothing
    ranking = stored.state.ranking
    candidate = ranking.candidate(expert_id)
    exclusions = dict(ranking.exclusions).get(expert_id, ())
    if candidate is None and not exclusions:
        raise nothing
    return Explained(candidate, exclusions)
