"""The parking lot of one service: what cannot be handled now is kept in its own database, in order, for an operator.

One document per (group, topic, key). Every change is a compare-and-set on that document, so a consumer that parks and
an operator who redrives, in whatever replicas, keep one order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.clock import Clock
from shared.contracts.envelope import Actor
from shared.errors import Away
from shared.ids import derived_id
from shared.messaging.acts import Acts, By
from shared.messaging.errors import LotFull
from shared.messaging.parked import PARKED, Act, ParkedEvent, ParkedKey, parked
from shared.messaging.record import Record, shown
from shared.store import Command, Decision, Documents, Origin, Outcome, Page, Step, Store, Stored

SEARCHED_BY = ("group", "topic", "waiting")
"""The keys of the lot's collection that it is searched by."""

FULL_BYTES = 8_000_000
"""A document of the lot near half of MongoDB's 16 MB takes no more: its consumer waits instead."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event could not be handled, after how many attempts."""

    reason: str
    error: str
    attempts: int = 1


Settle = Callable[[Record], Awaitable[Failure | None]]
"""Handles one record once more: None when done, the failure otherwise. StoreAway and BrokerAway pass through."""


@dataclass(frozen=True, slots=True)
class Redriven:
    """What a redrive did: how many events were handled, how many still wait, and why the first of those failed."""

    handled: int
    remaining: int
    failure: Failure | None = None


class ParkingLot:
    """The lot. Every method raises StoreAway while the database does not answer, and then has changed nothing."""

    def __init__(
        self,
        service: str,
        documents: Documents,
        clock: Clock,
        *,
        full_bytes: int = FULL_BYTES,
        answers_kept: timedelta = timedelta(hours=24),
    ) -> None:
        self._store = Store(PARKED, documents, clock, answers_kept=answers_kept)
        self._service = service
        self._clock = clock
        self._full_bytes = full_bytes
        self._settle: dict[str, Settle] = {}
        self.acts = Acts(self._store, service, clock, full_bytes)

    @property
    def store(self) -> Store[ParkedKey]:
        """All parked keys."""
        return self._store

    @property
    def documents(self) -> Documents:
        """The collection; it needs its indexes (`keys`: group, topic, waiting)."""
        return self._store.documents

    async def prepare(self) -> None:
        """Create the collection's indexes. Repeatable."""
        await self.documents.ensure_indexes(SEARCHED_BY)

    def serves(self, group: str, settle: Settle) -> None:
        """Say how the events of a group are handled when an operator redrives them."""
        self._settle[group] = settle

    async def keys_waiting(self, group: str, topic: str) -> set[str]:
        """The keys of a group that have parked events, as `shown` writes them."""
        return {state.key for state in await self._all({"group": group, "topic": topic, "waiting": 1})}

    async def keys_passing_over(self, group: str, topic: str) -> dict[str, ParkedKey]:
        """The keys of a group of which something is passed over where it comes again: discarded by an operator, or
        lost with the database before it was restored."""
        discarded = await self._all({"group": group, "topic": topic, "discarded": 1})
        restored = await self._all({"group": group, "topic": topic, "restored": 1})
        return {state.key: state for state in (*discarded, *restored)}

    async def _all(self, wanted: dict[str, str | int]) -> list[ParkedKey]:
        return [stored.state async for stored in self._store.every(wanted, page=500, newest_first=True)]

    async def park(
        self, group: str, topic: str, record: Record, failure: Failure, behind: Sequence[Record] = ()
    ) -> set[tuple[int, int]]:
        """Park a record that failed, and the records of the same key after it; the first alone where there is no room
        for all, so that an operator sees what blocks; none where the first was discarded meanwhile. The places of those
        that wait now. Repeatable.

        Raises LotFull where there is no room for the first either."""
        now = self._clock.now()
        first = parked(record, now).failed(now, failure.reason, failure.error, failure.attempts)
        events = [first, *(parked(r, now) for r in behind)]
        try:
            return await self._append(group, topic, record.key, events, only_behind=False) or set()
        except LotFull:
            return await self._append(group, topic, record.key, [first], only_behind=False) or set()

    async def append(self, group: str, topic: str, records: Sequence[Record]) -> set[tuple[int, int]] | None:
        """Park records behind the first waiting one of their key. The places of those that wait now; None where the key
        is free. A record that is not among them stands before the first, and is to be handled.

        Raises LotFull where there is no room for all of them."""
        now = self._clock.now()
        return await self._append(group, topic, records[0].key, [parked(r, now) for r in records], only_behind=True)

    async def _append(
        self, group: str, topic: str, key: bytes, events: list[ParkedEvent], *, only_behind: bool
    ) -> set[tuple[int, int]] | None:
        name = shown(key)
        id_ = lot_id(group, topic, name)

        def decide(state: ParkedKey | None) -> Decision[ParkedKey]:
            if only_behind and (state is None or not state.events):
                return Decision(state)
            before = state or ParkedKey(group=group, topic=topic, key=name)
            if not only_behind and before.passes_over(events[0]):
                return Decision(state)
            after = before.with_behind(events) if only_behind else before.with_more(events)
            if after is not before and after.size > self._full_bytes:
                raise LotFull(id_, name)
            return Decision(after)

        stored = (await self._store.change(id_, self._step(id_), decide)).stored
        if stored is None or not stored.state.events:
            return None
        waiting = {event.came_as for event in stored.state.events}
        return {event.place for event in events if event.came_as in waiting}

    async def find(self, *, group: str | None = None, limit: int = 50, after: str | None = None) -> Page[ParkedKey]:
        """The keys with waiting events, the longest known first. ValueError for a cursor that is not of this list."""
        wanted: dict[str, str | int] = {"waiting": 1} | ({"group": group} if group else {})
        return await self._store.find(wanted, limit=limit, after=after, newest_first=False)

    async def get(self, id_: str) -> Stored[ParkedKey] | None:
        """One key of the lot, also when it is free again; or None."""
        return await self._store.read(id_)

    async def redrive(self, id_: str, by: By) -> Redriven | None:
        """Handle the waiting events of a key, in order, until one fails again or none is left; None for an unknown id.
        Who, when, why and what came of it stays with the key.

        Safe beside the running consumer and beside another redrive: an event leaves the lot only after it was
        handled, later ones queue behind while any waits, and the guards keep each effect single. Raises StoreAway or
        BrokerAway where that is why it cannot go on."""
        if await self._store.read(id_) is None:
            return None
        act = await self.acts.begin(id_, by)
        if act is None:
            return Redriven(0, 0)
        handled = 0
        try:
            while (stored := await self._store.read(id_)) is not None and stored.state.events:
                first = stored.state.events[0]
                over = stored.state.passes_over(first)
                failure = None if over else await self._once_more(stored.state.group, first)
                if failure is not None:
                    await self._note_failure(id_, first, failure)
                    left = len(stored.state.events)
                    await self.acts.end(id_, by, act, f"{handled} handled, {left} left: {failure.reason}")
                    return Redriven(handled, left, failure)
                await self._take_out(id_, first, act)
                handled += 1
        except Away as error:
            with contextlib.suppress(Away):
                await self.acts.end(id_, by, act, f"{handled} handled, then broken off: {error.kind}")
            raise
        await self.acts.end(id_, by, act, f"{handled} handled, none left")
        return Redriven(handled, 0)

    async def done_before(self, id_: str, command: Command) -> Outcome[ParkedKey] | None:
        """The outcome of an operator's command that was done before under its key; None for a new one. StaleVersion
        where the key has changed since the operator read it."""
        return await self._store.done_before(id_, command)

    async def answered(self, id_: str, command: Command) -> Outcome[ParkedKey]:
        """Keep the answer to a command that is done; where another one under the same key was faster, its answer."""
        return await self._store.change(id_, command, Decision)

    async def _once_more(self, group: str, event: ParkedEvent) -> Failure | None:
        settle = self._settle.get(group)
        if settle is None:
            return Failure("no consumer", f"this service has no consumer {group} any more")
        try:
            record = event.record()
        except ValueError as error:
            return Failure("malformed", str(error))
        return await settle(record)

    async def _take_out(self, id_: str, event: ParkedEvent, act: Act) -> None:
        alive = act.model_copy(update={"stirred": self._clock.now()})

        def decide(state: ParkedKey | None) -> Decision[ParkedKey]:
            return Decision(None if state is None else state.without_first(event).with_act(alive))

        await self._store.change(id_, self._step(id_), decide)

    async def _note_failure(self, id_: str, event: ParkedEvent, failure: Failure) -> None:
        now = self._clock.now()

        def decide(state: ParkedKey | None) -> Decision[ParkedKey]:
            if state is None:
                return Decision(None)
            return Decision(state.with_first_failed(event, now, failure.reason, failure.error, failure.attempts))

        await self._store.change(id_, self._step(id_), decide)

    def _step(self, id_: str) -> Step:
        return Step(origin=Origin(actor=Actor(kind="system", id=self._service, role="system"), correlation_id=id_))


def lot_id(group: str, topic: str, key: str) -> str:
    """The id of a key's document; `key` as `shown` writes it."""
    return derived_id("parked", group, topic, key)
