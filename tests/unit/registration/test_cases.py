"""Designs, terms, timelines: pure rules of a case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.application.phrase_event import PHRASES
from services.registration.domain.design import Design, check_design
from services.registration.domain.policy import Policy
from services.registration.domain.request import reject, submit
from services.registration.domain.terms import position_id_of
from services.registration.domain.timeline import Entry, Told, seen_by_requester, told
from services.registration.entrypoints.events import FOLLOWED
from services.registration.entrypoints.http import examples
from shared.contracts.catalogue import contracts_on
from shared.errors import Invalid, Refused
from tests.unit.registration import samples
from tests.unit.registration.samples import NOW, POLICY

FIRST = date(2031, 4, 1)
OFFSETS = st.integers(0, 60)


def _windows(prep: int, prep_days: int, onsite: int, onsite_days: int, due: int) -> dict[str, Any]:
    def day(n: int) -> str:
        return (FIRST + timedelta(days=n)).isoformat()

    return {
        "prep": {"first_day": day(prep), "last_day": day(prep + prep_days)},
        "onsite": {"first_day": day(onsite), "last_day": day(onsite + onsite_days)},
        "delivery_due": day(due),
    }


@pytest.mark.parametrize(("days", "taken"), [(731, True), (732, False)])
def test_an_activity_lasts_no_longer_than_the_longest_period(days: int, taken: bool) -> None:
    activity = {**examples.ACTIVITY, "delivery_due": (FIRST + timedelta(days=days - 1)).isoformat()}
    design = Design.model_validate({**examples.DESIGN, "activity": activity})
    if taken:
        assert check_design(design, POLICY, NOW.date()) == ()
    else:
        with pytest.raises(Invalid) as refused:
            check_design(design, POLICY, NOW.date())
        assert [f.pointer for f in refused.value.faults] == ["/activity"]
        assert check_design(design, Policy(period_days_most=days), NOW.date()) == ()


@pytest.mark.parametrize(
    ("day", "warned"), [("2031-03-31", False), ("2031-04-01", True), ("2031-04-18", True), ("2031-04-19", None)]
)
def test_a_preparation_that_has_begun_is_warned_of_and_one_that_is_over_refused(day: str, warned: bool | None) -> None:
    design, today = Design.model_validate(examples.DESIGN), date.fromisoformat(day)
    if warned is None:
        with pytest.raises(Invalid) as refused:
            check_design(design, POLICY, today)
        assert [f.pointer for f in refused.value.faults] == ["/activity/prep/last_day"]
    else:
        pointers = [w.pointer for w in check_design(design, POLICY, today)]
        assert pointers == ["/activity/prep/first_day"] * warned


def _weekdays(first: int, last: int) -> int:
    return sum((FIRST + timedelta(days=n)).weekday() < 5 for n in range(first, last + 1))


@given(prep=OFFSETS, prep_days=st.integers(0, 20), onsite=OFFSETS, onsite_days=st.integers(0, 20), due=OFFSETS)
def test_windows_are_accepted_exactly_when_in_order(
    prep: int, prep_days: int, onsite: int, onsite_days: int, due: int
) -> None:
    activity = {**examples.ACTIVITY, **_windows(prep, prep_days, onsite, onsite_days, due)}
    design = Design.model_validate({**examples.DESIGN, "activity": activity})
    in_order = prep + prep_days <= onsite and onsite + onsite_days <= due
    if in_order and _weekdays(prep, due) >= 18:
        warned = {w.pointer for w in check_design(design, POLICY, NOW.date())}
        assert ("/activity/onsite" in warned) == (onsite_days + 1 > POLICY.onsite_days_warn)
        assert ("/positions/1/days_onsite" in warned) == (_weekdays(onsite, onsite + onsite_days) < 10)
    else:
        with pytest.raises(Invalid):
            check_design(design, POLICY, NOW.date())


@given(days=st.tuples(*[st.integers(0, 20)] * 3), said=st.integers(1, 60), most=st.integers(26, 39))
def test_days_are_the_sum_and_under_the_limit(days: tuple[int, int, int], said: int, most: int) -> None:
    policy = Policy(days_per_expert_most=most)
    prep, onsite, report = days
    position = {
        **examples.POSITIONS[0],
        "days_prep": prep,
        "days_onsite": onsite,
        "days_report": report,
        "days_total": said,
    }
    design = Design.model_validate({**examples.DESIGN, "positions": [position]})
    if said == sum(days) and said <= most:
        warned = {w.pointer for w in check_design(design, policy, NOW.date())}
        assert ("/positions/0/days_total" in warned) == (said > policy.days_per_expert_warn)
        assert ("/positions/0/days_onsite" in warned) == (onsite > 10)
    else:
        with pytest.raises(Invalid):
            check_design(design, policy, NOW.date())


@pytest.mark.parametrize(
    ("days", "warned"),
    [((30, 30, 30), False), ((30, 30, 30, 1), True), ((30, 30, 30, 30), True), ((30, 30, 30, 31), None)],
)
def test_the_days_of_all_experts_of_an_action_are_warned_of_and_limited(
    days: tuple[int, ...], warned: bool | None
) -> None:
    policy = Policy(days_per_expert_warn=31, days_per_expert_most=31)
    positions = [
        {
            **examples.POSITIONS[0],
            "number": number,
            "is_principal": number == 1,
            "days_prep": 0,
            "days_onsite": 0,
            "days_report": own,
            "days_total": own,
        }
        for number, own in enumerate(days, start=1)
    ]
    design = Design.model_validate({**examples.DESIGN, "positions": positions})
    if warned is None:
        with pytest.raises(Invalid) as refused:
            check_design(design, policy, NOW.date())
        assert [(f.pointer, f.detail) for f in refused.value.faults] == [
            ("/positions", "121 working days of all experts together; at most 120 per action")
        ]
    else:
        assert ["/positions"] * warned == [w.pointer for w in check_design(design, policy, NOW.date())]


@given(leads=st.lists(st.booleans(), min_size=1, max_size=4), numbers=st.permutations([1, 2, 3, 4]))
def test_exactly_one_leads_and_numbers_are_1_to_n(leads: list[bool], numbers: list[int]) -> None:
    positions = [
        {**examples.POSITIONS[0], "is_principal": lead, "number": number}
        for lead, number in zip(leads, numbers, strict=False)
    ]
    design = Design.model_validate({**examples.DESIGN, "positions": positions})
    good = sum(leads) == 1 and {p["number"] for p in positions} == set(range(1, len(positions) + 1))
    if good:
        check_design(design, POLICY, NOW.date())
    else:
        with pytest.raises(Invalid):
            check_design(design, POLICY, NOW.date())


def test_the_request_is_never_overwritten_by_its_action() -> None:
    request, action = samples.approved(), samples.action()
    assert request.content == samples.draft().content
    assert action.title != request.content.title


def test_ids_that_follow_from_a_request_are_always_the_same() -> None:
    assert samples.action() == samples.action()
    terms = samples.terms()
    assert terms.id == samples.terms().id
    assert position_id_of(terms.id, 1) != position_id_of(terms.id, 2)


def test_an_institution_that_was_suspended_cannot_submit() -> None:
    suspended = samples.institution().model_copy(update={"status": "suspended"})
    from services.registration.domain.request import Signatories

    with pytest.raises(Refused, match="suspended"):
        submit(samples.draft(), suspended, Signatories(focal_point=None, signatory=None), POLICY, NOW)


def test_a_decision_is_made_once() -> None:
    from services.registration.domain.request import Rejection

    with pytest.raises(Refused):
        reject(samples.approved(), Rejection.model_validate(examples.REJECTION), "per_2", NOW)


def _entry(minute: int, sequence: int, hidden: bool) -> Entry:
    told_ = None if hidden else Told(code="c", sentence="for all", actor_role="facility")
    return Entry(
        at=NOW + timedelta(minutes=minute),
        sequence=sequence,
        code="c",
        sentence="for officers",
        actor_role="officer",
        event_id=f"evt_{minute}_{sequence}",
        for_requester=told_,
    )


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9), st.booleans()), unique_by=lambda t: t[:2]), st.randoms()
)
def test_a_timeline_reads_the_same_in_whatever_order_it_heard(lines: list[Any], shuffle: Any) -> None:
    entries = [_entry(*line) for line in lines]
    orders = [entries, entries[::-1], shuffle.sample(entries, len(entries))]
    made = []
    for order in orders:
        timeline = None
        for entry in order:
            timeline = told(timeline, "req_1", entry)
        made.append(timeline)
    assert made[0] == made[1] == made[2]
    if made[0] is not None:
        assert len(seen_by_requester(made[0])) == sum(not hidden for _, _, hidden in lines)
        assert all("officers" not in line.sentence for line in seen_by_requester(made[0]))


def test_every_event_a_timeline_follows_has_its_sentence_and_its_request() -> None:
    followed = {contract.model for topic in FOLLOWED for contract in contracts_on(topic)}
    assert set(PHRASES) == followed
    assert all("request_id" in model.model_fields for model in followed)
