"""Holds: repeatable, lapsing by themselves, never two commitments on one day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.matching.domain.availability import Dates, Freedom, freedom
from services.matching.domain.calendar import (
    MAX_ENTRIES,
    Calendar,
    CannotHold,
    Engagement,
    Entry,
    Hold,
    OwnMaximum,
    confirm,
    declare,
    hold,
    lapse,
    prune,
    release,
)
from services.matching.domain.facts import AvailabilityDeclared, Confirmed, Held, Released
from services.matching.domain.requirement import Window
from shared.errors import Invalid, NotFound, Refused
from tests.unit.matching.samples import NOON, ONSITE, TODAY, WIDE, binding, calendar

DAY = timedelta(days=1)
EMPTY = Calendar(expert_id="exp_1")


def wanted(offer: str = "off_1", position: str = "pos_1", activity: str = "act_1", **changes: Any) -> Hold:
    fields: dict[str, Any] = {"window": ONSITE, "days": 10, "expires_at": NOON + 7 * DAY}
    return Hold(offer_id=offer, position_id=position, activity_id=activity, **(fields | changes))


OTHER = wanted("off_2", "pos_2", "act_2", expires_at=NOON + 5 * DAY)


def held(*holds: Hold) -> Calendar:
    days = EMPTY
    for one in holds:
        days, _ = hold(days, one)
    return days


def test_a_hold_is_repeatable_under_its_offer() -> None:
    once, facts = hold(EMPTY, wanted())
    assert facts == (Held("exp_1", "off_1", NOON + 7 * DAY),)
    assert hold(once, wanted()) == (once, ())


def test_a_hold_made_again_later_lasts_until_its_own_end_also_where_it_lapsed() -> None:
    later = wanted().model_copy(update={"expires_at": NOON + 9 * DAY})
    once = held(wanted())
    longer, facts = hold(once, later)
    assert facts == (Held("exp_1", "off_1", NOON + 9 * DAY),)
    assert hold(longer, wanted()) == (longer, ()), "an earlier end takes nothing back"
    lapsed, _ = lapse(once, NOON + 8 * DAY)
    assert hold(lapsed, later)[0] == longer
    firm, _ = confirm(once, "off_1", NOON + 30 * DAY)
    assert hold(firm, later) == (firm, ())


def test_offers_may_overlap_but_commitments_may_not() -> None:
    days, facts = confirm(held(wanted(), OTHER), "off_1", NOON + 30 * DAY)
    assert facts == (Confirmed("exp_1", "off_1", NOON + 30 * DAY),)
    assert confirm(days, "off_1", NOON + 99 * DAY) == (days, ())
    with pytest.raises(CannotHold) as caught:
        confirm(days, "off_2", NOON + 30 * DAY)
    assert caught.value.code == "booked"
    with pytest.raises(CannotHold):
        hold(days, wanted("off_3", "pos_3", "act_3"))
    elsewhen = Window(start=date(2030, 8, 1), end=date(2030, 8, 5))
    assert hold(days, wanted("off_3", "pos_3", "act_3", window=elsewhen))[1]


def test_two_positions_of_one_team_are_refused() -> None:
    with pytest.raises(CannotHold) as caught:
        hold(held(wanted()), wanted("off_2", "pos_2"))
    assert caught.value.code == "in_team"


def test_days_declared_unavailable_are_refused() -> None:
    days = calendar(entries=(Entry(kind="unavailable", window=WIDE),))
    with pytest.raises(CannotHold) as caught:
        hold(days, wanted())
    assert caught.value.code == "unavailable"


def test_release_is_repeatable_and_ends_the_offers_hold() -> None:
    days, facts = release(held(wanted()), "off_1", "declined")
    assert facts == (Released("exp_1", "off_1", "declined"),)
    assert release(days, "off_1", "declined") == (days, ())
    assert release(days, "off_unknown", "declined") == (days, ())
    with pytest.raises(CannotHold) as caught:
        hold(days, wanted())
    assert caught.value.code == "released"
    with pytest.raises(CannotHold):
        confirm(days, "off_1", NOON)
    with pytest.raises(NotFound):
        confirm(days, "off_unknown", NOON)


def test_holds_lapse_by_themselves_at_their_instant() -> None:
    days = held(wanted(), OTHER)
    assert days.deadlines() == {"holds": NOON + 5 * DAY}
    assert lapse(days, NOON + 5 * DAY - timedelta(microseconds=1)) == (days, ())
    days, facts = lapse(days, NOON + 5 * DAY)
    assert facts == (Released("exp_1", "off_2", "lapsed"),)
    assert days.deadlines() == {"holds": NOON + 7 * DAY}
    days, _ = lapse(days, NOON + 7 * DAY)
    assert days.deadlines() == {}
    assert all(one.state == "released" for one in days.holds)


def test_what_the_expert_has_committed_to_never_lapses() -> None:
    days, _ = confirm(held(wanted()), "off_1", NOON + 30 * DAY)
    assert days.deadlines() == {}
    assert lapse(days, NOON + 900 * DAY) == (days, ())
    assert release(days, "off_1", "withdrawn")[1] == (Released("exp_1", "off_1", "withdrawn"),)
    booked = EMPTY.model_copy(update={"holds": (wanted(state="booked"),)})
    assert lapse(booked, NOON + 900 * DAY) == (booked, ())


def test_an_acceptance_takes_up_a_lapsed_hold_only_while_the_days_are_free() -> None:
    lapsed, _ = lapse(held(wanted(), OTHER), NOON + 7 * DAY)
    days, facts = confirm(lapsed, "off_1", NOON + 30 * DAY)
    assert facts == (Confirmed("exp_1", "off_1", NOON + 30 * DAY),)
    with pytest.raises(CannotHold):
        confirm(days, "off_2", NOON + 30 * DAY)


def test_spent_holds_are_dropped_30_days_after_their_window() -> None:
    days, _ = release(held(wanted(), OTHER), "off_1", "declined")
    assert prune(days, ONSITE.end + 30 * DAY) is days
    assert [one.offer_id for one in prune(days, ONSITE.end + 31 * DAY).holds] == ["off_2"]


def test_what_counts_of_a_pruned_hold_is_kept_for_a_year_and_the_latest_assignment_for_good() -> None:
    windows = [Window(start=date(year, 6, 3), end=date(year, 6, 14)) for year in (2030, 2031)]
    first, second = (
        wanted(f"off_{n}", f"pos_{n}", f"act_{n}", window=window, held_on=window.start)
        for n, window in enumerate(windows, 1)
    )
    days = EMPTY
    for one in (first, second):
        days, _ = confirm(hold(days, one)[0], one.offer_id, NOON)
    days = prune(days, date(2031, 3, 1))
    assert (days.engaged, days.asked_on) == ((Engagement(window=windows[0], days=10),), (windows[0].start,))
    days = prune(days, date(2031, 7, 31))
    assert days.engaged == (Engagement(window=windows[1], days=10),)
    assert prune(days, date(2040, 1, 1)).engaged == days.engaged


def test_an_own_maximum_is_declared_with_the_periods_and_replaced_with_them() -> None:
    entries, most = (Entry(kind="available", window=WIDE),), OwnMaximum(days_12m=40)
    days, facts = declare(EMPTY, entries, most)
    assert (days.own_maximum, len(facts)) == (most, 1)
    assert declare(days, entries, most) == (days, ())
    assert declare(days, entries)[0].own_maximum == OwnMaximum()


def test_declaring_replaces_and_repeating_changes_nothing() -> None:
    entries = (
        Entry(kind="available", window=WIDE),
        Entry(kind="unavailable", window=Window(start=date(2030, 1, 1), end=date(2030, 1, 9))),
    )
    days, facts = declare(EMPTY, entries)
    assert facts == (AvailabilityDeclared("exp_1", 2),)
    assert declare(days, entries[::-1]) == (days, ())
    with pytest.raises(Invalid):
        declare(EMPTY, entries[:1] * (MAX_ENTRIES + 1))


def test_an_acceptance_is_not_undone_through_the_calendar() -> None:
    away = (Entry(kind="unavailable", window=WIDE),)
    assert declare(held(wanted()), away)[1]
    days, _ = confirm(held(wanted()), "off_1", NOON + 30 * DAY)
    with pytest.raises(Refused):
        declare(days, away)


def free_for(time: Calendar) -> Freedom:
    return freedom(time, Dates.of(binding(), today=TODAY))


def test_free_days_are_weekdays_from_first_to_last_day() -> None:
    free = free_for(calendar())
    assert (free.undeclared_on, free.taken_on) == (None, None)
    assert free.free_days == 30
    week = Window(start=date(2030, 5, 20), end=date(2030, 5, 26))
    taken = calendar(holds=(wanted("off_2", "pos_2", "act_2", window=week, state="booked"),))
    assert free_for(taken).free_days == 25
    own = calendar(holds=(wanted(state="accepted"),))
    assert free_for(own).free_days == 30
    tentative = calendar(entries=(Entry(kind="tentative", window=WIDE),))
    assert free_for(tentative).tentative
