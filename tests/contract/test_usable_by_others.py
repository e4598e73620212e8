"""What one service lets in, another one must be able to work with: events carry it on without asking again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.matching.domain.availability import Dates, freedom
from services.matching.domain.calendar import Calendar
from services.matching.domain.requirement import Requirement, Window
from services.matching.domain.rules import MATCHABLE
from services.notifications.adapters.composing import composed
from services.notifications.application.ports import Mail, Text
from services.registration.domain import expert
from services.registration.domain.design import Design, check_design
from services.registration.domain.person import Person
from services.registration.domain.policy import Policy
from services.registration.domain.values import Email
from services.registration.entrypoints.http import examples
from shared.contracts.events.experts import ExpertStatus
from shared.errors import Invalid

TODAY = date(2031, 1, 10)
LOCAL = st.text("ab1.'+-_!\"( ", min_size=1, max_size=12) | st.sampled_from(["a" * 64, "a" * 65])
DOMAIN = st.text("ab1.-_[]", min_size=1, max_size=12).map(lambda name: f"{name}.org") | st.just("example.org")
ADDRESSES = st.emails() | st.builds("{}@{}".format, LOCAL, DOMAIN)


@given(
    first=st.dates(date(2031, 4, 1), date(2031, 4, 30)),
    length=st.integers(1, 45),
    days=st.integers(1, 26),
    begun=st.integers(0, 20),
)
@example(first=date(2031, 4, 1), length=11, days=9, begun=0)
@example(first=date(2031, 4, 1), length=11, days=9, begun=1)
def test_a_design_is_accepted_exactly_when_the_search_can_find_its_days_free(
    first: date, length: int, days: int, begun: int
) -> None:
    """`begun`: how many days of the preparation are over today."""
    last, today = first + timedelta(days=length - 1), first + timedelta(days=begun) if begun else TODAY
    onsite = max(first, min(today, last))
    today = min(today, onsite)
    edges = {"prep": (first, onsite), "onsite": (onsite, last)}
    windows = {name: {"first_day": str(a), "last_day": str(b)} for name, (a, b) in edges.items()}
    position = {**examples.POSITIONS[0], "days_prep": 0, "days_onsite": 0, "days_report": days, "days_total": days}
    activity = {**examples.ACTIVITY, **windows, "delivery_due": str(last)}
    design = Design.model_validate({**examples.DESIGN, "activity": activity, "positions": [position]})
    wanted = Requirement(
        stage="indicative",
        request_id="req_1",
        institution_id="ins_1",
        country="PE",
        themes=("A01",),
        prep=Window(start=first, end=onsite),
        onsite=Window(start=onsite, end=last),
    )
    room = freedom(Calendar(expert_id="exp_1"), Dates.of(wanted, today=today)).free_days
    assert room is not None
    if days <= room:
        check_design(design, Policy(), today)
        return
    with pytest.raises(Invalid) as refused:
        check_design(design, Policy(), today)
    (fault,) = refused.value.faults
    assert fault.pointer == "/positions/0/days_total"
    assert f"at most {room}," in fault.mend


MAIL = Mail(
    delivery_id="dlv_1",
    event_id="evt_1",
    type="expert_activated",
    to_name="Jo Sample",
    to_address="jo@example.org",
    text=Text("Sample", "Sample", "en"),
    at=datetime(2031, 1, 10, tzinfo=UTC),
)


@given(address=ADDRESSES, name=st.text(min_size=1, max_size=12))
@example(address="a..b@x.org", name="Jo")
@example(address=".ada@x.org", name="Jo")
@example(address="ada.@x.org", name="Jo")
def test_whoever_is_accepted_with_an_address_can_be_written_to(address: str, name: str) -> None:
    try:
        person = Person(given_name=name, family_name="Sample", email=address)
    except ValidationError:
        return
    mail = replace(MAIL, to_name=person.full_name, to_address=person.email)
    assert composed(mail, sender="Sample <no-reply@facility.example>", domain="facility.example", html="<p>Sample</p>")


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("ada.b-c@x.org", True),
        ("o'neill+news@mail.example.org", True),
        ("_@x.org", True),
        ("a" * 64 + "@x.org", True),
        ("a" * 65 + "@x.org", False),
        ("a..b@x.org", False),
        (".ada@x.org", False),
        ("ada.@x.org", False),
        ("ada@x", False),
    ],
)
def test_an_address_is_a_dot_atom_at_a_domain_name(address: str, accepted: bool) -> None:
    try:
        TypeAdapter(Email).validate_python(address)
    except ValidationError:
        assert not accepted
    else:
        assert accepted


def test_every_status_that_matching_finds_experts_by_can_be_announced() -> None:
    assert set(get_args(ExpertStatus)) >= MATCHABLE
    assert set(get_args(ExpertStatus)) <= set(get_args(expert.ExpertStatus))
