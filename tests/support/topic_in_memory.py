"""A topic of a `MemoryBus` read again from its first record, with a say for the test when all of it has been read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from shared.contracts.topics import Topic
from shared.messaging.record import Record
from tests.support.memory_bus import MemoryBus

BATCH = 3


class TopicInMemory:
    """Takes the place of `reader_of`. `meanwhile` is awaited once the end is reached, before the reader says so."""

    def __init__(self, bus: Callable[[], MemoryBus]) -> None:
        self._bus = bus
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.fails: Exception | None = None

    async def __call__(self, topic: Topic) -> AsyncIterator[Sequence[Record]]:
        records = list(self._bus().topics[topic.name])
        for at in range(0, len(records), BATCH):
            yield records[at : at + BATCH]
        if self.fails is not None:
            raise self.fails
        if self.meanwhile is not None:
            await self.meanwhile()
