"""Whoever the rules let onto a list can be held for its days: two places ask about the calendar, and they agree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.calendar import Calendar, CannotHold, Entry, Hold, declare, hold
from services.matching.domain.requirement import Requirement, Window
from shared.errors import Refused
from tests.unit.matching.samples import NOON, WIDE, binding, calendar, expert, screen

MODES = ("on_site", "hybrid", "remote")
SPAN = Window(start=date(2030, 5, 20), end=date(2030, 6, 28))
"""Of the sample position: thirty weekdays, of which it needs some."""


def days_for(asked: Requirement) -> Hold:
    """As `offer_next` keeps them."""
    window = asked.hold_window()
    assert window is not None
    return Hold(
        offer_id="off_new",
        activity_id=str(asked.activity_id),
        position_id=str(asked.position_id),
        window=window,
        days=asked.days_total or 1,
        stay=asked.needs_presence,
        expires_at=NOON,
    )


def closed(first: date, last: date) -> Entry:
    return Entry(kind="unavailable", window=Window(start=first, end=last))


def elsewhere(first: date, last: date, state: str = "accepted") -> Hold:
    window = Window(start=first, end=last)
    fields: dict[str, Any] = {"activity_id": "act_9", "position_id": "pos_9", "expires_at": NOON, "state": state}
    return Hold(offer_id="off_9", window=window, days=2, **fields)


@st.composite
def _windows(draw: st.DrawFn) -> tuple[date, date]:
    first = SPAN.start + timedelta(days=draw(st.integers(-5, 45)))
    return first, first + timedelta(days=draw(st.integers(0, 20)))


@given(
    mode=st.sampled_from(MODES),
    needed=st.integers(1, 30),
    shut=st.lists(_windows(), max_size=3),
    taken=st.lists(st.tuples(_windows(), st.sampled_from(["accepted", "offered", "released"])), max_size=2),
)
def test_whoever_passes_the_rules_can_be_held(
    mode: str,
    needed: int,
    shut: list[tuple[date, date]],
    taken: list[tuple[tuple[date, date], str]],
) -> None:
    asked = binding(mode=mode, days_total=needed)
    entries = (Entry(kind="available", window=WIDE), *(closed(*days) for days in shut))
    time = calendar(entries=entries, holds=tuple(elsewhere(*days, state) for days, state in taken))
    if screen(expert(), time, asked) == ():
        held, _ = hold(time, days_for(asked))
        assert held.held_for("off_new") is not None


ONE_DAY = date(2030, 5, 24)


def test_remote_work_fits_around_a_day_that_is_not_free() -> None:
    asked = binding(mode="remote", days_total=15)
    time = calendar(entries=(closed(ONE_DAY, ONE_DAY),))
    assert screen(expert(), time, asked) == ()
    kept, _ = hold(time, days_for(asked))
    assert kept.held_for("off_new") is not None


def test_remote_work_is_not_listed_over_what_is_booked() -> None:
    """Booked may not overlap booked (domain §5.10), and a hold of remote work takes its whole time."""
    asked = binding(mode="remote", days_total=15)
    time = calendar(entries=(), holds=(elsewhere(ONE_DAY, ONE_DAY),))
    (found,) = screen(expert(), time, asked)
    assert (found.code, found.values) == ("unavailable", {"taken_on": "2030-05-24"})
    with pytest.raises(CannotHold, match="accepted another"):
        hold(time, days_for(asked))


@pytest.mark.parametrize(("last", "needed", "fits"), [(31, 20, True), (31, 21, False), (20, 29, True)])
def test_an_accepted_remote_assignment_leaves_room_for_days_off_it_does_not_need(
    last: int, needed: int, fits: bool
) -> None:
    accepted = days_for(binding(mode="remote", days_total=needed)).model_copy(update={"state": "accepted"})
    time = Calendar(expert_id="exp_1", holds=(accepted,))
    off = (closed(SPAN.start, date(2030, 5, last)),)
    if fits:
        changed, _ = declare(time, off)
        assert changed.entries == off
    else:
        with pytest.raises(Refused, match="accepted assignment"):
            declare(time, off)
