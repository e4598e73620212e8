"""Why this expert, or why not: the stored reasons of a search, for an officer."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.application.stores import Stores
from services.matching.domain.ranking import Candidate
from services.matching.domain.rules import Exclusion
from shared.errors import no_such


@dataclass(frozen=True, slots=True)
class Explained:
    """The expert's line on the list, or the rules that kept them off it."""

    candidate: Candidate | None
    exclusions: tuple[Exclusion, ...]


async def explain_candidate(stores: Stores, search_id: str, expert_id: str) -> Explained:
    """What the search recorded of this expert; NotFound where it has not looked at them, or is none."""
    stored = await stores.searches.read(search_id)
    ranking = stored.state.ranking if stored else None
    candidate = ranking.candidate(expert_id) if ranking else None
    exclusions = dict(ranking.exclusions).get(expert_id, ()) if ranking else ()
    if candidate is None and not exclusions:
        raise no_such("search", f"{search_id} with expert {expert_id}")
    return Explained(candidate, exclusions)
