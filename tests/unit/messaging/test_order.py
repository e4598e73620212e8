"""Whatever is interleaved and whatever fails: one key stays in order, each effect happens once, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import ManualClock
from shared.contracts import topics
from shared.messaging.backoff import RetryPolicy
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.errors import Permanent, Transient
from shared.messaging.measuring import NullMetrics
from shared.messaging.order import committable, lanes
from shared.messaging.parking import ParkingLot, lot_id
from shared.messaging.record import Record
from shared.store import MemoryDocuments, StoreAway
from tests.support.messages import BY, START, Commits, Effects, evaluations, record

KEYS = ("a", "b", "c", "d")
POLICY = ConsumerPolicy(
    side_by_side=3,
    retry=RetryPolicy(attempts=3, first=0, cap=0),
    away=RetryPolicy(first=0, cap=0),
    breaker=BreakerPolicy(keys=1000),
)
FAULTS: dict[str, list[BaseException]] = {
    "transient": [Transient("later")],
    "bug": [ValueError("bug")],
    "away": [StoreAway("away"), StoreAway("away")],
    "permanent": [Permanent("bad")],
    "exhausted": [Transient("later")] * 3,
}


@dataclass(frozen=True)
class Story:
    """The keys of a log in order, what goes wrong at which event, and after which batches the process crashes."""

    log: list[str]
    faults: dict[tuple[str, int], str]
    batch: int
    crashes: list[str]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    log = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=24))
    places = [(key, n) for key in KEYS for n in range(1, log.count(key) + 1)]
    faults = draw(st.dictionaries(st.sampled_from(places), st.sampled_from(sorted(FAULTS)), max_size=6))
    crashes = draw(st.lists(st.sampled_from(["none", "before commit", "in the middle"]), max_size=6))
    return Story(log, faults, draw(st.integers(1, 9)), crashes)


def records(log: list[str]) -> list[Record]:
    """The log on two partitions; a key is always on the same one."""
    counts = dict.fromkeys(KEYS, 0)
    offsets = [0, 0]
    made = []
    for key in log:
        counts[key] += 1
        partition = KEYS.index(key) % 2
        made.append(record(key, counts[key], partition=partition, offset=offsets[partition]))
        offsets[partition] += 1
    return made


async def consume(story: Story, effects: Effects, lot: ParkingLot) -> None:
    """Kafka and a process that may crash: what was not committed comes again to the next one."""
    log, committed, crashes = records(story.log), Commits(), list(story.crashes)
    committed.offsets = {0: 0, 1: 0}

    def waiting() -> list[Record]:
        return [r for r in log if r.offset >= committed.offsets[r.partition]]

    while waiting():
        consumer = Consumer(evaluations(effects.handle), "matching", lot, ManualClock(START), NullMetrics(), POLICY)
        consumer.assigned()
        polled = waiting()
        while polled:
            batch, polled = polled[: story.batch], polled[story.batch :]
            crash = crashes.pop(0) if crashes else "none"
            if crash == "before commit":
                committed.fails = True
                await consumer.take(batch, committed)
                committed.fails = False
                break
            if crash == "in the middle":
                task = asyncio.create_task(consumer.take(batch, committed))
                for _ in range(7):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                break
            await consumer.take(batch, committed)
            assert consumer.stopped is None


async def play(story: Story) -> None:
    effects = Effects()
    effects.faults = {place: [*FAULTS[fault]] for place, fault in story.faults.items()}
    lot = ParkingLot("matching", MemoryDocuments("parked"), ManualClock(START))
    await consume(story, effects, lot)

    for key in KEYS:
        applied, last = await effects.applied(key), story.log.count(key)
        stored = await lot.get(lot_id("matching.tests", topics.EVALUATIONS.name, key))
        parked = [e.record().value for e in stored.state.events] if stored else []
        assert applied == list(range(1, len(applied) + 1))
        of_key = [r.value for r in records(story.log) if r.key == key.encode()]
        assert parked == of_key[len(applied) :], "what has no effect is parked, in order, and nothing else is"
        assert len(applied) + len(parked) == last

    effects.faults.clear()
    for key in KEYS:
        id_ = lot_id("matching.tests", topics.EVALUATIONS.name, key)
        await asyncio.gather(lot.redrive(id_, BY), lot.redrive(id_, BY))
        assert await effects.applied(key) == list(range(1, story.log.count(key) + 1))


@settings(max_examples=150, deadline=None)
@given(stories())
def test_any_interleaving_of_keys_faults_and_crashes(story: Story) -> None:
    asyncio.run(play(story))


def test_lanes_keep_the_order_of_each_key() -> None:
    log = records(list("abcabca"))
    found = {lane[0].key: [r.value for r in lane] for lane in lanes(log)}
    assert found == {key: [r.value for r in log if r.key == key] for key in {r.key for r in log}}


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 3))
def test_only_an_unbroken_beginning_is_committed(done: list[bool], partitions: int) -> None:
    log = [Record(n % partitions, n // partitions, b"k", b"") for n in range(len(done))]
    offsets = committable(log, {r.place for r, is_done in zip(log, done, strict=True) if is_done})
    for partition in range(partitions):
        of_partition = [is_done for r, is_done in zip(log, done, strict=True) if r.partition == partition]
        unbroken = of_partition.index(False) if False in of_partition else len(of_partition)
        assert offsets.get(partition, 0) == unbroken
