"""On a wire: the planted record is set aside and the good ones go on; nothing is lost when things are away or stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from deploy.embedded.process import free_port
from shared.contracts import topics
from shared.messaging.errors import LotFull, Permanent
from shared.messaging.event import Event
from shared.messaging.parking import Failure, lot_id
from shared.messaging.record import Record
from shared.runtime.parked import ParkedBody
from shared.store import MongoDocuments
from shared.store.client import close, connect
from tests.support.eventually import eventually
from tests.support.messages import BY, record, value
from tests.support.messages import evaluation as evaluation_of
from tests.support.unreadable import VALUES
from tests.support.wired import Wired, committed, group_of, make_topic, put

pytestmark = pytest.mark.embedded


@pytest.fixture
async def wire(kafka_address: list[str], topic_prefix: str) -> AsyncIterator[Callable[..., Wired]]:
    await make_topic(kafka_address, topic_prefix)
    made: list[Wired] = []

    def build(**given: Any) -> Wired:
        made.append(Wired(kafka_address, topic_prefix, **given))
        return made[-1]

    yield build
    for wired in made:
        await wired.messaging.stop()


@pytest.fixture
async def database(mongodb_uri: str, database_name: str) -> AsyncIterator[Any]:
    client = connect(mongodb_uri)
    yield client[database_name]
    await close(client)


async def offsets_are(wired: Wired, expected: dict[int, int]) -> None:
    async def reached() -> bool:
        return await committed(wired.options.addresses, wired.prefix, wired.group) == expected

    await eventually(reached, within=10, what=f"committed {expected}")


async def parked_at(wired: Wired, key: str) -> list[int]:
    stored = await wired.messaging.lot.get(lot_id(wired.group, topics.EVALUATIONS.name, key))
    return [event.offset for event in stored.state.events] if stored else []


async def test_planted_inputs_in_the_middle_of_a_good_batch(
    wire: Callable[..., Wired], kafka_address: list[str], topic_prefix: str, database: Any
) -> None:
    wired = wire(parking=MongoDocuments(database["parked"]), tallies=MongoDocuments(database["tallies"]))
    unknown = value(evaluation_of("p5"), "p5", 1, version=99)
    planted = {
        "p1": (Record(0, 0, b"p1", b'{"event_id": "x'), "malformed: bad JSON"),
        "p2": (Record(0, 0, b"p2", record("p2", 1).value, (("type", b"\xff\xfe"),)), "malformed: bad UTF-8 header"),
        "p3": (Record(0, 0, b"p3", None), "malformed: tombstone on a topic that is kept for ever"),
        "": (Record(0, 0, b"", record("p4", 1).value), "malformed: empty key"),
        "p5": (Record(0, 0, b"p5", unknown), "malformed: type or version is not in the catalogue"),
        "base64:/w==": (Record(0, 0, b"\xff", b"\xfe\xfd"), "malformed: key is not UTF-8"),
    }
    log = [record("a", 1), record("b", 1)]
    for n, (raw, _) in enumerate(planted.values()):
        log += [raw, record("a", n + 2), record("b", n + 2)]
    log += [record(key, 2) for key in ("p1", "p2", "p3", "p5")]
    await put(kafka_address, topic_prefix, log)
    await wired.messaging.start()
    await offsets_are(wired, {0: len(log)})

    assert await wired.effects.applied("a") == list(range(1, len(planted) + 2))
    assert await wired.effects.applied("b") == list(range(1, len(planted) + 2))
    for n, (key, (raw, reason)) in enumerate(planted.items()):
        stored = await wired.messaging.lot.get(lot_id(wired.group, topics.EVALUATIONS.name, key))
        assert stored is not None, key
        first, *behind = stored.state.events
        assert first.reason == reason
        kept = first.record()
        assert (kept.key, kept.value, kept.headers) == (raw.key, raw.value, raw.headers)
        assert first.offset == 2 + 3 * n
        assert len(behind) == (1 if key in ("p1", "p2", "p3", "p5") else 0), "later events of the key wait behind it"
        assert await wired.effects.applied(key) == []
    assert wired.counted["events_parked"] == len(planted) + 4
    assert await wired.red() is None


async def test_values_that_nobody_can_read_are_listed_redriven_and_discarded(
    wire: Callable[..., Wired], kafka_address: list[str], topic_prefix: str, database: Any
) -> None:
    wired = wire(parking=MongoDocuments(database["parked"]), tallies=MongoDocuments(database["tallies"]))
    log = [Record(0, 0, b"p%d" % n, value) for n, value in enumerate(VALUES.values())]
    log += [record(f"p{n}", 1) for n in range(len(VALUES))]
    await put(kafka_address, topic_prefix, log)
    await wired.messaging.start()
    await offsets_are(wired, {0: len(log)})
    assert await wired.red() is None
    view = wired.messaging.parked
    lines = (await view.list(100, None)).items
    assert [line.waiting for line in lines] == [2] * len(VALUES)
    for line in lines:
        assert ParkedBody.model_validate(line).model_dump_json().encode()
        assert await view.get(line.id) is not None
        done = await wired.messaging.lot.redrive(line.id, BY)
        assert done is not None
        assert (done.handled, done.remaining) == (0, 2)
        await wired.messaging.lot.acts.discard(line.id, (line.partition, line.offset), BY)
        done = await wired.messaging.lot.redrive(line.id, BY)
        assert done is not None
        assert done.remaining == 0
        assert await wired.effects.applied(line.key) == [1]


async def test_a_key_is_full_before_its_document_is_too_large(wire: Callable[..., Wired], database: Any) -> None:
    lot = wire(parking=MongoDocuments(database["parked"])).messaging.lot
    wide = ("€" * 900_000).encode()
    parts = [Record(0, offset, b"a", wide) for offset in range(3)]
    for part in parts[:2]:
        await lot.park("matching.tests", topics.EVALUATIONS.name, part, Failure("permanent", ""))
    with pytest.raises(LotFull):
        await lot.park("matching.tests", topics.EVALUATIONS.name, parts[2], Failure("permanent", ""))


async def test_store_away_nothing_is_parked_nothing_committed_and_it_resumes(
    wire: Callable[..., Wired], kafka_address: list[str], topic_prefix: str
) -> None:
    wired = wire()
    await wired.messaging.start()
    wired.effects.documents.away = True
    await put(kafka_address, topic_prefix, [record("a", 1), record("b", 1), record("a", 2)])
    reason = await eventually(wired.red, within=10, what="readiness turns red")
    assert "store-away" in str(reason)
    await eventually(lambda: wired.effects.calls.count(("a", 1)) > 5, what="more tries than a fault would get")
    assert await committed(kafka_address, topic_prefix, group_of(topic_prefix)) == {}
    wired.effects.documents.away = False
    await offsets_are(wired, {0: 3})
    assert await wired.effects.applied("a") == [1, 2]
    assert await wired.red() is None
    assert wired.counted["events_parked"] == 0
    assert (await wired.messaging.lot.find()).items == ()


async def test_a_redrive_keeps_the_order_while_events_go_on_arriving(
    wire: Callable[..., Wired], kafka_address: list[str], topic_prefix: str, database: Any
) -> None:
    wired = wire(parking=MongoDocuments(database["parked"]), tallies=MongoDocuments(database["tallies"]))
    wired.effects.faults["a", 2] = [Permanent("its place is missing")]
    await wired.messaging.start()
    await put(kafka_address, topic_prefix, [record("a", n) for n in range(1, 6)])
    await offsets_are(wired, {0: 5})
    assert await wired.effects.applied("a") == [1]
    assert await parked_at(wired, "a") == [1, 2, 3, 4]

    (line,) = (await wired.messaging.parked.list(10, None)).items
    arriving = asyncio.create_task(put(kafka_address, topic_prefix, [record("a", n) for n in range(6, 31)]))
    while not arriving.done():
        await wired.messaging.lot.redrive(line.id, BY)
    await arriving
    await offsets_are(wired, {0: 30})
    await wired.messaging.lot.redrive(line.id, BY)
    assert await wired.effects.applied("a") == list(range(1, 31))
    assert await parked_at(wired, "a") == []


async def test_stopping_finishes_the_event_in_hand_and_the_next_member_goes_on(
    wire: Callable[..., Wired], kafka_address: list[str], topic_prefix: str, database: Any
) -> None:
    first = wire(tallies=MongoDocuments(database["tallies"]))
    started, gate = asyncio.Event(), asyncio.Event()
    handle = first.effects.handle

    async def slow(event: Event[Any]) -> None:
        started.set()
        await gate.wait()
        await handle(event)

    first.effects.handle = slow  # type: ignore[method-assign]
    first.messaging.members[0].consumer.subscription.handles[type(evaluation_of("a"))] = slow  # type: ignore[index]
    await first.messaging.start()
    await put(kafka_address, topic_prefix, [record("a", n) for n in range(1, 9)])
    await asyncio.wait_for(started.wait(), 10)
    stopping = asyncio.create_task(first.messaging.stop())
    await asyncio.sleep(0)
    gate.set()
    await asyncio.wait_for(stopping, 5)
    done = await first.effects.applied("a")
    assert done
    assert await committed(kafka_address, topic_prefix, group_of(topic_prefix)) == {0: len(done)}

    second = wire(tallies=MongoDocuments(database["tallies"]))
    await second.messaging.start()
    await offsets_are(second, {0: 8})
    assert await second.effects.applied("a") == list(range(1, 9))


async def test_a_stopped_consumer_leaves_its_group_and_a_restart_goes_on(
    wire: Callable[..., Wired], kafka_address: list[str], topic_prefix: str
) -> None:
    from shared.messaging.errors import Stopped

    first = wire()
    first.effects.faults["a", 1] = [Stopped("the rules are missing")]
    await first.messaging.start()
    await put(kafka_address, topic_prefix, [record("a", 1), record("a", 2)])
    reason = await eventually(first.red, within=10, what="red")
    assert reason == "stopped: the rules are missing"
    subscriber: Any = first.messaging.broker.subscribers[0]
    await eventually(lambda: subscriber.consumer is None, within=5, what="it has left its group")
    assert await committed(kafka_address, topic_prefix, group_of(topic_prefix)) == {}
    second = wire()
    await second.messaging.start()
    await offsets_are(second, {0: 2})
    assert await second.effects.applied("a") == [1, 2]


async def within(seconds: float, ending: Awaitable[None]) -> float:
    """Twice the stop's own timer allows for a busy machine; unbounded, aiokafka would take 40 s."""
    began = time.monotonic()
    await ending
    took = time.monotonic() - began
    assert took < seconds
    return took


async def test_kafka_away_at_the_start_blocks_neither_checks_nor_the_stop(topic_prefix: str) -> None:
    wired = Wired([f"127.0.0.1:{free_port()}"], topic_prefix, stop_seconds=3)
    starting = asyncio.create_task(wired.messaging.start())
    await wired.announce("a")
    await eventually(wired.red, what="not ready")
    reason = await eventually(wired.messaging.relay.check, within=5, what="the relay says why")
    assert "cannot publish" in str(reason)
    assert not starting.done()
    await within(6, wired.messaging.stop())
    await asyncio.wait_for(asyncio.gather(starting, return_exceptions=True), 1)
    assert (await wired.things.documents.pending_depth())[0] == 1, "accepted, and kept for the next start"


async def test_a_stop_while_joining_is_bounded(wire: Callable[..., Wired]) -> None:
    wired = wire(session_ms=30_000, stop_seconds=2)
    starting = asyncio.create_task(wired.messaging.start())
    subscriber: Any = wired.messaging.broker.subscribers[0]
    await eventually(lambda: subscriber.consumer is not None, what="it joins")
    await within(4, wired.messaging.stop())
    await asyncio.wait_for(asyncio.gather(starting, return_exceptions=True), 1)
    await within(2, wired.messaging.stop())
