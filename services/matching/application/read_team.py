"""Read one team."""

from __future__ import annotations

from services.matching.application.access import Party, sees_case_of
from services.matching.domain.team import Team
from shared.store import Store, Stored, find_seen


async def read_team(teams: Store[Team], caller: Party, id_: str) -> Stored[Team]:
    """NotFound where there is none, and for a team of another institution's request."""
    return await find_seen(teams, id_, lambda t: sees_case_of(caller, t.institution_id), "team")
