"""How long people have: working days of a country and a zone, or a time that runs on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.deadlines import BRUSSELS, Duration, WorkingDays

FRIDAY_EVENING = datetime(2030, 3, 29, 22, 30, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2030, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("20 seconds", datetime(2030, 3, 29, 22, 30, 20, tzinfo=UTC)),
        ("48 hours", at(31, 22, 30, month=3)),
        ("1 working day", at(1, 21, 30)),
        ("5 working days", at(5, 21, 30)),
    ],
)
def test_a_time_runs_on_and_working_days_keep_the_local_time_of_day(text: str, over: datetime) -> None:
    """Summer time begins in between: 23:30 in Brussels is an hour earlier in UTC afterwards."""
    assert Duration.read(text, BRUSSELS).after(FRIDAY_EVENING) == over


@pytest.mark.parametrize(
    "text", ["", "soon", "0 hours", "-1 hours", "5 days", "5 working days or so", "1000 working days"]
)
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time"):
        Duration.read(text, BRUSSELS)


def test_public_holidays_are_those_of_the_country() -> None:
    """Easter of 2030 is 21 April: Belgium keeps the Monday, Portugal the Friday, Slovakia both."""
    over = {c: WorkingDays(c, "Europe/Brussels").after(at(18, 8), 1) for c in ("BE", "PT", "SK")}
    assert over == {"BE": at(19, 8), "PT": at(22, 8), "SK": at(23, 8)}


def test_the_day_is_that_of_the_zone() -> None:
    """Friday evening in Brussels is Saturday already in Auckland, where Monday ends at 11:00 UTC."""
    over = {z: WorkingDays("BE", z).after(FRIDAY_EVENING, 1) for z in ("Europe/Brussels", "Pacific/Auckland")}
    assert over["Europe/Brussels"] == at(1, 21, 30)
    assert over["Pacific/Auckland"] == at(1, 11)


@pytest.mark.parametrize(
    ("start", "over"),
    [
        (at(5, 13), at(12, 13)),
        (at(6, 12), at(12, 22)),
        (at(7, 0, 51), at(12, 22)),
        (at(7, 22), at(14, 22)),
        (at(22, 12), at(29, 22)),
    ],
    ids=["Friday at 15:00", "Saturday", "Sunday night", "Monday at 00:00", "Easter Monday"],
)
def test_five_working_days_are_five_whole_ones_whenever_they_begin(start: datetime, over: datetime) -> None:
    """Midnight in Brussels is 22:00 UTC; Easter Monday is a public holiday there."""
    assert BRUSSELS.after(start, 5) == over


STARTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at(1, 0) + timedelta(minutes=minutes))
CLOSED = BRUSSELS.public_holidays()


@given(start=STARTS, days=st.integers(1, 30))
def test_nobody_has_less_than_so_many_whole_working_days(start: datetime, days: int) -> None:
    assert worked(start, BRUSSELS.after(start, days)) == timedelta(days=days)


@given(one=STARTS, other=STARTS, days=st.integers(1, 30))
def test_who_is_asked_later_never_has_to_answer_earlier(one: datetime, other: datetime, days: int) -> None:
    earlier, later = sorted((one, other))
    assert BRUSSELS.after(earlier, days) <= BRUSSELS.after(later, days)


def worked(start: datetime, end: datetime) -> timedelta:
    """The time between two instants that falls on working days in Brussels, by its clocks."""
    now, until = (instant.astimezone(ZoneInfo("Europe/Brussels")).replace(tzinfo=None) for instant in (start, end))
    time = timedelta()
    while now < until:
        midnight = datetime.combine(now.date(), datetime.min.time()) + timedelta(days=1)
        time += min(midnight, until) - now if works(now.date()) else timedelta()
        now = midnight
    return time


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in CLOSED


def test_a_country_whose_holidays_are_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="are not known"):
        WorkingDays("XX", "Europe/Brussels").public_holidays()
