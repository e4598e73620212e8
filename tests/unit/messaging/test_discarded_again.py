"""What an operator has discarded has no effect where it comes again: this very record, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.contracts import topics
from shared.contracts.events.contacts import ContactRecorded
from shared.messaging.backoff import RetryPolicy
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.errors import Permanent
from shared.messaging.event import ErasedKey, Event
from shared.messaging.measuring import NullMetrics
from shared.messaging.parking import lot_id
from shared.messaging.record import Record
from shared.messaging.subscription import Subscription
from shared.store import MemoryDocuments
from tests.support.messages import BY, Commits, Effects, evaluation, value
from tests.unit.messaging.test_parking import BAD, GROUP, TOPIC, House, rec

STOPS = ConsumerPolicy(retry=RetryPolicy(attempts=1, first=0, cap=0), breaker=BreakerPolicy(keys=2))


async def discarded(house: House, *records: Record) -> None:
    """Parked and discarded, as an operator does it."""
    await house.lot.park(GROUP, TOPIC, records[0], BAD, records[1:])
    for record in records:
        after = await house.lot.acts.discard(lot_id(GROUP, TOPIC, record.key.decode()), record.place, BY)
        assert after.stored is not None


async def test_discarded_while_its_consumer_had_stopped() -> None:
    """It parks and commits nothing, so that all comes again after the restart that the runbook asks for."""
    house, commits, batch = House(), Commits(), [rec(1, "a"), rec(1, "b")]
    for key in "ab":
        house.effects.faults[key, 1] = [Permanent("cause of a bad release")]
    chosen = Subscription("tests", topics.EVALUATIONS, {type(evaluation("a")): house.effects.handle})
    stops = Consumer(chosen, "matching", house.lot, house.clock, NullMetrics(), STOPS)
    stops.assigned()
    await stops.take(batch, commits)
    assert stops.stopped
    assert commits.offsets == {}
    for key in "ab":
        assert (await house.lot.acts.discard(lot_id(GROUP, TOPIC, key), (0, 1), BY)).applied
    restarted = house.another()
    await restarted.take(batch, commits)
    await restarted.take([rec(2, "a")], commits)
    assert [await house.effects.applied(key) for key in "ab"] == [[2], []], "the next is no gap"
    assert commits.offsets == {0: 3}


async def test_discarded_after_its_consumer_had_looked_at_the_lot() -> None:
    """Through another replica, say: nobody tells this one."""
    house, commits = House(), Commits()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
    await house.consumer.take([rec(1, "b")], commits)
    await house.lot.acts.discard(house.id, (0, 1), BY)
    await house.consumer.take([rec(1)], commits)
    assert await house.offsets() == [2]
    await house.lot.acts.discard(house.id, (0, 2), BY)
    await house.consumer.take([rec(1), rec(2), rec(3)], commits)
    assert await house.effects.applied("a") == [3]


async def test_discarded_while_its_consumer_looked_at_the_lot() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD)
    first, looked = house.lot.keys_waiting, house.lot.keys_passing_over

    async def then(*asked: str) -> set[str]:
        found = await first(*asked)
        await house.lot.acts.discard(house.id, (0, 1), BY)
        return found

    async def before(*asked: str) -> Any:
        found = await looked(*asked)
        await house.lot.acts.discard(house.id, (0, 1), BY)
        return found

    for turned in ({"keys_waiting": then}, {"keys_passing_over": before}):
        for name, call in turned.items():
            setattr(house.lot, name, call)
        await house.another().take([rec(1)], Commits())
        assert await house.effects.applied("a") == []


async def test_its_number_announced_since_is_handled() -> None:
    house = House()
    await discarded(house, rec(1))
    again = replace(rec(1), offset=7, value=value(evaluation("a"), "a", 1))
    other = replace(rec(1), value=value(evaluation("a"), "a", 1, event_id="evt_of_a_topic_made_anew"))
    for record in (again, other):
        house.effects = Effects()
        await house.another().take([record], Commits())
        assert await house.effects.applied("a") == [1], record


async def test_it_is_not_parked_anew_behind_another() -> None:
    house = House()
    await discarded(house, rec(2), rec(3))
    house.effects.faults["a", 1] = [Permanent("no such place")]
    commits = Commits()
    await house.another().take([rec(1), rec(2), rec(3), rec(4)], commits)
    assert await house.offsets() == [1, 4]
    assert commits.offsets == {0: 5}
    done = await house.lot.redrive(house.id, BY)
    assert done is not None
    assert (done.handled, done.remaining) == (2, 0)
    assert await house.effects.applied("a") == [1, 4]


async def test_discarded_while_it_was_handled() -> None:
    """Two replicas have it in hand, one parks it: the other does not park it anew, and goes on."""
    house = House()

    async def handle(event: Event[Any]) -> None:
        if event.envelope.sequence == 1:
            await discarded(house, rec(1))
            raise Permanent("no such place")
        await Effects.handle(house.effects, event)

    house.effects.handle = handle  # type: ignore[method-assign]
    commits = Commits()
    await house.another().take([rec(1), rec(2)], commits)
    assert await house.offsets() == []
    assert await house.effects.applied("a") == [2]
    assert commits.offsets == {0: 3}


@pytest.mark.parametrize("spoilt", [b"{", b'{"event_id": "evt_a_1"}', b"\xff"])
async def test_a_value_that_nobody_can_read_stays_discarded_too(spoilt: bytes) -> None:
    house, record = House(), replace(rec(1), value=spoilt)
    await discarded(house, record)
    await house.another().take([record], Commits())
    assert await house.offsets() == []
    await house.another().take([rec(1)], Commits())
    assert await house.effects.applied("a") == [1], "a good one at its place is another one"


async def test_a_mended_one_that_is_discarded_stays_so_as_it_came() -> None:
    house, spoilt = House(), replace(rec(1), value=b"{", headers=(("event_id", b"evt_a_1"), ("sequence", b"1")))
    await house.lot.park(GROUP, TOPIC, spoilt, BAD)
    await house.lot.acts.mend(house.id, (0, 1), value(evaluation("a"), "a", 1), BY)
    await house.lot.acts.discard(house.id, (0, 1), BY)
    await house.another().take([spoilt, rec(2)], Commits())
    assert await house.offsets() == []
    assert await house.effects.applied("a") == [2]


async def test_a_discarded_tombstone_erases_nobody() -> None:
    house, away, gone = House(), [Permanent("no such place")], Record(0, 4, b"c_1", None)

    async def handle(event: Event[Any]) -> None: ...

    async def erase(key: ErasedKey) -> None:
        if away:
            raise away.pop()
        await house.effects.erase(key)

    chosen = Subscription("tests", topics.CONTACTS, {ContactRecorded: handle}, erases=erase)
    for record in (gone, gone, replace(gone, offset=5)):
        made = Consumer(chosen, "matching", house.lot, house.clock, NullMetrics(), STOPS)
        made.assigned()
        await made.take([record], Commits())
        id_ = lot_id(GROUP, topics.CONTACTS.name, "c_1")
        found = await house.lot.get(id_)
        if found is not None and found.state.events:
            await house.lot.acts.discard(id_, (0, 4), BY)
            assert house.effects.erased == []
    assert house.effects.erased == ["c_1"], "the one at offset 5, which nobody discarded"


async def test_who_handles_what_nobody_discarded_asks_the_lot_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    await discarded(house, rec(1, "b"))
    await house.consumer.take([rec(1)], Commits())
    reads: list[str] = []
    read = MemoryDocuments.get

    async def get(self: MemoryDocuments, id_: str) -> Any:
        reads.append(id_)
        return await read(self, id_)

    monkeypatch.setattr(house.documents, "get", get.__get__(house.documents))
    await house.consumer.take([rec(2), rec(3), rec(1, "b")], Commits())
    assert (await house.effects.applied("a"), await house.effects.applied("b")) == ([1, 2, 3], [])
    assert reads == []
