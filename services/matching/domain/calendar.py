"""An expert's calendar: what they declared, and what is kept for offers.

Functions are pure: they take the calendar and return the next one with what happened. Offers may overlap each
other while they are only offered; accepted and booked periods may not overlap.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from services.matching.domain.deadlines import SATURDAY
from services.matching.domain.facts import AvailabilityDeclared, CalendarFact, Confirmed, Held, Released
from services.matching.domain.requirement import Frozen, Window
from shared.contracts.events.terms_of_reference import Mode
from shared.errors import Invalid, NotFound, Refused

EntryKind = Literal["available", "tentative", "unavailable"]
HoldState = Literal["offered", "accepted", "released", "booked"]
ReleaseReason = Literal["declined", "expired", "lapsed", "withdrawn", "superseded"]

MAX_ENTRIES = 200
"""Periods of one calendar: bounds the document, which every ranking reads."""
KEEP_SPENT_DAYS = 30
"""Days a spent hold stays after its window ended: a late repeat of an event or a call still finds it. No decision about
anybody rests on it: what counts afterwards is kept on (`prune`)."""

YEAR_DAYS = 365
"""The last 12 months of who is asked and engaged how often."""


class Entry(Frozen):
    """A declared period. `max_days` caps the working days inside it; `modes` empty means every mode."""

    kind: EntryKind
    window: Window
    modes: tuple[Mode, ...] = ()
    excluded: tuple[str, ...] = Field(default=(), description="Countries or region codes not travelled to.")
    max_days: int | None = Field(default=None, ge=1)


class Hold(Frozen):
    """Days kept under an offer's id. `expires_at` is when they become free by themselves (UTC)."""

    offer_id: str
    activity_id: str
    position_id: str
    window: Window
    days: int = Field(ge=1)
    stay: bool = Field(default=True, description="False for remote work: it needs so many days within, not each one.")
    state: HoldState = "offered"
    expires_at: AwareDatetime
    released_because: ReleaseReason | None = None
    held_on: date | None = Field(default=None, description="Day the offer was made; counts in who is asked how often.")
    correlation_id: str | None = Field(default=None, description="Of the case that asked; None for an early one.")

    @property
    def firm(self) -> bool:
        """True once the expert has committed to it."""
        return self.state in ("accepted", "booked")


class OwnMaximum(Frozen):
    """What the expert will do at most, by their own statement; None sets no limit."""

    days_12m: int | None = Field(default=None, ge=0, description="Working days of assignments in 12 months.")
    assignments: int | None = Field(default=None, ge=0, description="Accepted assignments at one time.")


class Engagement(Frozen):
    """An accepted assignment whose hold is pruned: what counts of it afterwards."""

    window: Window
    days: int = Field(ge=1)


class Calendar(Frozen):
    """The state of one expert's time."""

    expert_id: str
    entries: tuple[Entry, ...] = ()
    own_maximum: OwnMaximum = OwnMaximum()
    holds: tuple[Hold, ...] = ()
    asked_on: tuple[date, ...] = Field(default=(), description="Days of offers whose holds are pruned, 365 days back.")
    engaged: tuple[Engagement, ...] = Field(
        default=(), description="Pruned accepted holds, oldest first: 365 days back, and the latest whatever its age."
    )

    @property
    def offered_on(self) -> tuple[date, ...]:
        """Days on which offers were made, as far as they are kept; those the facility took back do not count."""
        counted = (h.held_on for h in self.holds if h.released_because not in ("withdrawn", "superseded"))
        return (*self.asked_on, *(day for day in counted if day is not None))

    def held_for(self, offer_id: str) -> Hold | None:
        """The hold under this offer, in any state, or None."""
        return next((hold for hold in self.holds if hold.offer_id == offer_id), None)

    def deadlines(self) -> dict[str, datetime]:
        """{"holds": the earliest instant at which `lapse` has something to do}, or nothing."""
        due = [hold.expires_at for hold in self.holds if hold.state == "offered"]
        return {"holds": min(due)} if due else {}


ASK_OTHERWISE = "Choose another expert or other dates."
DECLINE_INSTEAD = (
    "Decline this offer, with the reason `dates` or one that fits better: left open it counts as unanswered."
)
"""To the expert who would accept: what ends the offer as an answer. Silences are counted, declines never."""


IN_TEAM = "in_team"
"""The code of whoever holds another position of the team, or an open offer of one."""


class CannotHold(Refused):
    """The days cannot be kept. `code`: in_team, booked, unavailable, released or own_maximum."""

    kind, title = "cannot-hold", "The days cannot be kept"

    def __init__(self, code: str, detail: str, mend: str = ASK_OTHERWISE) -> None:
        super().__init__(detail, mend=mend)
        self.code = code


Change = tuple[Calendar, tuple[CalendarFact, ...]]


def overlaps(one: Window, other: Window) -> bool:
    """True when the two share a day."""
    return one.start <= other.end and other.start <= one.end


def declare(calendar: Calendar, entries: tuple[Entry, ...], own_maximum: OwnMaximum | None = None) -> Change:
    """Replace what the expert declared; without an own maximum there is none from now on.

    Raises Invalid for more than MAX_ENTRIES, Refused where a period that the expert has accepted is declared
    unavailable, or too much of one of remote work: an acceptance is not undone through the calendar.
    """
    if len(entries) > MAX_ENTRIES:
        raise Invalid(f"{len(entries)} periods are more than {MAX_ENTRIES}.", mend="Join neighbouring periods.")
    for taken in calendar.holds:
        if taken.firm and not _leaves_days(entries, taken):
            raise Refused(
                f"An accepted assignment lies from {taken.window.start} to {taken.window.end}.",
                mend="Tell the facility that you withdraw from it first, or leave these days out.",
            )
    ordered = tuple(sorted(entries, key=lambda e: (e.window.start, e.window.end, e.kind)))
    own_maximum = own_maximum or OwnMaximum()
    if (ordered, own_maximum) == (calendar.entries, calendar.own_maximum):
        return calendar, ()
    changed = calendar.model_copy(update={"entries": ordered, "own_maximum": own_maximum})
    return changed, (AvailabilityDeclared(calendar.expert_id, len(ordered)),)


def hold(calendar: Calendar, wanted: Hold) -> Change:
    """Keep days for an offer. Repeatable: an attempt made again later keeps them until its own, later end, also where
    they lapsed meanwhile.

    Raises CannotHold: `released` when this offer's hold is over for another reason, `in_team` for another position of
    the same activity, `booked` for an accepted or booked period, `unavailable` for days declared so: any day of a
    stay, more than remote work can spare.
    """
    known = calendar.held_for(wanted.offer_id)
    if known is not None and (known.firm or (known.state == "offered" and known.expires_at >= wanted.expires_at)):
        return calendar, ()
    if known is not None:
        _refuse_given_back(known)
    _refuse_team_and_overlap(calendar, wanted)
    if not _leaves_days(calendar.entries, wanted):
        raise CannotHold("unavailable", "The expert declared these days unavailable.")
    kept = wanted.model_copy(update={"state": "offered", "released_because": None})
    added = calendar.model_copy(update={"holds": (*calendar.holds, kept)})
    changed = added if known is None else _with(calendar, kept)
    return changed, (Held(calendar.expert_id, kept.offer_id, kept.expires_at),)


def confirm(calendar: Calendar, offer_id: str, expires_at: datetime) -> Change:
    """The offer is accepted: its days are the expert's commitment, due for clearance by `expires_at`. Repeatable.

    They do not lapse then: an accepted position goes to nobody else, so its days must not either (docs/decisions, 13).
    A hold that lapsed by itself is taken up again if the days are still free; one released for any other reason is
    not. Raises NotFound for an unknown offer, CannotHold as `hold` does (declared entries aside: the expert's own
    acceptance is the later word). The expert's own maximum needs their profile: `workload.keep_own_maximum`.
    """
    known = calendar.held_for(offer_id)
    if known is None:
        raise NotFound(f"No days are held for offer {offer_id}.", mend="See the calendar for what is held.")
    if known.firm:
        return calendar, ()
    _refuse_given_back(known, DECLINE_INSTEAD)
    _refuse_team_and_overlap(calendar, known, DECLINE_INSTEAD)
    firm = known.model_copy(update={"state": "accepted", "expires_at": expires_at, "released_because": None})
    return _with(calendar, firm), (Confirmed(calendar.expert_id, offer_id, expires_at),)


def release(calendar: Calendar, offer_id: str, because: ReleaseReason) -> Change:
    """Free the days of an offer. Repeatable; an unknown offer changes nothing."""
    known = calendar.held_for(offer_id)
    if known is None or known.state == "released":
        return calendar, ()
    freed = known.model_copy(update={"state": "released", "released_because": because})
    return _with(calendar, freed), (Released(calendar.expert_id, offer_id, because),)


def lapse(calendar: Calendar, now: datetime) -> Change:
    """Free every hold still waiting for an answer whose `expires_at` has come; committed days never lapse."""
    facts: list[CalendarFact] = []
    for due in calendar.holds:
        if due.state == "offered" and due.expires_at <= now:
            calendar, released = release(calendar, due.offer_id, "lapsed")
            facts.extend(released)
    return calendar, tuple(facts)


def prune(calendar: Calendar, today: date) -> Calendar:
    """Drop spent holds: those not waiting for an answer whose window ended over KEEP_SPENT_DAYS days ago.

    What counts of them afterwards is kept for a year: the days on which their offers were made, and the assignments
    that were accepted, the latest of these for good.
    """
    oldest, year_ago = today - timedelta(days=KEEP_SPENT_DAYS), year_before(today)
    kept = tuple(h for h in calendar.holds if h.state == "offered" or h.window.end >= oldest)
    if len(kept) == len(calendar.holds):
        return calendar
    spent = calendar.model_copy(update={"holds": tuple(h for h in calendar.holds if h not in kept)})
    ended = (Engagement(window=h.window, days=h.days) for h in spent.holds if h.firm)
    engaged = sorted((*calendar.engaged, *ended), key=lambda e: (e.window.start, e.window.end, e.days))
    return calendar.model_copy(
        update={
            "holds": kept,
            "asked_on": tuple(day for day in spent.offered_on if day > year_ago),
            "engaged": tuple(e for e in engaged[:-1] if e.window.end > year_ago) + tuple(engaged[-1:]),
        }
    )


def year_before(today: date) -> date:
    """The last day that is no longer within the last 12 months."""
    return today - timedelta(days=YEAR_DAYS)


def _refuse_given_back(known: Hold, mend: str = ASK_OTHERWISE) -> None:
    if known.state == "released" and known.released_because != "lapsed":
        raise CannotHold("released", f"The hold of offer {known.offer_id} is over.", mend)


def _refuse_team_and_overlap(calendar: Calendar, wanted: Hold, mend: str = ASK_OTHERWISE) -> None:
    for other in calendar.holds:
        if other.offer_id == wanted.offer_id or other.state == "released":
            continue
        if other.activity_id == wanted.activity_id and other.position_id != wanted.position_id:
            raise CannotHold(IN_TEAM, "The expert is asked for another position of the same team.", mend)
        if other.firm and overlaps(other.window, wanted.window):
            raise CannotHold("booked", "The expert has accepted another assignment in this period.", mend)


def _leaves_days(entries: tuple[Entry, ...], kept: Hold) -> bool:
    """Whether what is declared leaves the days of a hold: each one of a stay, enough weekdays for remote work."""
    closed = [e.window for e in entries if e.kind == "unavailable" and overlaps(e.window, kept.window)]
    if kept.stay or not closed:
        return not closed
    open_days = (day for day in kept.window.days() if not any(w.start <= day <= w.end for w in closed))
    return sum(day.weekday() < SATURDAY for day in open_days) >= kept.days


def _with(calendar: Calendar, changed: Hold) -> Calendar:
    holds = tuple(changed if h.offer_id == changed.offer_id else h for h in calendar.holds)
    return calendar.model_copy(update={"holds": holds})
