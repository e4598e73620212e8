"""Terms of reference are final: open their positions, rank for each, and form the team that has to be filled."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.matching.application.announce import of_position
from services.matching.application.offer_next import OfferTimes
from services.matching.application.pass_over import pass_over
from services.matching.application.roster import Roster
from services.matching.application.search import search_once
from services.matching.application.stores import Stores
from services.matching.domain.policy import Policy
from services.matching.domain.position import Position
from services.matching.domain.requirement import LanguageNeed, Requirement, Window
from services.matching.domain.search import Search
from services.matching.domain.shortlisting import begin_search, lines_of, open_position, shortlisted
from services.matching.domain.team import ExpectedPosition, Team
from shared.clock import Clock
from shared.contracts.events.requests import Period
from shared.contracts.events.terms_of_reference import PositionTerms, TermsFinalised
from shared.ids import derived_id
from shared.store import Cause, Decision, Step


def team_id_of(tor_id: str) -> str:
    """The team of an activity's terms of reference."""
    return derived_id("team", tor_id)


async def open_positions(
    stores: Stores,
    roster: Roster,
    policy: Policy,
    offer_times: OfferTimes,
    clock: Clock,
    cause: Cause,
    terms: TermsFinalised,
) -> None:
    """The team's document first, then for every position its search and its own document with the list.

    Each write is repeatable by its id, and the guard of the event is advanced last, on the team: what a crash cut
    short is done again and finds its own beginnings.
    """
    step = Step(origin=cause.origin)
    team_id = team_id_of(terms.tor_id)
    if await stores.teams.done_before(team_id, cause) is not None:
        return
    team = Team(
        **_case(terms),
        expected=tuple(
            ExpectedPosition(position_id=p.position_id, number=p.number, is_principal=p.is_principal)
            for p in terms.positions
        ),
    )
    await stores.teams.change(team_id, step, lambda before: Decision(before or team))
    for wanted in terms.positions:
        found = await _searched(stores, roster, policy, offer_times, clock, step, terms, wanted)
        await _opened(stores, clock, step, terms, wanted, found)
    await pass_over(stores.teams, cause, team_id)


async def _searched(
    stores: Stores,
    roster: Roster,
    policy: Policy,
    offer_times: OfferTimes,
    clock: Clock,
    step: Step,
    terms: TermsFinalised,
    wanted: PositionTerms,
) -> Search:
    now = clock.now()

    def ask() -> Requirement:
        due = offer_times.answer_due_on(now, urgent=_urgent(terms))
        return requirement_of(terms, wanted, roster.related_to(terms.institution_id), due)

    return await search_once(
        stores, roster, policy, step, wanted.position_id, ask,
        title=terms.title, number=wanted.number, now=now,
    )  # fmt: skip


async def _opened(
    stores: Stores, clock: Clock, step: Step, terms: TermsFinalised, wanted: PositionTerms, found: Search
) -> None:
    blank = Position(
        **_case(terms),
        position_id=wanted.position_id,
        number=wanted.number,
        requirement=found.requirement,
        urgent=_urgent(terms),
    )

    def first_only(before: Position | None) -> Decision[Position]:
        if before is not None:
            return Decision(before)
        position, opened = open_position(blank)
        position, _ = begin_search(position)
        lines, suitable = lines_of(found.ranking), found.ranking.suitable
        position, listed = shortlisted(position, found.search_id, lines, clock.now(), suitable)
        return Decision(position, of_position(position, (*opened, *listed)))

    await stores.positions.change(wanted.position_id, step, first_only)


def _case(terms: TermsFinalised) -> dict[str, Any]:
    return {
        "tor_id": terms.tor_id,
        "action_id": terms.action_id,
        "action_code": terms.action_code,
        "activity_id": terms.activity.activity_id,
        "request_id": terms.request_id,
        "institution_id": terms.institution_id,
        "country": terms.country,
        "title": terms.title,
    }


def requirement_of(
    terms: TermsFinalised, wanted: PositionTerms, related: tuple[str, ...], answer_due_on: date
) -> Requirement:
    """What one position asks for."""
    return Requirement(
        stage="binding",
        request_id=terms.request_id,
        position_id=wanted.position_id,
        activity_id=terms.activity.activity_id,
        institution_id=terms.institution_id,
        related_institution_ids=related,
        country=terms.country,
        themes=wanted.themes,
        languages=tuple(LanguageNeed.model_validate(need.model_dump()) for need in wanted.languages),
        prep=_window(terms.activity.prep),
        onsite=_window(terms.activity.onsite),
        delivery_due=terms.activity.delivery_due,
        mode=terms.activity.mode,
        days_total=wanted.days_total,
        min_years=wanted.min_years,
        origin_rule=wanted.origin_rule,
        accepts_private=wanted.accepts_private,
        is_principal=wanted.is_principal,
        answer_due_on=answer_due_on,
        text=f"{terms.title}\n{terms.activity.title}\n{wanted.tasks}",
    )


def _urgent(terms: TermsFinalised) -> bool:
    return terms.urgency == "urgent"


def _window(period: Period) -> Window:
    return Window(start=period.first_day, end=period.last_day)
