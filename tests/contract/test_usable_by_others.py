"""What one service lets in, another one must be able to work with: events carry it on without asking again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.availability import Dates, freedom
from services.matching.domain.calendar import Calendar
from services.matching.domain.requirement import Requirement, Window
from services.registration.domain.design import Design, check_design
from services.registration.domain.policy import Policy
from services.registration.entrypoints.http import examples
from shared.errors import Invalid

TODAY = date(2031, 1, 10)


@given(first=st.dates(date(2031, 4, 1), date(2031, 4, 30)), length=st.integers(1, 45), days=st.integers(1, 26))
def test_a_design_is_accepted_exactly_when_the_search_can_find_its_days_free(
    first: date, length: int, days: int
) -> None:
    last = first + timedelta(days=length - 1)
    edges = {"prep": (first, first), "onsite": (first, last)}
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
        prep=Window(start=first, end=first),
        onsite=Window(start=first, end=last),
    )
    room = freedom(Calendar(expert_id="exp_1"), Dates.of(wanted)).free_days
    assert room is not None
    if days <= room:
        check_design(design, Policy(), TODAY)
        return
    with pytest.raises(Invalid) as refused:
        check_design(design, Policy(), TODAY)
    (fault,) = refused.value.faults
    assert fault.pointer == "/positions/0/days_total"
    assert f"at most {room}," in fault.mend
