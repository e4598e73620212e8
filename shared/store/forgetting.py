"""Recorded answers go when their time is over, also from documents that nobody writes any more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from shared.store.errors import StoreAway
from shared.store.store import Store

log = structlog.get_logger()


class Forgetting:
    """Drops the answers whose time is over, of all kinds of a service. An answer repeats the object as it was, with
    people's names and addresses that may have been corrected since: it stays at most `every` (15 minutes) beyond its
    time while a replica runs and the database answers. A document's next write drops them too; this adds a write only
    where none came."""

    def __init__(self, stores: Sequence[Store[Any]], *, every: timedelta = timedelta(minutes=15)) -> None:
        self._stores = [store for store in stores if store.kind.answers]
        self._every = every

    async def run(self) -> None:
        """Until cancelled: at once, and again after three quarters of `every` to all of it, so that replicas spread.
        Goes on after any error."""
        while True:
            await self.forget()
            await asyncio.sleep(self._every.total_seconds() * (0.75 + random.random() / 4))  # noqa: S311 - spreads

    async def forget(self) -> int:
        """Drop what is over now; from how many documents. A kind that fails is logged and left for the next time, and
        so is all the rest while the database is away."""
        forgotten = 0
        for store in self._stores:
            try:
                forgotten += await store.forget_answers()
            except StoreAway:
                break
            except Exception:
                log.exception("answers.not_forgotten", collection=store.kind.name)
        return forgotten
