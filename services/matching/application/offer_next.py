"""A list was approved, or an offer failed: offer the position to the next suitable person, exactly once.

Two decisions joined by a hold: the expert's days are kept under the offer's id (repeatable), then the offer is made.
A crash between the two leaves a hold. The event comes again, finds the same offer id, and frees what it does not offer
after all: the person may be asked for other work at once. Should it never come again, the hold lapses by itself.
Where an answer would be due once the days have begun, no offer is made, and the list ends for that reason.
Before it ends for want of people, whoever was passed over for another offer of the team is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.matching.application.announce import of_calendar, of_position
from services.matching.application.release_days import release_days
from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.domain.calendar import Calendar, CannotHold, Hold, hold
from services.matching.domain.deadlines import Duration
from services.matching.domain.facts import PositionFact
from services.matching.domain.offering import offer
from services.matching.domain.policy import Policy
from services.matching.domain.position import Position, PositionState
from services.matching.domain.question import question_of
from services.matching.domain.rules import screened
from services.matching.domain.shortlisting import exhausted, look_again, skip_candidate
from shared.clock import Clock
from shared.ids import derived_id
from shared.store import Cause, Decision, Step


@dataclass(frozen=True, slots=True)
class OfferTimes:
    """How long an expert has to answer, in an urgent case too, and how much longer the days are kept."""

    response: Duration
    response_urgent: Duration
    hold_margin: Duration

    def respond_by(self, now: datetime, *, urgent: bool) -> datetime:
        """The instant by which an offer made now must be answered (domain §7.3). In an urgent case the earlier of the
        two ends counts: however they are set, it never leaves more time than another case."""
        end = self.response.after(now)
        return min(end, self.response_urgent.after(now)) if urgent else end

    def answer_due_on(self, now: datetime, *, urgent: bool) -> date:
        """The last day, where the facility is, on which an offer made now could be answered: before `respond_by`, so
        that of one due at midnight it is the day that ends then."""
        last = self.respond_by(now, urgent=urgent) - timedelta(microseconds=1)
        return last.astimezone(ZoneInfo(self.response.calendar.zone)).date()

    def too_late(self, position: Position, now: datetime) -> bool:
        """Whether the days of the position have begun by then."""
        return position.requirement.begun_on(self.answer_due_on(now, urgent=position.urgent))


@dataclass(frozen=True, slots=True)
class _Chosen:
    expert_id: str
    offer_id: str
    employer: str | None
    respond_by: datetime


async def offer_next(
    stores: Stores, roster: Roster, policy: Policy, times: OfferTimes, clock: Clock, cause: Cause, position_id: str
) -> None:
    """Go down the approved list, check each person again, and make one binding offer; or say that nobody is left, or
    that it is too late to ask."""
    stored = await stores.positions.read(position_id)
    if await stores.positions.done_before(position_id, cause, known=stored) is not None:
        if stored is not None:
            await _let_go(stores, cause, stored.state, [line.expert_id for line in stored.state.shortlist])
        return
    position = stored.state if stored and not times.too_late(stored.state, clock.now()) else None

    looked_at: list[str] = []

    async def tried(position: Position, expert_id: str) -> tuple[_Chosen | None, tuple[str, ...]]:
        looked_at.append(expert_id)
        reasons, employer = await _checked(roster, policy, times, clock, position, expert_id)
        if reasons:
            return None, reasons
        candidate = _candidate(cause, times, clock, position, expert_id, employer)
        reasons = await _held(stores, times, clock, cause, position, candidate)
        return (None if reasons else candidate), reasons

    passed: list[tuple[str, tuple[str, ...]]] = []
    chosen: _Chosen | None = None
    while position is not None and chosen is None and (line := position.next_candidate()) is not None:
        chosen, reasons = await tried(position, line.expert_id)
        if chosen is None:
            passed.append((line.expert_id, reasons))
            position, _ = skip_candidate(position, line.expert_id, reasons, clock.now())
    if position is not None and chosen is None:
        for again in position.passed_over():
            chosen, _ = await tried(position, again.expert_id)
            if chosen is not None:
                break
    outcome = await stores.positions.change(position_id, cause, _decide(policy, times, clock, passed, chosen))
    if outcome.stored is not None:
        await _let_go(stores, cause, outcome.stored.state, looked_at)


async def _let_go(stores: Stores, cause: Cause, position: Position, experts: Iterable[str]) -> None:
    """Free the days kept under this cause for offers that it has not made: another attempt decided otherwise, or this
    one again after a crash. Only once the cause is done with at the position: no attempt can make them any more."""
    made = {offer.offer_id for offer in position.offers}
    kept = {expert_id: _offer_id(cause, position.position_id, expert_id) for expert_id in experts}
    if not (others := [expert_id for expert_id, offer_id in kept.items() if offer_id not in made]):
        return
    for expert_id, calendar in (await stores.calendars.read_many(others)).items():
        if calendar.state.held_for(kept[expert_id]) is not None:
            await release_days(stores, Step(origin=cause.origin), expert_id, kept[expert_id], "superseded")


def _decide(
    policy: Policy, times: OfferTimes, clock: Clock, passed: list[tuple[str, tuple[str, ...]]], chosen: _Chosen | None
) -> Callable[[Position | None], Decision[Position]]:
    def decide(position: Position | None) -> Decision[Position]:
        if (
            position is None
            or position.state is not PositionState.SHORTLISTED
            or position.shortlist_approved_at is None
        ):
            return Decision(position)
        now = clock.now()
        happened: tuple[PositionFact, ...] = ()
        for expert_id, codes in passed:
            position, noted = skip_candidate(position, expert_id, codes, now)
            happened += noted
        too_late = times.too_late(position, now)
        if chosen is not None and not too_late:
            if chosen.expert_id in {line.expert_id for line in position.passed_over()}:
                position, _ = look_again(position, chosen.expert_id)
            position, made = offer(position, chosen.expert_id, chosen.offer_id, now, chosen.respond_by)
        else:
            position, made = exhausted(position, policy.failed_offers_before_widening, too_late=too_late)
        employer = chosen.employer if chosen else None
        return Decision(position, of_position(position, (*happened, *made), employer=employer))

    return decide


def _candidate(
    cause: Cause, times: OfferTimes, clock: Clock, position: Position, expert_id: str, employer: str | None
) -> _Chosen:
    offer_id = _offer_id(cause, position.position_id, expert_id)
    return _Chosen(expert_id, offer_id, employer, times.respond_by(clock.now(), urgent=position.urgent))


def _offer_id(cause: Cause, position_id: str, expert_id: str) -> str:
    return derived_id("off", position_id, expert_id, cause.origin.causation_id or "")


async def _checked(
    roster: Roster, policy: Policy, times: OfferTimes, clock: Clock, position: Position, expert_id: str
) -> tuple[tuple[str, ...], str | None]:
    """The hard rules this person fails now, and the employer that may be told of an offer.

    Since the search it may have become known which institutions are related to the asking one, and the times to answer
    may be others by setting: the search of another setting had another last day.
    """
    line = await roster.line(expert_id)
    if line is None:
        return ("not_in_roster",), None
    now = clock.now()
    today = now.date()
    requirement = position.requirement.model_copy(
        update={
            "related_institution_ids": roster.related_to(position.institution_id),
            "answer_due_on": times.answer_due_on(now, urgent=position.urgent),
        }
    )
    failed = screened(line, question_of(requirement, policy, today))
    return tuple(f.code for f in failed), line.expert.employer_to_tell(today)


async def _held(
    stores: Stores, times: OfferTimes, clock: Clock, cause: Cause, position: Position, chosen: _Chosen
) -> tuple[str, ...]:
    """Keep the days; the code of the refusal where they cannot be kept."""
    window = position.requirement.hold_window()
    if window is None:
        return ("no_dates",)
    wanted = Hold(
        offer_id=chosen.offer_id,
        activity_id=position.activity_id,
        position_id=position.position_id,
        window=window,
        days=position.requirement.days_total or 1,
        stay=position.requirement.needs_presence,
        expires_at=times.hold_margin.after(chosen.respond_by),
        held_on=clock.now().date(),
        correlation_id=cause.origin.correlation_id,
    )

    def decide(calendar: Calendar | None) -> Decision[Calendar]:
        changed, happened = hold(calendar or Calendar(expert_id=chosen.expert_id), wanted)
        return Decision(changed, of_calendar(changed, happened, cause.origin.correlation_id))

    try:
        await stores.calendars.change(chosen.expert_id, Step(origin=cause.origin), decide)
    except CannotHold as refused:
        return (refused.code,)
    return ()
