"""A request was submitted: say at once whether it can be fielded, and by how many. Holds nobody."""

from __future__ import annotations

from services.matching.application.announce import of_search
from services.matching.application.roster import Roster
from services.matching.application.search import search
from services.matching.domain.policy import Policy
from services.matching.domain.requirement import LanguageNeed, Level, Requirement, Window
from services.matching.domain.search import Search
from shared.clock import Clock
from shared.contracts.events.requests import RequestSubmitted
from shared.store import Cause, Decision, Store


async def search_indicatively(
    searches: Store[Search], roster: Roster, policy: Policy, clock: Clock, cause: Cause, asked: RequestSubmitted
) -> None:
    """Rank for the whole request and announce the indicative list, once per request."""
    found = await search(
        asked.request_id,
        lambda: requirement_of(asked, roster.related_to(asked.institution_id), policy.working_level),
        roster,
        policy,
        clock.now(),
    )
    announced = of_search(found, asked.title)
    await searches.change(asked.request_id, cause, lambda _: Decision(found, (announced,)), likely_new=True)


def requirement_of(asked: RequestSubmitted, related: tuple[str, ...], level: Level) -> Requirement:
    """What a request lets us ask before its terms of reference exist; `level` in its language."""
    period = asked.preferred_period
    return Requirement(
        stage="indicative",
        request_id=asked.request_id,
        institution_id=asked.institution_id,
        related_institution_ids=related,
        country=asked.country,
        themes=asked.themes,
        languages=(LanguageNeed(language=asked.language, level=level),),
        preferred=Window(start=period.first_day, end=period.last_day) if period else None,
        text=f"{asked.title}\n{asked.text}",
    )
