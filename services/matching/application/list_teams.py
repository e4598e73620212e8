"""List teams."""

from __future__ import annotations

from services.matching.application.access import Party, own_case
from services.matching.domain.team import Team
from shared.store import Page, Part, Store, find_part


async def list_teams(
    teams: Store[Team], caller: Party, request_id: str | None, complete: bool | None, part: Part
) -> Page[Team]:
    """Teams, newest first: all for an officer, those of its own requests for an institution.

    `complete`: only those that lack nothing, or only those that lack something; None: both.
    """
    filters = {
        "request_id": request_id,
        "institution_id": own_case(caller),
        "complete": None if complete is None else int(complete),
    }
    return await find_part(teams, filters, part)
