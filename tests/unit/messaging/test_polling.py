"""A partition that cannot be read stands by itself, and goes on as soon as it can be read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import OffsetOutOfRangeError, TopicAuthorizationFailedError

from shared.messaging import polling
from shared.messaging.broker import make_broker, subscribe
from shared.messaging.options import KafkaOptions
from shared.messaging.polling import AGAIN_SECONDS, Poll
from shared.messaging.record import Record
from tests.support.planted_batches import batch_of
from tests.unit.messaging.consuming import House

STANDS, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)
RECORDS = batch_of([Record(0, 0, b"a", b"1", ()), Record(0, 1, b"b", b"2", ())])
DENIED, GONE = TopicAuthorizationFailedError.errno, OffsetOutOfRangeError.errno


class Client:
    """A client with two partitions, each read up to an offset, on a broker that answers a look as `answers` says: with
    an error code, the end of the partition and what lies there, or never where that is None."""

    def __init__(self) -> None:
        self.state = self._subscription = SubscriptionState()
        self.state.subscribe({"t"})
        self.share()
        self.pause, self.resume, self.seek = self.state.pause, self.state.resume, self.state.seek
        self.paused = self.state.paused_partitions
        self.answers: tuple[int, int, bytes] | None = (0, 7, b"")
        self.asked: list[TopicPartition] = []
        self.broken: dict[TopicPartition, Exception] = {}
        self.ready: dict[TopicPartition, list[Any]] = {}
        self._coordinator = SimpleNamespace(check_errors=lambda: None)
        self._fetcher = SimpleNamespace(_create_fetch_waiter=asyncio.get_running_loop().create_future)
        self._client = SimpleNamespace(cluster=SimpleNamespace(leader_for_partition=lambda _: 1), send=self._send)

    def share(self, places: Iterable[TopicPartition] = (STANDS, OTHER)) -> None:
        self.state.assign_from_subscribed(set(places))
        for place in places:
            self.state.seek(place, 7)

    def of(self, place: TopicPartition) -> Any:
        return self.state.subscription.assignment.state_value(place)

    def assignment(self) -> set[TopicPartition]:
        return set(self.state.assigned_partitions())

    async def getmany(self, place: TopicPartition, **_: Any) -> dict[TopicPartition, list[Any]]:
        if place in self.broken:
            raise self.broken.pop(place)
        return {place: self.ready.pop(place)} if place in self.ready else {}

    async def _send(self, _: int, request: Any) -> Any:
        ((topic, ((partition, _, _),)),) = request._topics if hasattr(request, "_topics") else request.topics
        self.asked.append(TopicPartition(topic, partition))
        if self.answers is None:
            await asyncio.Event().wait()
        assert self.answers is not None
        code, end, raw = self.answers
        return SimpleNamespace(topics=[(topic, [(partition, code, end, end, None, raw)])])


class Clock:
    now = 100.0


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    made = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(polling, "loop_time", lambda: made.now)
        patch.setattr(polling, "POLL_SECONDS", 0.05)
        yield made


class Group:
    def __init__(self) -> None:
        self.client: Any = Client()
        self.poll = Poll("g", "t")

    async def batch(self) -> Any:
        return await self.poll.batch(self.client, 200)

    async def suspects(self, *places: TopicPartition) -> None:
        """Each of them cannot be read in the next poll."""
        self.client.broken = dict.fromkeys(places, TopicAuthorizationFailedError("t"))
        await self.batch()

    async def looked_at(self, clock: Clock) -> str | None:
        """What is told after one more look."""
        clock.now += AGAIN_SECONDS
        await self.batch()
        return self.poll.unreadable()


async def test_healthy_partitions_do_not_wait_for_a_look_at_a_silent_broker() -> None:
    group = Group()
    group.client.answers = None
    await group.suspects(STANDS)
    for n in range(5):
        group.client.ready[OTHER] = [n]
        assert await asyncio.wait_for(group.batch(), 2) == (n,)
    assert group.client.asked == [STANDS], "one look is under way, and no second beside it"
    group.poll.close()


async def test_what_a_look_found_is_handed_over_although_the_others_are_never_idle() -> None:
    group = Group()
    group.client.answers = (0, 9, RECORDS)
    group.client.seek(STANDS, 0)
    group.client.broken = {STANDS: TopicAuthorizationFailedError("t")}
    found: list[Any] = []
    for n in range(20):
        group.client.ready[OTHER] = [n]
        found += await group.batch()
        await asyncio.sleep(0)
    assert [it.offset for it in found if not isinstance(it, int)] == [0, 1]
    assert (group.client.of(STANDS).position, group.client.paused()) == (2, set())


async def test_an_idle_poll_ends_with_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_SECONDS", 60)
    group = Group()
    group.client.answers = (0, 9, RECORDS)
    group.client.seek(STANDS, 0)
    group.client.broken = {STANDS: TopicAuthorizationFailedError("t")}
    found = await asyncio.wait_for(group.batch(), 5)
    assert [it.offset for it in found] == [0, 1]


async def test_a_look_does_not_outlive_its_subscriber() -> None:
    group = Group()
    group.client.answers = None
    await group.suspects(STANDS)
    look = group.poll._look
    assert look is not None
    options = KafkaOptions(addresses=("nowhere:9092",), client_id="tests")
    subscriber = subscribe(make_broker(options), House().consumer, options)
    subscriber.poll = group.poll
    await subscriber.stop()
    await asyncio.wait({look.answer})
    assert look.answer.cancelled()


async def test_nothing_is_looked_at_or_handed_over_while_the_group_shares_anew() -> None:
    group = Group()
    group.client.answers = (0, 9, RECORDS)
    group.client.seek(STANDS, 0)
    group.client.state.begin_reassignment()
    await group.suspects(STANDS)
    assert group.client.asked == []
    group.client.share()
    group.client.seek(STANDS, 0)
    group.client.broken = {STANDS: TopicAuthorizationFailedError("t")}
    group.client.state._fetch_waiters = []
    sending = group.client._send

    async def begins(node: int, request: Any) -> Any:
        group.client.state.begin_reassignment()
        return await sending(node, request)

    group.client._client.send = begins
    assert await group.batch() == ()
    assert group.client.asked == [STANDS]
    assert group.client.of(STANDS).position == 0


async def test_a_right_given_back_lets_a_partition_go_on_that_was_read_to_its_end(clock: Clock) -> None:
    group = Group()
    group.client.answers = (DENIED, -1, b"")
    await group.suspects(STANDS)
    assert "TopicAuthorizationFailedError" in str(await group.looked_at(clock))
    assert group.client.paused() == {STANDS}
    group.client.answers = (0, 7, b"")
    assert await group.looked_at(clock) is None
    assert (group.client.paused(), group.client.of(STANDS).position) == (set(), 7)


async def test_an_empty_answer_before_the_end_is_told(clock: Clock) -> None:
    group = Group()
    group.client.answers = (0, 8, b"")
    await group.suspects(STANDS)
    assert "from offset 7 on: Kafka has nothing there" in str(await group.looked_at(clock))
    assert group.poll.check() is None, "the consumer itself is well"
    assert group.client.paused() == {STANDS}


async def test_the_lag_of_a_partition_that_stands_grows_with_what_is_written_to_it(clock: Clock) -> None:
    group = Group()
    spoilt = batch_of([Record(0, 0, b"a", b"1", ())], spoilt=True)
    for end in (8, 19):
        group.client.answers = (0, end, spoilt)
        await group.suspects(STANDS)
        assert "CRC" in str(await group.looked_at(clock))
        assert group.client.of(STANDS).highwater == end
    group.client.answers = (DENIED, -1, b"")
    await group.looked_at(clock)
    assert group.client.of(STANDS).highwater == 19


async def test_an_offset_that_has_left_the_log_is_left_to_the_clients_reset_and_both_are_told(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Mock()
    monkeypatch.setattr(polling, "log", log)
    group = Group()
    group.client.answers = (GONE, -1, b"")
    await group.suspects(STANDS)
    assert await group.looked_at(clock) is None
    assert (group.client.paused(), group.client.of(STANDS).position) == (set(), 7)
    group.client.of(STANDS).await_reset(-2)
    await group.batch()
    log.error.assert_not_called()
    group.client.of(STANDS).reset_to(30)
    group.client.ready[STANDS] = ["record"]
    assert await group.batch() == ("record",)
    await group.batch()
    log.error.assert_called_once_with("poll.reset", group="g", topic="t", partition=0, offset=7, now=30)
