"""Whether a calendar leaves room for a requirement. Days are bits of an integer, so 2,000 calendars stay cheap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.matching.domain.calendar import Calendar
from services.matching.domain.deadlines import SATURDAY
from services.matching.domain.requirement import Requirement, Window


@dataclass(frozen=True, slots=True)
class Freedom:
    """What a calendar says about a requirement. Days are weekdays."""

    undeclared_on: date | None
    """First on-site day that nothing declared covers, or None."""
    taken_on: date | None
    """First on-site day that is declared unavailable, or first of the days that an offer would keep that is taken by
    an accepted assignment; None where there is none. What is booked may not overlap what is booked."""
    free_days: int | None
    """Weekdays to come, from first to last day, not ruled out; None when the requirement has no dates."""
    tentative: bool
    """True when the stay on site rests on a tentative period."""


@dataclass(frozen=True, slots=True)
class Dates:
    """A requirement's windows as bits, bit 0 being the first day. Made once per ranking."""

    first: int
    length: int
    weekdays: int
    """Those that are not over."""
    onsite: int
    kept: int
    """Those an offer would keep: the stay on site, or the whole time of remote work."""
    mode: str
    places: frozenset[str]
    position_id: str | None

    @classmethod
    def of(cls, requirement: Requirement, groups: Sequence[str] = (), *, today: date) -> Dates | None:
        """None when the requirement states no dates. `groups`: region codes of the destination.

        Weekdays before `today` count for nobody: no work can be done on them any more, and §7.7 asks for enough days.
        Today itself counts: it is not over, and a hard rule leaves nobody out for hours that may still be worked.
        """
        span = requirement.span()
        if span is None:
            return None
        first, length = span.start.toordinal(), (span.end - span.start).days + 1
        over = max(0, today.toordinal() - first)
        weekdays = sum(1 << n for n, day in enumerate(span.days()) if n >= over and day.weekday() < SATURDAY)
        onsite = requirement.onsite if requirement.needs_presence else None
        kept = requirement.hold_window() or span
        return cls(
            first=first,
            length=length,
            weekdays=weekdays,
            onsite=_bits(onsite, first, length) if onsite else 0,
            kept=_bits(kept, first, length),
            mode="on_site" if requirement.needs_presence else "remote",
            places=frozenset((requirement.country, *groups)),
            position_id=requirement.position_id,
        )


def freedom(calendar: Calendar, dates: Dates | None) -> Freedom:
    """What the calendar leaves free for a requirement's dates; None: it states none.

    The stay on site must be declared available or tentative on every day. Other days are free unless declared
    unavailable or taken: preparation and writing fit around a job. Days merely offered elsewhere stay free.
    """
    if dates is None:
        return Freedom(None, None, None, tentative=False)
    available = tentative = unavailable = booked = 0
    caps: list[tuple[int, int]] = []
    for entry in calendar.entries:
        bits = _bits(entry.window, dates.first, dates.length)
        if not bits:
            continue
        if entry.kind == "unavailable":
            unavailable |= bits
            continue
        if (entry.modes and not _suits(entry.modes, dates.mode)) or not dates.places.isdisjoint(entry.excluded):
            continue
        if entry.kind == "available":
            available |= bits
        else:
            tentative |= bits
        if entry.max_days is not None:
            caps.append((bits, entry.max_days))
    for hold in calendar.holds:
        if hold.firm and hold.position_id != dates.position_id:
            booked |= _bits(hold.window, dates.first, dates.length)
    ruled_out = unavailable | booked
    free = dates.weekdays & ~ruled_out
    days = free.bit_count() - sum(max(0, (free & bits).bit_count() - most) for bits, most in caps)
    return Freedom(
        undeclared_on=_first_day(dates.onsite & ~(available | tentative | ruled_out), dates.first),
        taken_on=_first_day((dates.onsite & unavailable) | (dates.kept & booked), dates.first),
        free_days=max(0, days),
        tentative=bool(dates.onsite & tentative & ~available),
    )


def _suits(modes: Sequence[str], mode: str) -> bool:
    return mode in modes or "hybrid" in modes


def _bits(window: Window, first: int, length: int) -> int:
    start = max(window.start.toordinal() - first, 0)
    end = min(window.end.toordinal() - first, length - 1)
    return ((1 << (end - start + 1)) - 1) << start if start <= end else 0


def _first_day(bits: int, first: int) -> date | None:
    return date.fromordinal(first + (bits & -bits).bit_length() - 1) if bits else None
