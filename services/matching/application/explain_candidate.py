"""Why this expert: the stored reasons of a search, for an officer or for the expert themself."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.application.access import Party, sees_everything
from services.matching.application.stores import Stores
from services.matching.domain.rules import Exclusion
from services.matching.domain.scoring import PartScore
from services.matching.domain.search import Search
from shared.errors import no_such


@dataclass(frozen=True, slots=True)
class Explained:
    """The expert's line on the list, or the rules that kept them off it. The rank is for officers."""

    on_the_list: bool
    rank: int | None
    score: int | None
    parts: tuple[PartScore, ...]
    exclusions: tuple[Exclusion, ...]


async def explain_candidate(stores: Stores, caller: Party, search_id: str, expert_id: str) -> Explained:
    """What the search recorded of this expert.

    An expert hears only of themself, and only of the list that the position was offered to them from, so never why
    they were left out: that would tell their rank, or that they are barred. NotFound otherwise. They see every part
    and the score, which is their sum: how they were selected is theirs to know (domain §7.11), ranks alone are not
    (§11.8).
    """
    in_full = sees_everything(caller)
    nothing = no_such("search", f"{search_id} with expert {expert_id}")
    if not in_full and caller.expert_id != expert_id:
        raise nothing
    stored = await stores.searches.read(search_id)
    if stored is None:
        raise nothing
    ranking = stored.state.ranking
    candidate = ranking.candidate(expert_id)
    if not in_full and (candidate is None or not await _offered_from(stores, stored.state, expert_id)):
        raise nothing
    exclusions = dict(ranking.exclusions).get(expert_id, ())
    if candidate is None and not exclusions:
        raise nothing
    return Explained(
        on_the_list=candidate is not None,
        rank=candidate.rank if candidate and in_full else None,
        score=candidate.score if candidate else None,
        parts=candidate.parts if candidate else (),
        exclusions=exclusions,
    )


async def _offered_from(stores: Stores, search: Search, expert_id: str) -> bool:
    position_id = search.requirement.position_id
    position = await stores.positions.read(position_id) if position_id else None
    offers = position.state.offers if position else ()
    return any(o.expert_id == expert_id and o.search_id in (None, search.search_id) for o in offers)
