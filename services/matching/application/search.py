"""Rank the roster as it is now for a requirement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from services.matching.application.roster import Roster
from services.matching.domain.policy import Policy
from services.matching.domain.ranking import rank
from services.matching.domain.requirement import Requirement
from services.matching.domain.search import Search

IN_LOOP = 500
"""Up to this many experts are ranked in the event loop (measured: under 15 ms for 200); more go to a thread."""


async def search(
    search_id: str, ask: Callable[[], Requirement], roster: Roster, policy: Policy, now: datetime
) -> Search:
    """A new search with its answer. `ask` is called once the roster, with its institutions, is up to date."""
    lines, model = await roster.now()
    requirement = ask()
    if len(lines) <= IN_LOOP:
        ranking = rank(requirement, lines, policy, now.date(), model)
    else:
        ranking = await asyncio.to_thread(rank, requirement, lines, policy, now.date(), model)
    return Search(search_id=search_id, requirement=requirement, ranking=ranking, created_on=now.date())
