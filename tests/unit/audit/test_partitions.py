"""A key moves to another partition when partitions are raised: what it said before and after is in order by instant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.audit import Evidence, Record, audit
from tests.unit.audit.evidence_of_a_case import sound
from tests.unit.audit.evidence_of_a_team import PEOPLE, World, whole

OLD, NEW = 5, 2
RAISED = 1_000


def spread(*places: tuple[int, int, int]) -> Evidence:
    """The sound world, its request's records at these (partition, offset, instant), in the order of their sequences."""
    world = sound()
    requests = [record for record in world.records if record.topic == "registration.requests"]
    for record, (partition, offset, published) in zip(requests, places, strict=True):
        moved = replace(record, partition=partition, offset=offset, published=published)
        world.records[world.records.index(record)] = moved
    return world


def disordered(world: Evidence) -> list[str]:
    return audit(world).out_of_order


def after_the_raise(record: Record) -> Record:
    return replace(record, partition=NEW, offset=0, published=record.published + RAISED)


@pytest.mark.parametrize("new", [NEW, OLD + 1])
def test_a_key_that_moved_is_in_order_whatever_the_number_of_its_partition(new: int) -> None:
    world = spread((OLD, 7, RAISED - 1), (new, 0, RAISED))
    assert audit(world).clean, audit(world).as_json()


def test_equal_instants_on_two_partitions_are_no_fault() -> None:
    assert disordered(spread((OLD, 0, RAISED), (NEW, 0, RAISED))) == []


def test_within_a_partition_offsets_count_and_instants_do_not() -> None:
    assert disordered(spread((OLD, 0, RAISED), (OLD, 1, RAISED - 1))) == []
    swapped = ["registration.requests/req_1: #1 first came after #2"]
    assert disordered(spread((OLD, 1, RAISED - 1), (OLD, 0, RAISED))) == swapped


def test_a_swap_between_partitions_is_seen() -> None:
    swapped = ["registration.requests/req_1: #1 first came after #2"]
    assert disordered(spread((OLD, 0, RAISED), (NEW, 0, RAISED - 1))) == swapped
    assert disordered(spread((NEW, 0, RAISED), (OLD, 0, RAISED - 1))) == swapped


def test_the_copy_is_what_came_later_on_the_new_partition() -> None:
    world = spread((OLD, 0, 10), (OLD, 1, 20))
    first = next(record for record in world.records if record.event_id == "evt_request_req_1_2")
    world.records.append(after_the_raise(first))
    findings = audit(world)
    assert findings.clean, findings.as_json()
    assert [(copy.before, copy.published) for copy in findings.republished] == [(20, 20 + RAISED)]


def test_an_acceptance_after_the_raise_fills_the_team() -> None:
    world = whole(complete=False)
    accepted = next(record for record in world.records if record.event_id == "evt_position_pos_2_4")
    world.records[world.records.index(accepted)] = after_the_raise(accepted)
    assert audit(world).lost == ["every position of tor_1 is accepted, and no team.complete says so"]


def test_an_erasure_without_a_number_after_the_raise_is_the_last_word() -> None:
    world = World()
    world.say("registration.contacts", "contact.recorded", "gone", contact_id="gone", **PEOPLE["signs"])
    world.keep("registration.contacts", "gone")
    heard = [("registration.contacts", "gone")]
    world.keep("notifications.contacts", "gone", heard, contact_id="gone", erased=True, active=False)
    (said,) = world.evidence.records
    said = replace(said, partition=OLD, offset=9)
    world.evidence.records = [said, replace(after_the_raise(said), event=None, sequence=0, event_id="")]
    assert audit(world.evidence).clean, audit(world.evidence).as_json()
