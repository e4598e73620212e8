"""Takes records from the client, each partition by itself: what cannot be read holds up its own partition alone.

aiokafka drains one partition after the other, moves their positions, and raises at the first it cannot read: what it
had drained is gone, and the next commit covers it. So no poll here asks for two partitions at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, OffsetOutOfRangeError, RecordTooLargeError

from shared.messaging.backoff import loop_time
from shared.messaging.fetching import Batch, Read, arrival, check_membership, fetched, position_of, reassigning

POLL_SECONDS = 1.0
"""A poll returns with the first records; without any it ends after a second, which costs nothing."""

AGAIN_SECONDS = 15.0
"""Between two looks at what cannot be read: its disk may be mended, or the right to read it granted."""

FAILED_SECONDS = 5.0
"""After a poll that failed for all partitions."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Standing:
    """A partition that could not be read from that offset on. The client fetches nothing of it meanwhile; `why` is
    empty until it was looked at by itself."""

    offset: int
    why: str = ""
    again_at: float = 0.0


@dataclass(slots=True)
class _Look:
    """One fetch of a partition that stands, under way beside the polls: its broker may be silent for seconds, which
    are not taken from the other partitions."""

    place: TopicPartition
    of: _Standing
    answer: asyncio.Task[Read | Exception]


class Poll:
    """Polls for one group on one topic. Hands over every record that its client's positions have moved past."""

    def __init__(self, group: str, topic: str) -> None:
        self._group = group
        self._topic = topic
        self._standing: dict[TopicPartition, _Standing] = {}
        self._look: _Look | None = None
        self._gone: dict[TopicPartition, int] = {}
        self._failed: str | None = None
        self._turn = 0

    def check(self) -> str | None:
        """None while it can poll; otherwise why it cannot, for any partition."""
        return None if self._failed is None else f"cannot poll {self._topic}: {self._failed}"

    def unreadable(self) -> str | None:
        """None while every partition held can be read; otherwise which stands where, and why."""
        told = [(place.partition, it) for place, it in sorted(self._standing.items()) if it.why]
        if not told:
            return None
        partition, first = told[0]
        more = f" (and {len(told) - 1} more partitions)" if len(told) > 1 else ""
        return (
            f"cannot read {self._topic}, partition {partition}, from offset {first.offset} on: {first.why}{more}. "
            "The other partitions go on; see the runbook, NotReady"
        )

    async def batch(self, client: AIOKafkaConsumer, most: int) -> Batch:
        """At most so many records; none after a second without any. Raises ConsumerStoppedError alone."""
        try:
            found = await self._batch(client, most)
        except ConsumerStoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, FastStream would take it up again at once, and spin
            why = f"{error!r:.300}"
            if self._failed != why:
                log.error("poll.failed", group=self._group, topic=self._topic, why=why)
            self._failed = why
            await asyncio.sleep(FAILED_SECONDS)
            return ()
        self._failed = None
        return found

    def close(self) -> None:
        """Give up the look under way. Nothing is lost by it: the position moves only when its records are taken."""
        if self._look is not None:
            self._look.answer.cancel()
            self._look = None

    async def _batch(self, client: AIOKafkaConsumer, most: int) -> Batch:
        check_membership(client)
        ours = client.assignment()
        self._gone = {place: offset for place, offset in self._gone.items() if place in ours}
        held = client.paused()  # what was shared anew meanwhile is paused no longer
        self._standing = {place: it for place, it in self._standing.items() if place in held}
        if found := self._looked(client):
            return found
        self._look_on(client, most)
        if found := await self._drained(client, most):
            return found
        self._look_on(client, most)
        await arrival(client, POLL_SECONDS, None if self._look is None else self._look.answer)
        return self._looked(client) or await self._drained(client, most)

    async def _drained(self, client: AIOKafkaConsumer, most: int) -> Batch:
        """What the client holds ready. From the first record on nothing here waits, or raises."""
        places = sorted(client.assignment())
        self._turn += 1
        first = self._turn % len(places) if places else 0
        found: Batch = ()
        for place in places[first:] + places[:first]:
            if place in self._standing:
                continue
            self._tell_reset(client, place)
            try:
                got = await client.getmany(place, timeout_ms=0, max_records=most - len(found))
            except ConsumerStoppedError:
                raise
            except Exception as error:  # noqa: BLE001 - also what aiokafka did not foresee, such as UnicodeDecodeError
                self._suspect(client, place, error)
                continue
            if records := got.get(place, ()):
                self._gone.pop(place, None)
            found += tuple(records)
            if len(found) >= most:
                break
        return found

    def _suspect(self, client: AIOKafkaConsumer, place: TopicPartition, error: Exception) -> None:
        offset = position_of(client, place)
        if offset is None:
            return
        if isinstance(error, RecordTooLargeError):  # aiokafka has stepped over it
            offset = max(0, offset - 1)
            client.seek(place, offset)
        client.pause(place)
        self._standing[place] = _Standing(offset)
        log.warning("poll.suspects", group=self._group, **_named(place, offset), why=f"{error!r:.300}")

    def _look_on(self, client: AIOKafkaConsumer, most: int) -> None:
        """Look at the partition whose turn it is, one at a time: an answer may be 16 MB."""
        if self._look is not None or not self._standing or reassigning(client):
            return
        place, it = min(self._standing.items(), key=lambda one: one[1].again_at)
        if it.again_at <= loop_time():
            self._look = _Look(place, it, asyncio.create_task(_answer(client, place, it.offset, most)))

    def _looked(self, client: AIOKafkaConsumer) -> Batch:
        """What a look that has ended found of a partition from where it stands; then it stands no longer, or further
        on. Nothing while the group shares anew: the partition may be another member's by now."""
        look = self._look
        if look is None or not look.answer.done():
            return ()
        self._look = None
        place, it = look.place, look.of
        if look.answer.cancelled() or reassigning(client) or self._standing.get(place) is not it:
            return ()
        if place not in client.paused():
            del self._standing[place]
            return ()
        found = look.answer.result()
        if isinstance(found, OffsetOutOfRangeError):  # the client resets a position by its own policy, unless paused
            client.resume(place)
            del self._standing[place]
            self._gone[place] = it.offset
            return ()
        if isinstance(found, Exception):
            return self._stays(place, it, f"{found!r:.300}")
        nothing_more = found.fault is None and found.end is not None and it.offset >= found.end
        if found.next > it.offset or nothing_more:
            client.seek(place, found.next)
            client.resume(place)
            del self._standing[place]
            return tuple(found.records)
        return self._stays(place, it, found.fault or "Kafka has nothing there")

    def _tell_reset(self, client: AIOKafkaConsumer, place: TopicPartition) -> None:
        """Where a partition goes on whose offset has left the log, as soon as the client knows."""
        gone, now = self._gone.get(place), position_of(client, place)
        if gone is not None and now is not None and now != gone:
            del self._gone[place]
            log.error("poll.reset", group=self._group, **_named(place, gone), now=now)

    def _stays(self, place: TopicPartition, it: _Standing, why: str) -> Batch:
        if it.why != why:
            log.error("poll.failed", group=self._group, **_named(place, it.offset), why=why)
        it.why, it.again_at = why, loop_time() + AGAIN_SECONDS
        return ()


async def _answer(client: AIOKafkaConsumer, place: TopicPartition, offset: int, most: int) -> Read | Exception:
    try:
        return await fetched(client, place, offset, most)
    except Exception as error:  # noqa: BLE001 - Kafka away, a right withdrawn, an answer nobody foresaw
        return error


def _named(place: TopicPartition, offset: int) -> dict[str, str | int]:
    return {"topic": place.topic, "partition": place.partition, "offset": offset}
