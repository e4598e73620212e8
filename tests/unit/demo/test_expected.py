"""The demo's own check of who was told."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo.expected import differences, expected
from deploy.demo.office import FUNCTIONS, Case, Office

MAIL = ("evt_1", "con_1", "mail")


def _delivery(recipient: str, state: str, event: str = "evt_1") -> dict[str, str]:
    return {"event_id": event, "recipient": recipient, "channel": "mail", "state": state}


OFFICERS = {"sta_manager", "sta_pool_manager"}


def _story() -> tuple[list[Case], Office]:
    """A case of ins_1, and the office."""
    case = Case({"key": "sample"}, institution_id="ins_1", delegation_id="del_1")
    case.contacts = {"focal_point": "con_focal", "signatory": "con_sign"}
    return [case], Office(staff={function: f"sta_{function}" for function in FUNCTIONS})


def _told(kind: str, **data: Any) -> set[str]:
    """Who should be told of such an event of ins_1, on both channels alike."""
    cases, office = _story()
    event = {"event_id": "evt_1", "type": kind, "data": {"institution_id": "ins_1", **data}}
    told = expected([event], cases, office)
    by_mail, in_inbox = ({who for _, who, channel in told if channel == c} for c in ("mail", "inbox"))
    assert by_mail == in_inbox
    return by_mail


@pytest.mark.parametrize("kind", ["institution.verified", "institution.rejected"])
def test_the_delegation_learns_what_was_found_of_an_institution(kind: str) -> None:
    assert _told(kind) == {"con_focal", "del_1"}


def test_an_expert_learns_that_an_offer_lapsed_and_not_again_that_they_declined() -> None:
    assert _told("assignment.expired", expert_id="exp_1") == {*OFFICERS, "exp_1"}
    assert _told("assignment.declined", expert_id="exp_1") == OFFICERS


def test_what_waited_for_a_function_and_was_released_told_nobody() -> None:
    found = [_delivery("focal_point@institution:ins_1", "released"), _delivery("con_1", "sent")]
    assert differences({MAIL}, found) == []


def test_a_released_delivery_does_not_stand_for_the_person_it_was_for() -> None:
    assert differences({MAIL}, [_delivery("con_1", "released")]) == [f"not told: {MAIL}"]


def test_what_still_waits_what_is_missing_what_is_wrong_and_what_is_double_is_named() -> None:
    waits = ("evt_1", "focal_point@institution:ins_1", "mail")
    found = [_delivery(waits[1], "waiting"), _delivery("con_2", "sent", "evt_2"), _delivery("con_2", "sent", "evt_2")]
    double = ("evt_2", "con_2", "mail")
    assert differences({MAIL, double}, found) == [
        f"not told: {MAIL}",
        f"told and should not have been: {waits}",
        f"told 2 times: {double}",
    ]
