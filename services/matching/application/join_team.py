"""A position has its expert: the team has one member more, and is complete when it is the last."""

from __future__ import annotations

from services.matching.application.announce import of_team
from services.matching.application.open_positions import team_id_of
from services.matching.domain.team import Team, join
from shared.clock import Clock
from shared.contracts.events.positions import AssignmentAccepted
from shared.errors import no_such
from shared.store import Cause, Decision, Store


async def join_team(teams: Store[Team], clock: Clock, cause: Cause, accepted: AssignmentAccepted) -> None:
    """Record the member once; announces the complete team exactly once."""
    team_id = team_id_of(accepted.tor_id)

    def decide(team: Team | None) -> Decision[Team]:
        if team is None:
            late = "Take it in again once the terms of reference have come."
            raise no_such("team", f"{team_id} for position {accepted.position_id}", mend=late)
        changed, happened = join(
            team,
            accepted.position_id,
            accepted.expert_id,
            clock.now(),
            employer_institution_id=accepted.employer_institution_id,
        )
        return Decision(changed, of_team(team_id, changed, happened))

    await teams.change(team_id, cause, decide)
