"""Searches: who could do this, and why. Officers alone are told; an indicative list holds nobody. Kept for ever."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.contracts.envelope import EventData, Id, Published

Stage = Literal["indicative", "binding"]


class RankedExpert(Published):
    """A place on the list; score in thousandths of a point, 0 to 100,000."""

    expert_id: Id
    rank: int = Field(ge=1)
    score: int = Field(ge=0, le=100_000)


class SearchHead(EventData):
    """What was searched for."""

    search_id: Id
    stage: Stage
    request_id: Id
    institution_id: Id
    country: str
    title: str
    activity_id: Id | None = None
    position_id: Id | None = None
    position_number: int | None = None
    considered: int = Field(ge=0, description="experts looked at")
    algorithm_version: str
    inputs_digest: str


class MatchCompleted(SearchHead):
    """At least one expert passes every hard rule; the best are listed, the whole list stays with matching."""

    suitable: int = Field(ge=1, description="experts who pass every hard rule and the threshold")
    top: tuple[RankedExpert, ...]


class MatchEmpty(SearchHead):
    """Nobody passes: which rules emptied the list, and what would bring how many."""

    emptied_by: dict[str, int] = Field(description="rule code -> experts it excluded")
    relaxations: dict[str, int] = Field(default_factory=dict, description="relaxation -> experts it would bring")
