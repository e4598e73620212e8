"""Rank the roster as it is now for a requirement; for a position, once under an id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from services.matching.application.announce import of_search
from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.domain.policy import Policy
from services.matching.domain.ranking import rank
from services.matching.domain.requirement import Requirement
from services.matching.domain.search import Search
from shared.store import Decision, Step

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


async def search_once(
    stores: Stores,
    roster: Roster,
    policy: Policy,
    step: Step,
    search_id: str,
    ask: Callable[[], Requirement],
    *,
    title: str,
    number: int,
    now: datetime,
) -> Search:
    """The search of this id: the one that stands, or a new one, recorded and announced. Two calls at once, and a repeat
    after a crash, get the same. `title` and `number` are the position's."""
    known = await stores.searches.read(search_id)
    if known is not None:
        return known.state
    found = await search(search_id, ask, roster, policy, now)
    announced = of_search(found, title, number)

    def first_only(before: Search | None) -> Decision[Search]:
        return Decision(before) if before else Decision(found, (announced,))

    outcome = await stores.searches.change(search_id, step, first_only, likely_new=True)
    return outcome.stored.state if outcome.stored else found
