"""A guard that has come past an event proves nothing of its effect: what the event must have left is looked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deploy.audit import Evidence, audit
from shared.contracts import topics
from shared.messaging.event import source_of
from tests.unit.audit.evidence_of_a_team import PEOPLE, World, at_work, parked, whole

GONE: dict[str, list[str]] = {
    "registration.actions/act_1": ["request.approved req_1 #2", "tor.finalised tor_1 #2"],
    "matching.searches/req_1": ["request.submitted req_1 #1"],
    "matching.teams/team_1": [
        "assignment.accepted pos_1 #4",
        "assignment.accepted pos_2 #4",
        "tor.finalised tor_1 #2",
    ],
    "matching.positions/pos_1": ["assignment.offered pos_1 #3", "position.opened pos_1 #1"],
    "matching.roster/exp_1": ["expert.revised exp_1 #1"],
    "matching.institutions/ins_1": ["institution.verified ins_1 #1"],
    "notifications.contacts/focal": ["contact.recorded focal #1"],
}


def found(world: Evidence, place: str) -> dict[str, Any]:
    service, _, rest = place.partition(".")
    name, _, id_ = rest.partition("/")
    document: dict[str, Any] = next(d for d in world.documents[service][name] if d["_id"] == id_)
    return document


def taken_in_and_gone(world: Evidence) -> list[tuple[str, str]]:
    """(document, event) of all that was taken in and of which nothing is held."""
    findings = audit(world, with_mail=False)
    assert all(" has taken in " in said for said in findings.lost), findings.lost
    parts = (said.partition(" has taken in ") for said in findings.lost)
    return sorted((place, rest.partition(" and holds ")[0]) for place, _, rest in parts)


@pytest.mark.parametrize("left", [None, {}, {"some": "state"}])
@pytest.mark.parametrize("place", GONE)
def test_a_guard_without_its_effect_is_a_loss(place: str, left: Any) -> None:
    world = whole()
    found(world, place)["state"] = left
    assert taken_in_and_gone(world) == [(place, event) for event in GONE[place]]
    assert taken_in_and_gone(at_work(world)) == [(place, event) for event in GONE[place]]


def test_every_line_of_a_timeline_is_looked_for() -> None:
    world = whole()
    timeline = found(world, "registration.timelines/req_1")
    lines = timeline["state"]["entries"]
    timeline["state"] = {"entries": []}
    assert len(taken_in_and_gone(world)) == len(lines) == 14
    timeline["state"] = {"entries": lines[1:]}
    assert taken_in_and_gone(world) == [("registration.timelines/req_1", "request.submitted req_1 #1")]


def test_what_the_timeline_tells_of_an_offer_that_lapsed_is_one_line() -> None:
    world = World()
    world.say("matching.positions", "deadline.passed", "pos_1", request_id="req_1")
    heard = [("matching.positions", "pos_1")]
    for place, id_ in (("registration.timelines", "req_1"), ("matching.teams", "t"), ("matching.positions", "pos_1")):
        world.keep(place, id_, heard)
    world.keep("notifications.told", "matching-positions/pos_1", heard)
    assert audit(world.evidence).clean


@pytest.mark.parametrize(
    ("place", "part", "event"),
    [
        ("matching.teams/team_1", "members", "assignment.accepted pos_2 #4"),
        ("matching.teams/team_1", "expected", "tor.finalised tor_1 #2"),
    ],
)
def test_a_part_of_a_state_that_is_gone_is_a_loss(place: str, part: str, event: str) -> None:
    world = whole()
    found(world, place)["state"][part].pop()
    assert taken_in_and_gone(world) == [(place, event)]


def test_a_view_that_says_something_else_than_its_topic_is_a_loss() -> None:
    world = whole()
    found(world, "notifications.contacts/focal")["state"]["email"] = "old@example.org"
    assert taken_in_and_gone(world) == [("notifications.contacts/focal", "contact.recorded focal #1")]


@pytest.mark.parametrize("key", ["exp.1", "exp%1"])
def test_a_key_that_a_guard_writes_in_another_way_is_found_in_it(key: str) -> None:
    world = World()
    heard = [("registration.experts", key)]
    world.say("registration.experts", "expert.revised", key, expert_id=key)
    world.keep("registration.experts", key)
    world.keep("matching.roster", key, heard, expert_id=key)
    world.keep("notifications.told", source_of(topics.EXPERTS, key), heard)
    assert key not in str(found(world.evidence, f"matching.roster/{key}")["seen"])
    assert audit(world.evidence).lost == []
    found(world.evidence, f"matching.roster/{key}")["state"] = None
    assert taken_in_and_gone(world.evidence) == [(f"matching.roster/{key}", f"expert.revised {key} #1")]


def test_what_was_discarded_need_not_be_held() -> None:
    world = whole()
    found(world, "matching.searches/req_1")["state"] = None
    parked(world, "matching.requests", "registration.requests", "req_1", discarded=(1,))
    assert audit(world).lost == []


def erased(*, numbered: bool) -> Evidence:
    """The world after the second signatory was erased, whom nothing else names; by a tombstone with a number or not."""
    world = World()
    world.say("registration.contacts", "contact.recorded", "gone", contact_id="gone", **PEOPLE["signs"])
    world.say("registration.contacts", "contact.recorded", "gone", contact_id="gone", **PEOPLE["signs"])
    world.keep("registration.contacts", "gone")
    last = world.evidence.records.pop()
    heard = [("registration.contacts", "gone")]
    world.keep("notifications.contacts", "gone", heard, contact_id="gone", erased=True, active=False)
    if not numbered:
        document = found(world.evidence, "notifications.contacts/gone")
        document["seen"] = {"registration-contacts/gone": [1, 0]}
        found(world.evidence, "registration.contacts/gone")["sequences"] = {"registration.contacts": 1}
    sequence = 2 if numbered else 0
    world.evidence.records.append(replace(last, event=None, sequence=sequence, event_id=""))
    return world.evidence


@pytest.mark.parametrize("numbered", [True, False])
def test_an_erasure_empties_a_view_and_is_no_loss(numbered: bool) -> None:
    assert audit(erased(numbered=numbered)).clean, audit(erased(numbered=numbered)).as_json()


def test_an_erasure_that_was_taken_in_and_left_the_person_is_a_loss() -> None:
    world = erased(numbered=True)
    found(world, "notifications.contacts/gone")["state"] = {"contact_id": "gone", "erased": False, "active": True}
    assert taken_in_and_gone(world) == [("notifications.contacts/gone", "the erasure gone #2")]


def test_whom_a_request_has_named_must_be_remembered() -> None:
    said = "notifications.cases does not know whom request.submitted req_1 #1 has named"
    for gone in (None, {}, {"focal_point_id": "another"}):
        world = whole()
        found(world, "notifications.cases/req_1")["state"] = gone
        assert audit(world).lost == [said]
    world.documents["notifications"]["cases"] = []
    assert audit(world).lost == [said]
    young = audit(at_work(world, notifications__requests=2), with_mail=False)
    assert young.lost == []
    assert said in young.pending
    held_up = parked(at_work(world), "notifications.requests", "registration.requests", "req_1")
    assert said in audit(held_up, with_mail=False).pending
