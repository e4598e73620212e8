"""How much an expert does and is asked, worked out from their calendar on the day it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.matching.domain.calendar import DECLINE_INSTEAD, Calendar, CannotHold, Engagement, Hold, year_before
from services.matching.domain.expert import RosterExpert


@dataclass(frozen=True, slots=True)
class Workload:
    """The figures that turns, rotation and the expert's own maximum go by."""

    days: int
    """Working days of assignments that ended within the last 12 months or are still to come."""
    assignments: int
    """Accepted assignments that are not over."""
    offers: int
    """Offers received in the last 12 months; those the facility took back do not count."""
    last_mobilised_on: date | None
    """First day of the latest assignment that has begun; None where none is known here."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """A limit of the expert's own maximum and what one more assignment would make of it."""

    maximum: int
    would_be: int
    unit: str
    """`days` or `assignments`."""


def beyond_own_maximum(load: Workload, calendar: Calendar, days: int) -> Beyond | None:
    """What one more assignment of `days` working days passes of what the expert has stated; None: nothing.

    `load`: what they do beside it. The expert's own maximum of days and assignments is a hard rule (§11.5): of the
    search, and of the acceptance, since several offers may be open at once and each fit by itself.
    """
    most = calendar.own_maximum
    days, assignments = load.days + days, load.assignments + 1
    if most.days_12m is not None and days > most.days_12m:
        return Beyond(most.days_12m, days, "days")
    if most.assignments is not None and assignments > most.assignments:
        return Beyond(most.assignments, assignments, "assignments")
    return None


def keep_own_maximum(expert: RosterExpert | None, calendar: Calendar, accepted: Hold, today: date) -> None:
    """Refuse an acceptance that passes the expert's own maximum. Raises CannotHold `own_maximum`."""
    beside = workload(expert, calendar, today, apart_from=accepted.position_id)
    beyond = beyond_own_maximum(beside, calendar, accepted.days)
    if beyond is not None:
        raise CannotHold(
            "own_maximum",
            f"With this one it would be {beyond.would_be} {beyond.unit}; your own maximum is {beyond.maximum}.",
            f"{DECLINE_INSTEAD} Or raise your own maximum with your availability, and accept then.",
        )


def workload(
    expert: RosterExpert | None, calendar: Calendar, today: date, *, apart_from: str | None = None
) -> Workload:
    """The expert's workload as of `today`, without the position `apart_from`. None: not in the roster any more.

    An assignment counts from its acceptance: contracts and missions have no record here yet. What was done outside
    this facility, or before it kept calendars, is known only as the total that officers enter in the profile. That
    total may include what is recorded here, so the larger of the two counts and no day does twice; the day of the
    latest mobilisation has no such second source.
    """
    year_ago = year_before(today)
    known = tuple(_engagements(calendar, apart_from))
    recent = tuple(e for e in known if e.window.end > year_ago)
    return Workload(
        days=max(expert.days_last_12m if expert else 0, sum(e.days for e in recent)),
        assignments=sum(1 for e in recent if e.window.end >= today),
        offers=sum(1 for day in calendar.offered_on if day > year_ago),
        last_mobilised_on=max((e.window.start for e in known if e.window.start <= today), default=None),
    )


def _engagements(calendar: Calendar, apart_from: str | None) -> Iterator[Engagement]:
    yield from calendar.engaged
    for hold in calendar.holds:
        if hold.firm and hold.position_id != apart_from:
            yield Engagement(window=hold.window, days=hold.days)
