"""The outboxes as a relay works on them: read, taken over from a dead process, emptied of what Kafka has confirmed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import takewhile

import structlog

from shared.messaging.backoff import pause
from shared.messaging.flight import Flight, Place
from shared.messaging.measuring import Metrics
from shared.messaging.outbox import Snapshot, still_pending, taken_over, without
from shared.messaging.relay_policy import ENTRIES_BEFORE_REMOVAL, RelayPolicy
from shared.store.document import Document
from shared.store.wording import worded

log = structlog.get_logger()


class Outboxes:
    """Reads and removals are tried for as long as the store is away: only this process knows what it has published."""

    def __init__(self, policy: RelayPolicy, metrics: Metrics) -> None:
        self._policy = policy
        self._metrics = metrics
        self._settled: OrderedDict[Place, int] = OrderedDict()

    def has_settled(self, place: Place, revision: int) -> bool:
        """Whether everything up to this revision is published and removed."""
        return revision <= self._settled.get(place, -1)

    async def read(self, flight: Flight) -> Snapshot | None:
        """The document as it stands now; None where nothing is to be published."""
        flight.take()
        document = await self._stored(flight)
        if document is not None and document["outbox"]:
            return Snapshot.of(document)
        return flight.take_newer(document["revision"] if document is not None else -1)

    async def _stored(self, flight: Flight) -> Document | None:
        """The document as it is stored now; None where there is none. Asked for until the store answers."""
        attempt = 0
        while True:
            try:
                return await flight.documents.get(flight.id)
            except Exception as error:  # noqa: BLE001 - as below
                self.note_store_away(error)
                await asyncio.sleep(pause(self._policy.away, attempt))
                attempt += 1

    async def take_over(self, flight: Flight, snapshot: Snapshot, left_behind: int, now: int) -> Snapshot | None:
        """Make what stands first there the flight's relay's, where it has waited since before `left_behind`; of several
        relays that find it, one succeeds. What is to be published next, or None. Instants in ms since 1970."""
        document = await self._stored(flight)
        if document is not None and document["revision"] == snapshot.revision:
            ids = [entry.event_id for entry in takewhile(lambda entry: entry.since <= left_behind, snapshot.entries)]
            taken = taken_over(document, ids, flight.relay, now)
            try:
                if await flight.documents.replace(taken, document["revision"]):
                    return Snapshot.of(taken)
            except Exception as error:  # noqa: BLE001 - whether it was written or not: the next read tells
                self.note_store_away(error)
                await asyncio.sleep(pause(self._policy.away, 0))
        return await self.read(flight)

    async def empty(self, place: Place, flight: Flight, snapshot: Snapshot) -> Snapshot | None:
        """Take out what is published, which is everything in this snapshot, or put that off where more is waiting; what
        is to be published next, or None when nothing is."""
        revision, newest = snapshot.revision, flight.take()
        if newest is not None and newest.revision > revision:
            if not still_pending(newest, flight.published):
                revision = newest.revision
            elif len(newest.entries) < ENTRIES_BEFORE_REMOVAL:
                return newest
        return await self._until_removed(place, flight, revision)

    async def remove_published(self, place: Place, flight: Flight) -> Snapshot | None:
        """Take out what is published and leave the rest, so that whoever wrote that can go on; what remains."""
        document = await self._stored(flight)
        if document is None or not document["outbox"]:
            return self._settle(place, flight, document["revision"] if document else 0)
        return await self._until_removed(place, flight, document["revision"], document)

    async def _until_removed(
        self, place: Place, flight: Flight, revision: int, document: Document | None = None
    ) -> Snapshot | None:
        """Take it out, whatever was written since; what remains. `document` is the one of that revision,
        needed where not everything in it is published."""
        attempt = 0
        while True:
            try:
                if document is None or not (rest := still_pending(Snapshot.of(document), flight.published)):
                    if await flight.documents.confirm(flight.id, revision):
                        return self._settle(place, flight, revision + 1)
                elif len(rest) == len(document["outbox"]):
                    return Snapshot.of(document)
                elif await flight.documents.replace(without(document, flight.published), revision):
                    return Snapshot(revision + 1, tuple(rest))
                document = await flight.documents.get(flight.id)
            except Exception as error:  # noqa: BLE001 - what is published is known here only: it must be removed here
                self.note_store_away(error)
                await asyncio.sleep(pause(self._policy.away, attempt))
                attempt += 1
                document = await self._stored(flight)
            if document is None or not document["outbox"]:
                return self._settle(place, flight, document["revision"] if document else revision)
            revision = document["revision"]

    def _settle(self, place: Place, flight: Flight, revision: int) -> Snapshot | None:
        """Everything up to `revision` is published and removed: go on only with what was written after it."""
        self._settled[place] = revision
        self._settled.move_to_end(place)
        if len(self._settled) > 10 * self._policy.waiting:
            self._settled.popitem(last=False)
        return flight.take_newer(revision)

    def note_store_away(self, error: Exception) -> None:
        """Count one attempt that the store did not answer (metric `store_away`, where "relay"), and log why."""
        self._metrics.store_away.labels(where="relay").inc()
        log.warning("relay.store_away", why=worded(error))
