"""What an operator has discarded is told with its reason, and its effects are not called lost."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.audit import audit
from tests.unit.audit.evidence_of_a_case import document, sound

ACT = {"what": "discard", "sequence": 1, "reason": "about nobody", "who": "per_sample_operator"}


def test_effects_of_a_discarded_event_are_not_lost_and_those_of_others_are() -> None:
    world = sound()
    world.documents["matching"]["searches"] = []
    world.records = [record for record in world.records if record.topic != "matching.searches"]
    deliveries = world.documents["notifications"]["deliveries"]
    world.documents["notifications"]["deliveries"] = [d for d in deliveries if "search" not in d["state"]["event_id"]]
    before = audit(world, with_mail=False)
    assert [said for said in before.lost if "matching.searches has taken in" in said]
    assert [said for said in before.lost if "request.submitted req_1 #1 was not followed" in said]

    lot: dict[str, Any] = {
        "group": "matching.requests",
        "topic": "registration.requests",
        "key": "req_1",
        "events": [],
        "acts": [ACT],
    }
    world.documents["matching"]["parked"] = [document("parked_1", **lot, discarded=[1])]
    after = audit(world, with_mail=False)
    assert [said for said in after.lost if "was not followed" in said] == []
    assert [said for said in after.lost if "has taken in" in said], "the second event was not discarded"
    assert after.discarded == [
        "matching.requests will never handle registration.requests/req_1 #1: about nobody (per_sample_operator)"
    ]
    world.documents["matching"]["parked"] = [document("parked_1", **lot, discarded=[1, 2])]
    assert [said for said in audit(world, with_mail=False).lost if "matching.searches has taken in" in said] == []


def test_nobody_is_missed_who_was_not_to_be_told() -> None:
    world = sound()
    deliveries = world.documents["notifications"]["deliveries"]
    world.documents["notifications"]["deliveries"] = [
        d for d in deliveries if d["state"]["event_id"] != "evt_request_req_1_1"
    ]
    assert [said for said in audit(world, with_mail=False).lost if "nobody told" in said]
    lot: dict[str, Any] = {
        "group": "notifications.requests",
        "topic": "registration.requests",
        "key": "req_1",
        "events": [],
    }
    world.documents["notifications"]["parked"] = [document("parked_1", **lot, acts=[ACT], discarded=[1])]
    assert [said for said in audit(world, with_mail=False).lost if "nobody told" in said] == []


@pytest.mark.parametrize(
    ("service", "group", "sequence", "done"),
    [
        ("matching", "matching.requests", 1, "match.completed req_1 #1"),
        ("registration", "registration.actions", 2, "action.created act_1 #1, tor.drafted tor_1 #1"),
        ("registration", "registration.timeline-request", 1, "a line of timeline req_1"),
        ("notifications", "notifications.requests", 2, "2 notices"),
        ("registration", "registration.actions", 1, ""),
    ],
)
def test_what_there_is_of_a_discarded_event_nevertheless_is_named_and_is_no_fault(
    service: str, group: str, sequence: int, done: str
) -> None:
    world = sound()
    lot: dict[str, Any] = {"group": group, "topic": "registration.requests", "key": "req_1", "events": []}
    act = {**ACT, "sequence": sequence}
    world.documents[service]["parked"] = [document("parked_1", **lot, acts=[act], discarded=[sequence])]
    found = audit(world, with_mail=False)
    said = f"{group} will never handle registration.requests/req_1 #{sequence}: about nobody (per_sample_operator)"
    assert found.discarded == [f"{said}; of it there is: {done}" if done else said]
    assert found.clean
