"""Teams: all positions of an activity together. Kept for ever."""

from __future__ import annotations

from pydantic import Field

from shared.contracts.envelope import EventData, Id, Published


class TeamMember(Published):
    """One expert in one position."""

    position_id: Id
    number: int = Field(ge=1)
    expert_id: Id
    is_principal: bool
    employer_institution_id: Id | None = None


class TeamComplete(EventData):
    """Every position is taken, and exactly one of them leads."""

    team_id: Id
    activity_id: Id
    action_id: Id
    action_code: str
    tor_id: Id
    request_id: Id
    institution_id: Id
    country: str
    title: str
    members: tuple[TeamMember, ...]
