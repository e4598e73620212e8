"""A read that stands still comes to an end: left alone, the client waits for a broker for ever and says nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

from shared.messaging.errors import BrokerAway

T = TypeVar("T")

STANDSTILL_SECONDS = 30.0
"""Without a record or an answer for so long, a read is given up. After a broker's death partitions and groups have
another within some 20 s: it is missed after 9 s (Kafka's `broker.session.timeout.ms`), then others are chosen and asked
for. What stands longer does not go on by itself."""


class Standstill:
    """Watches one read. It moves with every record, and wherever the reader is kept by something else."""

    def __init__(self, of: str) -> None:
        self._of = of
        self.moved()

    def moved(self) -> None:
        """Something has come."""
        self._since = time.monotonic()

    def check(self) -> None:
        """BrokerAway where nothing has come for `STANDSTILL_SECONDS`."""
        if time.monotonic() - self._since > STANDSTILL_SECONDS:
            raise _away(f"{self._of}: no record")


async def answered(call: Awaitable[T], about: str) -> T:
    """What a call of the Kafka client comes to; BrokerAway where that takes longer than `STANDSTILL_SECONDS`."""
    try:
        async with asyncio.timeout(STANDSTILL_SECONDS):
            return await call
    except TimeoutError:
        raise _away(f"{about}: no answer") from None


def _away(what: str) -> BrokerAway:
    return BrokerAway(f"{what} for {STANDSTILL_SECONDS:g} s; is every broker up, and has each partition a leader?")
