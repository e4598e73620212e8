"""The team of an activity: complete once every position is accepted and exactly one member is the principal."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from services.matching.domain.facts import TeamCompleted, TeamFact, TeamJoined
from services.matching.domain.requirement import Frozen
from shared.errors import Refused


class ExpectedPosition(Frozen):
    """A position the terms of reference ask for."""

    position_id: str
    number: int = Field(ge=1)
    is_principal: bool


class Member(Frozen):
    """The expert who accepted a position."""

    position_id: str
    expert_id: str
    is_principal: bool
    accepted_at: AwareDatetime
    employer_institution_id: str | None = None


class Team(Frozen):
    """The state of one activity's team."""

    activity_id: str
    action_id: str
    action_code: str
    tor_id: str
    request_id: str
    institution_id: str
    country: str
    title: str
    expected: tuple[ExpectedPosition, ...] = Field(min_length=1)
    members: tuple[Member, ...] = ()
    completed_at: AwareDatetime | None = None

    def missing(self) -> tuple[str, ...]:
        """Positions nobody has accepted yet, in the order of the terms of reference."""
        filled = {member.position_id for member in self.members}
        return tuple(p.position_id for p in self.expected if p.position_id not in filled)

    def lacks(self) -> tuple[str, ...]:
        """Why the team is not complete, as codes: positions_open, no_principal, several_principals."""
        leading = sum(1 for member in self.members if member.is_principal)
        reasons = []
        if self.missing():
            reasons.append("positions_open")
        elif leading == 0:
            reasons.append("no_principal")
        if leading > 1:
            reasons.append("several_principals")
        return tuple(reasons)


Change = tuple[Team, tuple[TeamFact, ...]]


def join(
    team: Team,
    position_id: str,
    expert_id: str,
    now: datetime,
    *,
    employer_institution_id: str | None = None,
) -> Change:
    """An expert has accepted a position. Repeatable; completion is announced exactly once.

    Raises Refused for a position that is not of this team or has another expert, and for an expert who has another
    position in it.
    """
    expected = next((p for p in team.expected if p.position_id == position_id), None)
    if expected is None:
        raise Refused(
            f"Position {position_id} is not part of the team of activity {team.activity_id}.",
            mend="Name a position of this team.",
        )
    for member in team.members:
        if member.position_id == position_id and member.expert_id == expert_id:
            return team, ()
        if member.position_id == position_id:
            raise Refused(f"Position {position_id} has its expert already.", mend="See the team for who it is.")
        if member.expert_id == expert_id:
            raise Refused(
                f"Expert {expert_id} has another position in this team.",
                mend="Choose somebody who has no position in it.",
            )
    joined = Member(
        position_id=position_id,
        expert_id=expert_id,
        is_principal=expected.is_principal,
        accepted_at=now,
        employer_institution_id=employer_institution_id,
    )
    changed = team.model_copy(update={"members": (*team.members, joined)})
    facts: tuple[TeamFact, ...] = (TeamJoined(team.activity_id, position_id, expert_id),)
    if changed.completed_at is None and not changed.lacks():
        changed = changed.model_copy(update={"completed_at": now})
        by_position = {member.position_id: member.expert_id for member in changed.members}
        pairs = tuple((p.position_id, by_position[p.position_id]) for p in changed.expected)
        facts = (*facts, TeamCompleted(team.activity_id, pairs))
    return changed, facts
