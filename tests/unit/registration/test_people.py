"""Terms of office, vetting, profiles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.registration.domain.expert import ExpertDetails, activate, months_later, revise
from services.registration.domain.expert_profile import ExpertProfile
from services.registration.domain.person import Person, Term
from services.registration.entrypoints.http import examples
from shared.errors import Invalid
from tests.unit.registration import samples

DAYS = st.dates(date(2030, 1, 1), date(2032, 12, 31))
LATER = datetime(2031, 2, 1, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2030, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(first=st.none() | DAYS, last=st.none() | DAYS, now=INSTANTS)
def test_a_term_changes_exactly_at_its_next_switch(first: date | None, last: date | None, now: datetime) -> None:
    if first and last and last < first:
        return
    term = Term(active_from=first, active_to=last)
    switch = term.next_switch(now)
    if switch is None:
        assert term.holds(now) == term.holds(now + timedelta(days=4000))
    else:
        assert switch > now
        assert term.holds(switch - timedelta(microseconds=1)) == term.holds(now)
        assert term.holds(switch) != term.holds(now)


@given(day=DAYS, months=st.integers(0, 120))
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    then = months_later(day, months)
    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
    assert then.day == day.day or (then.day < day.day and (then + timedelta(days=1)).day == 1)


def test_a_leap_day_has_its_36_months() -> None:
    assert months_later(date(2028, 2, 29), 36) == date(2031, 2, 28)


def test_vetting_again_adds_areas_and_renews_the_named_ones() -> None:
    first = activate(samples.expert(), ("A01",), "per_2", date(2031, 1, 10), 36)
    second = activate(first, ("E02",), "per_2", date(2032, 1, 10), 36)
    third = activate(second, ("A01",), "per_2", date(2033, 1, 10), 36)
    assert {v.theme: v.valid_until for v in third.vetted_areas} == {
        "A01": date(2036, 1, 10),
        "E02": date(2035, 1, 10),
    }


def test_a_vetted_area_that_ran_out_is_dropped_when_vetting_again() -> None:
    first = activate(samples.expert(), ("A01",), "per_2", date(2031, 1, 10), 1)
    again = activate(first, ("E02",), "per_2", date(2031, 3, 1), 36)
    assert [v.theme for v in again.vetted_areas] == ["E02"]


def test_nobody_is_vetted_for_what_they_do_not_claim() -> None:
    with pytest.raises(Invalid):
        activate(samples.expert(), ("K01",), "per_2", date(2031, 1, 10), 36)


def test_a_revision_keeps_status_and_recorded_days() -> None:
    expert = activate(samples.expert(), ("A01",), "per_2", date(2031, 1, 10), 36)
    details = ExpertDetails.model_validate(examples.EXPERT)
    after = revise(expert, details, LATER, by_officer=True)
    assert (after.status, after.profile.days_last_12m) == ("active", 0)
    assert after.vetted_areas == expert.vetted_areas


@pytest.mark.parametrize("count", [150, 151])
def test_a_summary_has_150_words_at_most(count: int) -> None:
    body = {**examples.EXPERT["profile"], "summary": "a " * count}
    if count <= 150:
        ExpertProfile.model_validate(body)
    else:
        with pytest.raises(ValidationError, match="151 words"):
            ExpertProfile.model_validate(body)


@given(st.text(max_size=30))
def test_what_goes_into_a_mail_header_cannot_break_it(text: str) -> None:
    """Whatever is accepted as a name or an address is one line."""
    for field in ("given_name", "email"):
        body = {"given_name": "A", "family_name": "B", "email": "a@b.example", field: text}
        try:
            person = Person.model_validate(body)
        except ValidationError:
            continue
        assert "\n" not in getattr(person, field)
        assert "\r" not in getattr(person, field)
        assert len(getattr(person, field).splitlines()) == 1
