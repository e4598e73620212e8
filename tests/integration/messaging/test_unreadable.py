"""What the client cannot read costs no event of another partition, and stands where everybody sees it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from shared.contracts import topics
from shared.messaging import fetching
from shared.messaging.parking import lot_id
from shared.messaging.record import Record
from tests.support.eventually import eventually
from tests.support.messages import BY, record
from tests.support.planted_batches import BAD_NAME, LZ4, NAMED_SO, SNAPPY, ZSTD, batch_of, plant
from tests.support.wired import Wired, committed, make_topic, put

pytestmark = pytest.mark.embedded


@pytest.fixture(autouse=True)
def looked_at_often() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.messaging.polling.AGAIN_SECONDS", 0.3)
        yield


@pytest.fixture
async def wired(kafka_address: list[str], topic_prefix: str) -> AsyncIterator[Wired]:
    await make_topic(kafka_address, topic_prefix)
    made = Wired(kafka_address, topic_prefix)
    yield made
    await made.messaging.stop()


def offsets(wired: Wired, expected: dict[int, int]) -> Awaitable[Any]:
    async def reached() -> bool:
        return await committed(wired.options.addresses, wired.prefix, wired.group) == expected

    return eventually(reached, within=10, what=f"committed {expected}")


def subscriber(wired: Wired) -> Any:
    return wired.messaging.broker.subscribers[0]


async def put_on_all(wired: Wired, sequence: int) -> None:
    """One more event on each partition but the second, of a key of its own."""
    given = [record(f"key-{n}", sequence, partition=n) for n in (0, 2, 3)]
    await put(wired.options.addresses, wired.prefix, given)


def planted(name: str) -> Callable[..., bytes]:
    """A batch of two good events with what cannot be read between them, or in place of all."""
    good = [record("planted", 1), record("planted", 2)]
    if name == "checksum":
        return lambda: batch_of(good, spoilt=True)
    value = record("misnamed", 1).value
    return lambda: batch_of([good[0], Record(1, 0, b"misnamed", value, ((BAD_NAME, b"v"),)), good[1]])


@pytest.mark.stand_ins  # a real broker takes no batch with a wrong checksum
@pytest.mark.parametrize("polled", ["at once", "one by one"])
async def test_a_wrong_checksum_holds_up_its_partition_alone_and_is_told(wired: Wired, polled: str) -> None:
    addresses, prefix = wired.options.addresses, wired.prefix
    await put(addresses, prefix, [record("planted", 1, partition=1)])
    await plant(addresses, prefix, 1, planted("checksum")(), 2)
    await put(addresses, prefix, [record("behind", 1, partition=1)])
    if polled == "at once":
        await put_on_all(wired, 1)
        await wired.messaging.start()
    else:
        await wired.messaging.start()
        await put_on_all(wired, 1)
    await offsets(wired, {0: 1, 1: 1, 2: 1, 3: 1})
    told = await eventually(wired.red, within=10, what="red")
    assert f"{prefix}{topics.EVALUATIONS.name}, partition 1, from offset 1 on: CorruptRecordException" in str(told)
    for sequence in range(2, 6):
        await put_on_all(wired, sequence)
        await offsets(wired, {0: sequence, 1: 1, 2: sequence, 3: sequence})
    for n in (0, 2, 3):
        assert await wired.effects.applied(f"key-{n}") == [1, 2, 3, 4, 5], "nothing that was drained is dropped"
    assert await wired.effects.applied("planted") == [1]
    assert await wired.effects.applied("behind") == []
    assert len(subscriber(wired).tasks) == 1
    assert wired.counted["consumer_stopped"] == 0


@pytest.mark.stand_ins  # a real broker takes no batch with a wrong checksum
async def test_it_goes_on_by_itself_once_the_partition_can_be_read(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses, prefix = wired.options.addresses, wired.prefix
    await plant(addresses, prefix, 1, planted("checksum")(), 2)
    await put(addresses, prefix, [record("behind", 1, partition=1)])
    await wired.messaging.start()
    await eventually(wired.red, within=10, what="red")
    monkeypatch.setattr(fetching._Batch, "validate_crc", lambda _: True)  # as if its disk were mended
    await offsets(wired, {1: 3})
    assert await wired.effects.applied("planted") == [1, 2]
    assert await wired.effects.applied("behind") == [1]
    assert await wired.red() is None


async def test_a_header_whose_name_is_no_text_is_parked_with_its_bytes(wired: Wired) -> None:
    addresses, prefix = wired.options.addresses, wired.prefix
    await plant(addresses, prefix, 1, planted("name")(), 3)
    await put(addresses, prefix, [record("behind", 1, partition=1)])
    await put_on_all(wired, 1)
    await wired.messaging.start()
    await offsets(wired, {0: 1, 1: 4, 2: 1, 3: 1})
    assert await wired.effects.applied("planted") == [1, 2]
    assert await wired.effects.applied("behind") == [1]
    stored = await wired.messaging.lot.get(lot_id(wired.group, topics.EVALUATIONS.name, "misnamed"))
    assert stored is not None
    (event,) = stored.state.events
    assert event.reason == "malformed: bad UTF-8 header"
    ((name, _),) = event.record().headers
    assert name.encode(errors="surrogateescape") == NAMED_SO
    (line,) = (await wired.messaging.parked.list(10, None)).items
    done = await wired.messaging.lot.redrive(line.id, BY)
    assert done is not None
    assert (done.handled, done.remaining) == (0, 1)
    assert await wired.red() is None


@pytest.mark.parametrize("codec", [SNAPPY, LZ4, ZSTD])
async def test_what_another_producer_has_compressed_is_read(wired: Wired, codec: int) -> None:
    batch = batch_of([record("planted", 1), record("planted", 2)], codec=codec)
    await plant(wired.options.addresses, wired.prefix, 1, batch, 2)
    await put_on_all(wired, 1)
    await wired.messaging.start()
    await offsets(wired, {0: 1, 1: 2, 2: 1, 3: 1})
    assert await wired.effects.applied("planted") == [1, 2]
    assert await wired.red() is None


async def test_a_poll_that_fails_altogether_is_told_and_pauses(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.polling.FAILED_SECONDS", 0.2)
    await wired.messaging.start()
    kafka = subscriber(wired).consumer
    calls = 0

    def raises() -> None:
        nonlocal calls
        calls += 1
        raise RuntimeError("nobody foresaw this")

    with monkeypatch.context() as patch:
        patch.setattr(kafka._coordinator, "check_errors", raises)
        told = await eventually(wired.red, within=10, what="red")
        assert "nobody foresaw this" in str(told)
        began, before = time.monotonic(), calls
        await eventually(lambda: calls >= before + 4, what="it tries again")
        assert time.monotonic() - began > 3 * 0.2, "it does not spin"
    assert len(subscriber(wired).tasks) == 1
    await put_on_all(wired, 1)
    await offsets(wired, {0: 1, 2: 1, 3: 1})
    assert await wired.red() is None
