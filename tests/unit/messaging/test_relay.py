"""Outboxes to Kafka: in order per document, once, removed only when confirmed, whatever fails in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.contracts import topics
from shared.messaging.relay_policy import LEFT_BEHIND, RelayPolicy
from shared.store import Decision, Store, Tombstone
from tests.support.eventually import eventually
from tests.support.messages import FakeProducer, evaluation, step
from tests.unit.messaging.relaying import POLICY, House, Thing, in_order_once


async def test_a_nudge_publishes_in_order_and_empties_the_outbox() -> None:
    house = House()
    await house.write(events=3)
    expected = await house.outbox()
    assert await house.all_out() == expected
    assert (await house.documents.get("a") or {})["pending"] == 0


async def test_a_tombstone_has_no_value() -> None:
    house = House()
    gone: Decision[Thing] = Decision(None, (Tombstone(topics.CONTACTS),))
    await house.store.change("c_1", step(), lambda _: gone)
    await house.all_out("c_1")
    assert [(p.topic, p.tombstone) for p in house.producer.log] == [(topics.CONTACTS.name, True)]


async def test_nothing_leaves_the_outbox_before_it_is_confirmed() -> None:
    house = House()
    house.producer.gate.clear()
    await house.write(events=2)
    await eventually(lambda: house.producer.waiting == 1, what="one is under way")
    assert len(await house.outbox()) == 2
    assert house.producer.log == []
    house.producer.gate.set()
    assert len(await house.all_out()) == 2


async def test_a_failed_publish_is_not_overtaken() -> None:
    house = House(FakeProducer(plan=["ok", "fail", "fail", "ok"]))
    await house.write(events=4)
    expected = await house.outbox()
    assert await house.all_out() == expected


async def test_a_lost_confirmation_publishes_again_and_first_occurrences_stay_in_order() -> None:
    house = House(FakeProducer(plan=["ok", "lost"]))
    await house.write(events=3)
    expected = await house.outbox()
    found = await house.all_out()
    assert found == [expected[0], expected[1], expected[1], expected[2]]
    assert house.counted["publish_retries"] == 1


async def test_writers_who_are_faster_than_the_confirmation_lose_nothing() -> None:
    house = House()
    house.producer.gate.clear()
    await house.write()
    await eventually(lambda: house.producer.waiting == 1, what="the first is under way")
    for _ in range(5):
        await house.write()
    expected = await house.outbox()
    house.producer.gate.set()
    assert await house.all_out() == expected


@pytest.mark.parametrize("written", [18, 19, 20, 30])
async def test_a_document_that_grows_long_while_it_is_published_loses_nothing(written: int) -> None:
    """From 20 entries on the published ones are removed in between: those that are not published yet stay."""
    house = House()
    house.producer.gate.clear()
    await house.write()
    await eventually(lambda: house.producer.waiting == 1, what="the first is under way")
    for _ in range(written):
        await house.write()
    expected = await house.outbox()
    assert len(expected) == written + 1
    house.producer.gate.set()
    assert await house.all_out() == expected


async def test_a_confirmation_that_loses_removes_exactly_what_was_published() -> None:
    """A writer of another process: its new entry stays for it, and for a sweep should that process have died."""
    house = House()
    stranger = Store(house.store.kind, house.documents, house.clock)
    told = (evaluation("a"),)
    confirm = house.documents.confirm

    async def interrupted(id_: str, revision: int) -> bool:
        house.documents.confirm = confirm  # type: ignore[method-assign]
        await stranger.change("a", step(), lambda s: Decision(Thing(n=99), told))
        return await confirm(id_, revision)

    house.documents.confirm = interrupted  # type: ignore[method-assign]
    await house.write()
    (first,) = await house.outbox()

    async def other_left() -> bool:
        return first not in await house.outbox()

    await eventually(other_left, what="ours is removed")
    (second,) = await house.outbox()
    assert house.producer.sequences("a") == [first]
    house.clock.advance(LEFT_BEHIND)
    await house.relay.sweep()
    assert await house.all_out() == [first, second]
    assert (await house.store.read("a")).state.n == 99  # type: ignore[union-attr]


async def test_what_is_written_while_the_removal_returns_gets_out_without_a_sweep() -> None:
    house = House()
    confirm = house.documents.confirm

    async def slow(id_: str, revision: int) -> bool:
        house.documents.confirm = confirm  # type: ignore[method-assign]
        done = await confirm(id_, revision)
        await house.write()
        return done

    house.documents.confirm = slow  # type: ignore[method-assign]
    await house.write()
    await eventually(lambda: len(house.producer.log) == 2, what="both are out")
    assert in_order_once(await house.all_out(), 2)


async def test_a_crash_between_write_and_publish_is_found_by_the_sweep() -> None:
    house = House(nudged=False)
    await house.write(events=2)
    expected = await house.outbox()
    assert await house.relay.sweep() == 0, "too young: its writer may be about to nudge"
    house.clock.advance(LEFT_BEHIND)
    assert await house.relay.sweep() == 1
    assert await house.all_out() == expected


async def test_the_sweep_leaves_alone_what_is_on_its_way() -> None:
    house = House()
    house.producer.gate.clear()
    await house.write()
    house.clock.advance(timedelta(seconds=30))
    await eventually(lambda: house.producer.waiting == 1, what="under way")
    assert await house.relay.sweep() == 0
    house.producer.gate.set()
    assert in_order_once(await house.all_out(), 1)


async def test_a_late_nudge_does_not_publish_again() -> None:
    house = House(nudged=False)
    await house.write()
    early = await house.documents.get("a")
    await house.write()
    late = await house.documents.get("a")
    assert early is not None
    assert late is not None
    house.relay.nudge(house.documents, late, [entry["event_id"] for entry in late["outbox"]])
    await house.all_out()
    house.relay.nudge(house.documents, early, [entry["event_id"] for entry in early["outbox"]])
    assert await house.relay.drain(1)
    assert in_order_once(house.producer.sequences("a"), 2)


async def test_kafka_away_keeps_trying_and_is_not_ready() -> None:
    house = House()
    house.producer.away = True
    await house.write(events=2)
    expected = await house.outbox()
    await eventually(house.relay.check, what="the relay turns red")
    assert await house.outbox() == expected
    house.producer.away = False
    assert await house.all_out() == expected
    assert await house.relay.check() is None


async def test_a_silent_kafka_is_not_ready() -> None:
    house = House()
    house.producer.gate.clear()
    await house.write()
    assert "not confirmed" in str(await eventually(house.relay.check, what="the relay turns red"))
    house.producer.gate.set()
    await house.all_out()
    assert await house.relay.check() is None


@pytest.mark.parametrize("applied", [True, False])
async def test_store_away_at_the_confirmation_publishes_nothing_twice(applied: bool) -> None:
    house = House()
    confirm, get = house.documents.confirm, house.documents.get
    away = 3

    async def interrupted(id_: str, revision: int) -> bool:
        nonlocal away
        if away:
            away -= 1
            if applied and away == 2:
                await confirm(id_, revision)
            from shared.store import StoreAway

            raise StoreAway("no answer")
        return await confirm(id_, revision)

    house.documents.confirm = interrupted  # type: ignore[method-assign]
    await house.write(events=2)
    assert in_order_once(await house.all_out(), 2)
    await house.write()
    assert in_order_once(await house.all_out(), 3)
    assert get is not None


async def test_different_documents_go_side_by_side_and_are_bounded() -> None:
    house = House(policy=RelayPolicy(side_by_side=4, waiting=10, away=POLICY.away))
    house.producer.gate.clear()
    for n in range(20):
        await house.write(f"k{n}")
    await eventually(lambda: house.producer.waiting == 4, what="four are under way")
    house.producer.gate.set()
    await eventually(lambda: len(house.producer.log) == 10, what="those it took")
    house.clock.advance(LEFT_BEHIND)

    async def swept() -> bool:
        await house.relay.sweep()
        return await house.empty()

    await eventually(swept, what="the others by the sweep")
    assert all(in_order_once(house.producer.sequences(f"k{n}"), 1) for n in range(20))


async def test_draining_waits_for_what_is_on_its_way_and_is_bounded() -> None:
    house = House()
    house.producer.gate.clear()
    await house.write()
    await eventually(lambda: house.producer.waiting == 1, what="under way")
    assert not await house.relay.drain(0.01)
    assert len(await house.outbox()) == 1
    await house.write()
    assert len(await house.outbox()) == 2, "kept for the next start"


async def test_a_relay_never_starts_a_document_over_that_it_cannot_read() -> None:
    house = House(nudged=False)
    await house.write()
    document = await house.documents.get("a")
    assert document is not None
    document["outbox"][0].pop("topic")
    await house.documents.replace(document, document["revision"])
    house.clock.advance(LEFT_BEHIND)
    await house.relay.sweep()
    assert "cannot be relayed" in str(await eventually(house.relay.check, what="red"))
    assert await house.relay.sweep() == 0


async def test_depth_and_age_are_measured() -> None:
    house = House(nudged=False)
    await house.write("a")
    await house.write("b")
    house.clock.advance(timedelta(seconds=90))
    await house.relay.measure()
    assert house.counted["outbox_depth"] == 2
    assert house.counted["outbox_oldest_seconds"] == 90
