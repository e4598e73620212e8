"""From what happened here to what is published: the one place where facts become contracts."""

from __future__ import annotations

from typing import Any

from services.matching.domain import facts
from services.matching.domain.calendar import Calendar
from services.matching.domain.offer import PERSONAL
from services.matching.domain.position import Position
from services.matching.domain.search import Search
from services.matching.domain.team import Team
from shared.contracts.envelope import EventData
from shared.contracts.events import calendars, positions, searches, teams
from shared.contracts.events.requests import Period
from shared.store import OfCase

TOP = 10
"""Experts named in `match.completed`, so that an event stays small; the whole list is in the search."""


def of_search(search: Search, title: str, position_number: int | None = None) -> EventData:
    """`match.completed` or `match.empty`."""
    asked, answer = search.requirement, search.ranking
    head: dict[str, Any] = {
        "search_id": search.search_id,
        "stage": search.stage,
        "request_id": asked.request_id,
        "institution_id": asked.institution_id,
        "country": asked.country,
        "title": title,
        "activity_id": asked.activity_id,
        "position_id": asked.position_id,
        "position_number": position_number,
        "considered": answer.considered,
        "algorithm_version": answer.algorithm_version,
        "inputs_digest": answer.inputs_digest,
    }
    if search.empty:
        brings = {r.code: r.would_pass for r in answer.relaxations}
        return searches.MatchEmpty(**head, emptied_by=answer.emptied_by, relaxations=brings)
    best = tuple(
        searches.RankedExpert(expert_id=c.expert_id, rank=c.rank, score=c.score) for c in answer.candidates[:TOP]
    )
    return searches.MatchCompleted(**head, suitable=answer.suitable, top=best)


def of_position(
    position: Position,
    happened: tuple[facts.PositionFact, ...],
    *,
    employer: str | None = None,
) -> tuple[EventData, ...]:
    """The events of what happened to a position. `employer` is set only where the employer may be told."""
    said: list[EventData] = []
    for fact in happened:
        said += _of_position_fact(position, fact, employer)
    return tuple(said)


def _head(position: Position) -> dict[str, Any]:
    return {
        "position_id": position.position_id,
        "number": position.number,
        "is_principal": position.requirement.is_principal,
        "tor_id": position.tor_id,
        "activity_id": position.activity_id,
        "action_id": position.action_id,
        "action_code": position.action_code,
        "request_id": position.request_id,
        "institution_id": position.institution_id,
        "country": position.country,
        "title": position.title,
    }


def _of_position_fact(position: Position, fact: facts.PositionFact, employer: str | None) -> list[EventData]:
    head = _head(position)
    match fact:
        case facts.PositionOpened():
            return [positions.PositionOpened(**head)]
        case facts.Shortlisted():
            return [positions.PositionShortlisted(**head, search_id=fact.search_id, suitable=fact.suitable)]
        case facts.ShortlistApproved():
            return [positions.ShortlistApproved(**head, approved_by=fact.approved_by)]
        case facts.ListExhausted():
            ended = {"failed_offers": fact.failed_offers, "widen": fact.widen, "too_late": fact.too_late}
            return [positions.ShortlistExhausted(**head, **ended)]
        case facts.ShortlistEmpty() | facts.CandidateSkipped() | facts.Cancelled():
            return []
        case facts.OfferNearing():
            offer = _offer(position, fact.offer_id, employer)
            return [
                positions.OfferDeadlineApproaching(**head, **offer, percent=fact.percent, respond_by=fact.respond_by)
            ]
        case facts.Offered():
            offer = _offer(position, fact.offer_id, employer)
            return [
                positions.AssignmentOffered(
                    **head,
                    **offer,
                    mode=position.requirement.mode,
                    respond_by=fact.respond_by,
                    onsite=window_of(position),
                    days_total=position.requirement.days_total or 1,
                )
            ]
        case facts.Accepted():
            offer = _offer(position, fact.offer_id, employer)
            return [
                positions.AssignmentAccepted(
                    **head,
                    **offer,
                    mode=position.requirement.mode,
                    clearance_due=position.offer(fact.offer_id).clearance_due,
                )
            ]
        case facts.ClearanceOverdue():
            offer = _offer(position, fact.offer_id, employer)
            return [positions.ClearanceOverdue(**head, **offer, clearance_due=fact.clearance_due)]
        case facts.Declined():
            offer = _offer(position, fact.offer_id, employer)
            return [positions.AssignmentDeclined(**head, **offer, reason=PERSONAL, failed_offers=fact.failed_offers)]
        case facts.Expired():
            offer = _offer(position, fact.offer_id, employer)
            return [
                positions.OfferDeadlinePassed(**head, **offer, respond_by=fact.respond_by),
                positions.AssignmentExpired(
                    **head, **offer, respond_by=fact.respond_by, failed_offers=fact.failed_offers
                ),
            ]
        case facts.Withdrawn():
            raise NotImplementedError("offers are withdrawn once activities can be cancelled or moved")


def _offer(position: Position, offer_id: str, employer: str | None) -> dict[str, Any]:
    offer = position.offer(offer_id)
    return {
        "offer_id": offer_id,
        "expert_id": offer.expert_id,
        "rank": offer.rank,
        "employer_institution_id": employer,
    }


def window_of(position: Position) -> Period:
    """The days an offer asks for."""
    window = position.requirement.hold_window()
    if window is None:
        raise ValueError(f"position {position.position_id} has no dates")
    return Period(first_day=window.start, last_day=window.end)


def of_calendar(
    calendar: Calendar, happened: tuple[facts.CalendarFact, ...], correlation_id: str
) -> tuple[OfCase, ...]:
    """The events of what happened to an expert's calendar, each of its own case (domain rules, 6): of the one that
    holds the days, or of `correlation_id` where nothing is held or an early hold does not say."""
    said: list[OfCase] = []
    for fact in happened:
        if isinstance(fact, facts.AvailabilityDeclared):
            declared = calendars.AvailabilityDeclared(expert_id=fact.expert_id, entries=fact.entries)
            said.append(OfCase(declared, correlation_id))
            continue
        hold = calendar.held_for(fact.offer_id)
        if hold is None:
            continue
        head: dict[str, Any] = {
            "expert_id": fact.expert_id,
            "offer_id": fact.offer_id,
            "position_id": hold.position_id,
            "activity_id": hold.activity_id,
            "window": Period(first_day=hold.window.start, last_day=hold.window.end),
        }
        match fact:
            case facts.Held():
                event: EventData = calendars.AvailabilityHeld(**head, expires_at=fact.expires_at)
            case facts.Confirmed():
                event = calendars.AvailabilityConfirmed(**head, expires_at=fact.expires_at)
            case facts.Released():
                event = calendars.AvailabilityReleased(**head, reason=fact.because)
        said.append(OfCase(event, hold.correlation_id or correlation_id))
    return tuple(said)


def of_team(team_id: str, team: Team, happened: tuple[facts.TeamFact, ...]) -> tuple[EventData, ...]:
    """`team.complete`, when it is."""
    if not any(isinstance(fact, facts.TeamCompleted) for fact in happened):
        return ()
    numbers = {p.position_id: p.number for p in team.expected}
    members = tuple(
        teams.TeamMember(
            position_id=m.position_id,
            number=numbers[m.position_id],
            expert_id=m.expert_id,
            is_principal=m.is_principal,
            employer_institution_id=m.employer_institution_id,
        )
        for m in sorted(team.members, key=lambda m: numbers[m.position_id])
    )
    return (
        teams.TeamComplete(
            team_id=team_id,
            activity_id=team.activity_id,
            action_id=team.action_id,
            action_code=team.action_code,
            tor_id=team.tor_id,
            request_id=team.request_id,
            institution_id=team.institution_id,
            country=team.country,
            title=team.title,
            members=members,
        ),
    )
