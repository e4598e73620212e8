"""The demo's own check of who was told."""

from __future__ import annotations

from deploy.demo.expected import differences

MAIL = ("evt_1", "con_1", "mail")


def _delivery(recipient: str, state: str, event: str = "evt_1") -> dict[str, str]:
    return {"event_id": event, "recipient": recipient, "channel": "mail", "state": state}


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
