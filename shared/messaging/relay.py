"""From the outboxes to Kafka: in order per document, side by side for different ones, removed only when confirmed.

An announcement is published by the process that wrote it; where two write one document, each waits for what the other
has announced before. What has waited for LEFT_BEHIND is taken over by one other process, since its own must have died.
A record lies on its topic twice only where a confirmation from Kafka was lost, where a process died between
confirmation and removal, or where one that lives took longer than that: overloaded, or without its Kafka or store.
First occurrences are in order all the same, and consumers leave repeats without effect. The clocks of replicas must
agree to within a second or two (`entente doctor` looks): one that is ahead takes over as much earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

import structlog

from shared.clock import Clock
from shared.errors import Away
from shared.ids import new_id
from shared.messaging.backoff import loop_time, pause
from shared.messaging.errors import Refused
from shared.messaging.flight import Flight, Place
from shared.messaging.measuring import Metrics
from shared.messaging.outbox import Entry, Snapshot, still_pending
from shared.messaging.outboxes import Outboxes
from shared.messaging.producer import Producer
from shared.messaging.refusals import Refusals
from shared.messaging.relay_policy import IDLE_TIMES, SWEPT, RelayPolicy
from shared.store import Documents
from shared.store.document import Document, to_ms
from shared.store.wording import worded

log = structlog.get_logger()


class Relay:
    """Publishes what the documents of `outboxes` announce. A collection that nudges is swept as well."""

    def __init__(
        self,
        producer: Producer,
        clock: Clock,
        metrics: Metrics,
        *,
        outboxes: Iterable[Documents] = (),
        policy: RelayPolicy | None = None,
    ) -> None:
        self._producer = producer
        self._clock = clock
        self._metrics = metrics
        self._policy = policy or RelayPolicy()
        self._outboxes = {documents.name: documents for documents in outboxes}
        self._flights: dict[Place, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._work = Outboxes(self._policy, metrics)
        self._slots = asyncio.Semaphore(self._policy.side_by_side)
        self._publishing: dict[Place, float] = {}
        self._refusals = Refusals(metrics, self._policy.refused)
        self._troubles: dict[Place, str] = {}
        self._broken: str | None = None
        self._closed = False
        self._me = new_id("relay")

    def watch(self, *outboxes: Documents) -> None:
        """Sweep these collections too."""
        self._outboxes.update({documents.name: documents for documents in outboxes})

    def nudge(self, documents: Documents, document: Document, announced: Collection[str]) -> None:
        """A document was just written with these announcements (event ids): publish them soon. Returns at once; only
        wakes the relay."""
        self._outboxes.setdefault(documents.name, documents)
        place = (documents.name, str(document["_id"]))
        if self._closed or place in self._refusals or self._work.has_settled(place, document["revision"]):
            return
        snapshot = Snapshot.of(document)
        flight = self._flights.get(place)
        if flight is None:
            self._launch(documents, place, snapshot, announced)
        else:
            flight.hand_over(snapshot, announced)

    def _launch(self, documents: Documents, place: Place, snapshot: Snapshot | None, own: Collection[str] = ()) -> bool:
        if len(self._flights) >= self._policy.waiting:
            return False
        flight = Flight(self._me, documents, place[1], snapshot, loop_time(), own)
        self._flights[place] = flight
        task = asyncio.get_running_loop().create_task(self._fly(place, flight))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _fly(self, place: Place, flight: Flight) -> None:
        waits = 0
        try:
            while not await self._carried(place, flight) and not self._closed:
                await asyncio.sleep(pause(self._policy.beside, waits))  # without a slot: it holds up no other document
                waits += 1
        except Exception:
            log.exception("relay.broken", collection=place[0], id=place[1])
            self._broken = f"{place[0]}/{place[1]} cannot be relayed"
            raise  # and stays among the flights: started over, it would publish everything again and again
        except asyncio.CancelledError:
            self._flights.pop(place, None)
            raise
        else:
            self._flights.pop(place, None)
        finally:
            self._forget(place)

    def _forget(self, place: Place) -> None:
        """Nothing of this document is on its way from here."""
        self._publishing.pop(place, None)
        self._troubles.pop(place, None)

    async def _carried(self, place: Place, flight: Flight) -> bool:
        """Publish and remove until nothing of ours is left, or until a refused entry; False where the announcement of
        another stands before ours."""
        async with self._slots:
            fresh = flight.newest is None or loop_time() - flight.since > self._policy.stale
            snapshot = await self._work.read(flight) if fresh else flight.take()
            attempt = 0
            while snapshot is not None:
                due = flight.due(snapshot)
                if not due:
                    if snapshot.entries[0].since <= (before := self._left_behind()):
                        snapshot = await self._work.take_over(flight, snapshot, before, to_ms(self._clock.now()))
                    elif (newer := flight.take_newer(snapshot.revision)) is not None:
                        snapshot = newer
                    else:
                        self._forget(place)
                        self._refusals.clear(place, [entry.event_id for entry in snapshot.entries])
                        return not any(flight.is_ours(entry) for entry in snapshot.entries)
                    continue
                until = loop_time() + self._policy.stale
                try:
                    confirmed = await self._publish(place, flight, due, until)
                except Refused:
                    if flight.published:
                        await self._work.remove_published(place, flight)
                    return True
                if not confirmed:
                    await asyncio.sleep(pause(self._policy.away, attempt))
                    attempt += 1
                    snapshot = await self._work.read(flight)
                    continue
                attempt = 0
                if still_pending(snapshot, flight.published) or loop_time() > until:
                    snapshot = await self._work.remove_published(place, flight)
                else:
                    snapshot = await self._work.empty(place, flight, snapshot)
            self._refusals.clear(place)
            return True

    async def _publish(self, place: Place, flight: Flight, due: Iterable[Entry], until: float) -> bool:
        """Publish what has not been, beginning none after `until`: another may have taken over the rest. False at the
        first that Kafka did not confirm, and nothing after it. Raises Refused at the first that Kafka will never
        confirm as it is."""
        for entry in due:
            if entry.event_id in flight.published:
                continue
            self._publishing.setdefault(place, loop_time())
            try:
                await self._producer.publish(entry.topic, key=entry.key, value=entry.value, headers=entry.headers)
            except Refused as error:
                self._publishing.pop(place, None)
                self._refusals.note(place, entry, error.reason, loop_time())
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is: nothing is dropped, it is tried again
                if not self._troubles:
                    log.warning("relay.waits", topic=entry.topic, why=worded(error))
                self._troubles[place] = worded(error)
                self._metrics.publish_retries.labels(collection=place[0]).inc()
                return False
            self._publishing.pop(place, None)
            self._troubles.clear()
            flight.published.add(entry.event_id)
            if loop_time() > until:
                break
        return True

    async def run(self) -> None:
        """Until cancelled: sweep, wait, sweep again. Goes on after any error."""
        count = 0
        while True:
            try:
                await self.sweep()
                if count % 5 == 0:
                    await self.measure()
            except Away as error:
                self._work.note_store_away(error)
            except Exception:
                log.exception("relay.sweep_failed")
            count += 1
            await asyncio.sleep(self._policy.every.total_seconds() * (1 if self._flights else IDLE_TIMES))

    async def sweep(self) -> int:
        """Find documents left behind by a crash, or by too many at once, and publish them; how many were found."""
        before, found = self._left_behind(), 0
        for name, documents in list(self._outboxes.items()):
            flying = sum(1 for place in self._flights if place[0] == name)
            if flying > SWEPT:
                continue
            left = await documents.pending(older_than_ms=before, limit=flying + self._refusals.count(name) + SWEPT)
            fresh = [id_ for document in left if (name, id_ := str(document["_id"])) not in self._refusals]
            for id_ in [*self._refusals.due(name, loop_time()), *fresh]:
                place = (name, id_)
                if not self._closed and place not in self._flights and self._launch(documents, place, None):
                    found += 1
        return found

    def _left_behind(self) -> int:
        """What was announced before (ms) and still waits has lost its process."""
        return to_ms(self._clock.now() - self._policy.left_behind)

    async def measure(self) -> None:
        """Set the gauges of outbox depth and age."""
        now = to_ms(self._clock.now())
        for name, documents in list(self._outboxes.items()):
            depth, oldest = await documents.pending_depth()
            self._metrics.outbox_depth.labels(collection=name).set(depth)
            self._metrics.outbox_oldest_seconds.labels(collection=name).set(max(0.0, (now - (oldest or now)) / 1000))

    async def check(self) -> str | None:
        """None while what is announced gets out; otherwise what Kafka said last, or how long it has been silent."""
        if self._broken is not None:
            return self._broken
        if (trouble := next(iter(self._troubles.values()), None)) is not None:
            return f"cannot publish: {trouble}"
        oldest = min(self._publishing.values(), default=None)
        if oldest is not None and (age := loop_time() - oldest) > self._policy.silent:
            return f"Kafka has not confirmed a record for {age:.0f} s"
        return None

    async def refused(self) -> str | None:
        """Which record Kafka refuses as it is; None where there is none. Everything else gets out all the same."""
        return self._refusals.check()

    async def drain(self, seconds: float) -> bool:
        """Take nothing more and wait for what is on its way; whether all of it got out within `seconds`. The rest
        stays in the outboxes and is published after the next start."""
        self._closed = True
        running = set(self._tasks)
        if not running:
            return True
        _, pending = await asyncio.wait(running, timeout=seconds)
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending, timeout=1.0)
        return not pending

    def open(self, *, opened: bool = True) -> None:
        """Take nudges (again), or none yet; the sweep finds what was announced meanwhile."""
        self._closed = not opened
