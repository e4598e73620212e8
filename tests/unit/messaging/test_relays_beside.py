"""Two replicas that write the same documents: each publishes its own announcements, in the order of the document."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messaging.measuring import NullMetrics
from shared.messaging.relay import Relay
from shared.messaging.relay_policy import LEFT_BEHIND
from shared.store import Store, StoreAway
from shared.store.document import Document
from tests.support.eventually import eventually
from tests.support.messages import FakeProducer
from tests.unit.messaging.relaying import POLICY, House, write


class Replica:
    """Another process with a producer of its own, whose records lie on the same topic; `dead` when it never relays."""

    def __init__(self, house: House, *, dead: bool = False) -> None:
        self.producer = FakeProducer()
        self.producer.log = house.producer.log
        self.relay = Relay(self.producer, house.clock, NullMetrics(), outboxes=[house.documents], policy=POLICY)
        nudge = None if dead else self.relay.nudge
        self._store = Store(house.store.kind, house.documents, house.clock, on_announced=nudge)

    async def write(self, key: str = "a") -> None:
        await write(self._store, key)


async def test_what_another_replica_announced_before_comes_first_and_once() -> None:
    house = House()
    other = Replica(house)
    other.producer.gate.clear()
    await other.write()
    await eventually(lambda: other.producer.waiting == 1, what="the other's is under way")
    await house.write()
    await other.write()
    await house.write()
    expected = await house.outbox()
    assert len(expected) == 4
    assert house.producer.log == []
    other.producer.gate.set()
    assert await house.all_out() == expected


async def test_what_a_replica_announced_behind_ours_is_left_to_it() -> None:
    house = House()
    other = Replica(house)
    other.producer.gate.clear()
    house.producer.gate.clear()
    await house.write()
    await eventually(lambda: house.producer.waiting == 1, what="ours is under way")
    await other.write()
    expected = await house.outbox()
    house.producer.gate.set()
    await eventually(lambda: other.producer.waiting == 1, what="ours is out and removed, the other's under way")
    assert house.producer.sequences("a") == expected[:1]
    other.producer.gate.set()
    assert await house.all_out() == expected


async def test_what_a_dead_replica_announced_before_ours_is_taken_for_left_behind_in_the_end() -> None:
    house = House()
    await Replica(house, dead=True).write()
    house.clock.advance(LEFT_BEHIND / 2)
    looks = 0
    get = house.documents.get

    async def counted(id_: str) -> Document | None:
        nonlocal looks
        looks += 1
        return await get(id_)

    house.documents.get = counted  # type: ignore[method-assign]
    await house.write()
    await eventually(lambda: looks > 3, what="it waits for the other")
    assert house.producer.log == []
    house.clock.advance(LEFT_BEHIND / 2)
    expected = await house.outbox()
    assert await house.all_out() == expected
    assert len(expected) == 2


async def test_what_a_dead_replica_left_is_taken_over_by_one() -> None:
    house = House()
    dead = Replica(house, dead=True)
    for key in ("a", "b", "b"):
        await dead.write(key)
    expected = {key: await house.outbox(key) for key in "ab"}
    living = [Replica(house) for _ in range(3)]
    house.clock.advance(LEFT_BEHIND)
    await asyncio.gather(*(replica.relay.sweep() for replica in living))
    await eventually(house.empty, what="everything is out")
    for replica in living:
        assert await replica.relay.drain(1)
    assert {key: house.producer.sequences(key) for key in "ab"} == expected


async def test_what_a_dead_replica_announced_holds_up_no_other_document() -> None:
    house = House(policy=replace(POLICY, side_by_side=2))
    dead = Replica(house, dead=True)
    for n in range(4):
        await dead.write(f"d{n}")
        await house.write(f"d{n}")
    await house.write("free")
    await eventually(lambda: house.producer.sequences("free"), what="one that is ours alone is out")
    assert len(house.producer.log) == 1
    house.clock.advance(LEFT_BEHIND)
    await eventually(house.empty, what="the others too")


async def test_of_what_is_taken_over_from_a_writer_that_lives_at_most_one_record_comes_again() -> None:
    """Kafka stood still for one replica: what it had under way arrives late, what it had not yet sent is left."""
    house = House(policy=replace(POLICY, stale=0.0))
    other = Replica(house)
    house.producer.gate.clear()
    await house.write(events=3)
    await eventually(lambda: house.producer.waiting == 1, what="the first is under way")
    for _ in range(3):
        await house.write()
    expected = await house.outbox()
    assert len(expected) == 6
    house.clock.advance(LEFT_BEHIND)
    await other.relay.sweep()
    assert await house.all_out() == expected
    await other.write()
    await eventually(house.empty, what="and a later one")
    house.producer.gate.set()
    assert await house.relay.drain(1)
    assert [event_id for event_id in house.producer.sequences("a") if event_id in expected] == [*expected, expected[0]]


async def test_what_was_taken_over_while_it_waited_for_its_turn_is_left_to_whoever_took_it() -> None:
    house = House(policy=replace(POLICY, side_by_side=1, stale=0.0))
    other = Replica(house)
    house.producer.gate.clear()
    for n in range(5):
        await house.write(f"k{n}")
    await eventually(lambda: house.producer.waiting == 1, what="the first is under way, the others wait")
    house.clock.advance(LEFT_BEHIND)
    other.producer.gate.clear()
    await other.relay.sweep()
    await eventually(lambda: other.producer.waiting == 5, what="all are taken over")
    house.producer.gate.set()
    assert await house.relay.drain(1)
    other.producer.gate.set()
    await eventually(house.empty, what="everything is out")
    counts = Counter(published.event_id for published in house.producer.log)
    assert sorted(counts.values()) == [1, 1, 1, 1, 2], "only what was under way comes again"


@pytest.mark.parametrize("error", [StoreAway("no answer"), RuntimeError("no room on its disk")])
async def test_a_store_that_refuses_the_takeover_delays_it(error: Exception) -> None:
    house = House()
    await Replica(house, dead=True).write()
    expected = await house.outbox()
    house.clock.advance(LEFT_BEHIND)
    replaced = house.documents.replace

    async def failing(document: Document, revision: int) -> bool:
        house.documents.replace = replaced  # type: ignore[method-assign]
        raise error

    house.documents.replace = failing  # type: ignore[method-assign]
    await house.relay.sweep()
    assert await house.all_out() == expected
    assert await house.relay.check() is None


async def test_what_is_written_while_a_takeover_finds_nothing_gets_out_without_a_sweep() -> None:
    house = House()
    await Replica(house, dead=True).write()
    house.clock.advance(LEFT_BEHIND)
    get, looks = house.documents.get, 0

    async def emptied_meanwhile(id_: str) -> Document | None:
        nonlocal looks
        looks += 1
        if looks < 2:
            return await get(id_)
        house.documents.get = get  # type: ignore[method-assign]
        document = await get(id_)
        assert document is not None
        assert await house.documents.confirm(id_, document["revision"]), "another relay was faster"
        found = await get(id_)
        await house.write()
        return found

    house.documents.get = emptied_meanwhile  # type: ignore[method-assign]
    await house.relay.sweep()
    await eventually(lambda: house.producer.log, what="it is out")
    assert len(await house.all_out()) == 1


async def test_a_refusal_that_another_replica_has_overcome_is_forgotten() -> None:
    house = House()
    house.producer.gate.clear()
    await house.write()
    house.producer.refuses.update(await house.outbox())
    house.producer.gate.set()
    await eventually(house.relay.refused, what="red")
    other = Replica(house)
    house.clock.advance(LEFT_BEHIND)
    await other.relay.sweep()
    await eventually(house.empty, what="the other's Kafka takes it")
    other.producer.gate.clear()
    await other.write()

    async def green() -> bool:
        await house.relay.sweep()
        return await house.relay.refused() is None

    await eventually(green, what="green, though the other's next one waits")
    other.producer.gate.set()


async def test_a_relay_that_another_has_helped_out_is_green_again() -> None:
    house = House()
    house.producer.away = True
    await house.write()
    await eventually(house.relay.check, what="red")
    house.clock.advance(LEFT_BEHIND)
    other = Replica(house)
    await other.relay.sweep()
    await eventually(house.empty, what="the other has published it")

    async def green() -> bool:
        return await house.relay.check() is None

    await eventually(green, what="nothing waits here any more")


async def test_a_stop_does_not_wait_for_another_replica() -> None:
    house = House()
    await Replica(house, dead=True).write()
    await house.write()
    assert await house.relay.drain(5)
    assert len(await house.outbox()) == 2, "kept for the next start"
    assert house.producer.log == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), min_size=1, max_size=15), st.integers(0, 999))
def test_two_replicas_without_faults_publish_each_announcement_once_and_in_order(
    writes: list[tuple[bool, str]], seed: int
) -> None:
    async def play() -> None:
        house = House()
        other = Replica(house)
        chance = random.Random(seed)

        async def one(here: bool, key: str) -> None:
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            await (house.write(key) if here else other.write(key))

        await asyncio.gather(*(one(here, key) for here, key in writes))
        await eventually(house.empty, what="everything is out", every=0.001)
        for key in "abc":
            found = house.producer.sequences(key)
            assert len(found) == len(set(found)) == sum(1 for _, written in writes if written == key)
            assert found == sorted(found, key=(await house.announced(key)).index)

    asyncio.run(play())
