"""A search: what was asked, what was answered, and why; kept so that a selection can be audited."""

from __future__ import annotations

from datetime import date

from services.matching.domain.ranking import Ranking
from services.matching.domain.requirement import Frozen, Requirement, Stage


class Search(Frozen):
    """One search. Officers alone see it; an indicative one holds nobody and is never shown to experts."""

    search_id: str
    requirement: Requirement
    ranking: Ranking
    created_on: date
    exhausted: bool = False

    @property
    def stage(self) -> Stage:
        """indicative or binding."""
        return self.requirement.stage

    @property
    def empty(self) -> bool:
        """True when nobody passes."""
        return not self.ranking.candidates


def exhaust(search: Search) -> Search:
    """Everybody on the list has been asked or passed over. Repeatable."""
    return search if search.exhausted else search.model_copy(update={"exhausted": True})
