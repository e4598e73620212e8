"""Contacts and cases as they were a moment ago: the mails of one event go to the same few people again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel

from services.notifications.application.stores import Stores
from services.notifications.domain.case import Case
from services.notifications.domain.contact import Contact
from shared.clock import Clock
from shared.store import Store, Stored

S = TypeVar("S", bound=BaseModel)
Holders = dict[str, list[str]]
"""Reference of a function -> ids of those who hold it."""
Shelf = OrderedDict[str, tuple[datetime, Stored[S]]]

FRESH = timedelta(seconds=1)
"""An address or an erasure takes effect on mails within this time; default, no public source."""
MOST = 1_000


class RecentlyRead:
    """Reads through: what is found is remembered for a second, what is not found is looked for again."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._contacts: Shelf[Contact] = OrderedDict()
        self._cases: Shelf[Case] = OrderedDict()
        self._holders: OrderedDict[tuple[str, ...], tuple[datetime, Holders]] = OrderedDict()

    async def contact(self, id_: str) -> Stored[Contact] | None:
        """A contact as of at most a second ago."""
        return await self._read(self._stores.contacts, self._contacts, id_)

    async def case(self, id_: str) -> Stored[Case] | None:
        """A case as of at most a second ago."""
        return await self._read(self._stores.cases, self._cases, id_)

    async def holders(self, references: tuple[str, ...], read: Callable[[], Awaitable[Holders]]) -> Holders:
        """Who holds these functions, as of at most a second ago; a reference nobody holds is looked up again."""
        now = self._clock.now()
        at, held = self._holders.get(references, (None, {}))
        if at is not None and abs(now - at) < FRESH and all(reference in held for reference in references):
            return held
        held = await read()
        self._holders[references] = (now, held)
        while len(self._holders) > MOST:
            self._holders.popitem(last=False)
        return held

    def forget(self) -> None:
        """A contact has changed: look everything up again. Other replicas follow within a second."""
        self._contacts.clear()
        self._holders.clear()

    async def _read(self, store: Store[S], shelf: Shelf[S], id_: str) -> Stored[S] | None:
        now = self._clock.now()
        at, stored = shelf.get(id_, (None, None))
        if at is not None and abs(now - at) < FRESH:
            return stored
        found = await store.read(id_)
        shelf.pop(id_, None)
        if found is not None:
            shelf[id_] = (now, found)
        while len(shelf) > MOST:
            shelf.popitem(last=False)
        return found
