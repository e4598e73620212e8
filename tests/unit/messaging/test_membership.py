"""A member joins until it works, joins anew where its client has ended, and leaves whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.messaging.consumer import Consumer
from shared.messaging.measuring import NullMetrics
from shared.messaging.membership import Member
from shared.messaging.parking import ParkingLot
from shared.store import MemoryDocuments
from tests.support.eventually import eventually
from tests.support.messages import Effects, evaluations


@pytest.fixture(autouse=True)
def looked_at_often() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.messaging.membership.LOOK_SECONDS", 0.01)
        yield


async def for_ever() -> None:
    await asyncio.Event().wait()


class Kafka:
    """A client whose only work is coordination."""

    def __init__(self) -> None:
        self.error: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._coordinator = SimpleNamespace(_coordination_task=asyncio.ensure_future(self._works()), coordinator_id=1)
        self._client = SimpleNamespace(_sync_task=None, close=for_ever)
        self._closed = False

    async def _works(self) -> None:
        await self.error

    def end(self) -> None:
        self.error.set_exception(RuntimeError("the handler is closed"))


class Subscriber:
    """FastStream's subscriber as the member knows it; each start does what `plan` says next."""

    def __init__(self) -> None:
        self.consumer: Any = None
        self.tasks: list[asyncio.Task[None]] = []
        self.starts = 0
        self.plan: list[Callable[[], Any]] = []
        self.stopping: Callable[[], Any] = lambda: None

    async def start(self) -> None:
        self.starts += 1
        self.consumer = Kafka()
        if self.plan and (waits := self.plan.pop(0)()) is not None:
            await waits

    async def stop(self) -> None:
        if (waits := self.stopping()) is not None:
            await waits
        self.consumer = None


class Group:
    def __init__(self) -> None:
        lot = ParkingLot("tests", MemoryDocuments("parked"), SystemClock(), answers_kept=timedelta(days=1))
        self.consumer = Consumer(evaluations(Effects().handle), "tests", lot, SystemClock(), NullMetrics())
        self.subscriber = Subscriber()
        self.member = Member(self.consumer, self.subscriber, NullMetrics(), 0.3)  # type: ignore[arg-type]

    async def joined(self, starts: int) -> None:
        await eventually(lambda: self.subscriber.starts == starts and self.subscriber.consumer, what=f"{starts} starts")


def raising() -> None:
    raise RuntimeError("nobody foresaw this")


async def test_an_error_that_nobody_foresaw_while_it_joins_anew_is_not_the_last_word() -> None:
    group = Group()
    await group.member.start()
    group.subscriber.plan = [raising]
    group.subscriber.consumer.end()
    await group.joined(3)
    group.subscriber.consumer.end()
    await group.joined(4)
    await group.member.stop()
    assert group.subscriber.consumer is None


async def test_a_client_that_ends_while_it_joins_is_given_up() -> None:
    group = Group()

    def ends() -> Any:
        group.subscriber.consumer.end()
        return for_ever()

    group.subscriber.plan = [ends]
    await asyncio.wait_for(group.member.start(), 5)
    assert group.subscriber.starts == 2
    await group.member.stop()


async def test_a_consumer_that_stops_by_itself_while_its_member_leaves_does_not_join_again() -> None:
    group = Group()
    await group.member.start()
    group.subscriber.stopping = lambda: group.consumer._stop("too many parked")
    group.subscriber.consumer.end()
    await eventually(lambda: group.member._tending is None or group.member._tending.done(), what="it tends no more")
    assert (group.subscriber.starts, group.subscriber.consumer) == (1, None)
    await group.member.stop()


async def test_a_batch_that_outlives_its_client_does_not_go_on_beside_the_next_one() -> None:
    group = Group()
    await group.member.start()
    batch = asyncio.ensure_future(for_ever())
    group.subscriber.tasks = [batch]
    hangs = [for_ever()]
    group.subscriber.stopping = lambda: hangs.pop() if hangs else None
    group.subscriber.consumer.end()
    await group.joined(2)
    assert batch.cancelled()
    await group.member.stop()


async def test_a_second_start_joins_nothing_twice() -> None:
    group = Group()
    await group.member.start()
    await group.member.start()
    assert group.subscriber.starts == 1
    await group.member.stop()


async def test_a_start_that_is_given_up_leaves_nothing_that_joins_later() -> None:
    group = Group()
    given_up = asyncio.Event()

    async def joins_slowly() -> None:
        try:
            await for_ever()
        finally:
            given_up.set()

    group.subscriber.plan = [joins_slowly]
    starting = asyncio.ensure_future(group.member.start())
    await group.joined(1)
    starting.cancel()
    await asyncio.wait_for(given_up.wait(), 5)
    await group.member.stop()
    assert starting.cancelled()
