"""A consumer's own view made again from its topic: beside the live one, by the same handlers, then taken over.

Nothing of the live view is touched before the topic has been read to its end. Then each document moves by itself and
only forward. What follows from a change is looked for in every document of the view, changed or not: so the next call
makes up for whatever a rebuild left undone, however it ended.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Clock
from shared.contracts.envelope import Actor
from shared.errors import Problem, Refused
from shared.ids import new_id
from shared.messaging.event import ErasedKey, source_of
from shared.messaging.parking import ParkingLot
from shared.messaging.replay import ReadTopic
from shared.messaging.subscription import Subscription
from shared.runtime.replaying import replayed
from shared.store import Command, Decision, Documents, Kind, Origin, Outcome, Step, Store, Stored
from shared.store.document import Document, seen_of, to_ms
from shared.store.swapping import Taken, every, take_over
from shared.store.wording import worded
from shared.store.writing import answer_slot, blank


class Superseded(Exception):
    """This rebuild was not heard of for longer than its lease, and another has begun: it changes nothing further."""


LEASE = timedelta(seconds=15)
"""A rebuild not heard of for this long has ended with its process, and may be begun again."""
HEARTBEAT_SECONDS = 3.0
UNREADABLE_NAMED = 20
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class View:
    """One store that is made from one topic alone. `into` says how the live consumer writes, into another store of
    the same kind; nobody may be told anything by it. `settle` does what follows from how the document of an id stands;
    it is called for every document of the view after each rebuild, and does nothing where that was done before.
    A document has the id of the aggregate it knows of."""

    live: Store[Any]
    into: Callable[[Store[Any]], Subscription]
    settle: Callable[[str, Step], Awaitable[None]]

    @property
    def name(self) -> str:
        """The name operators call it by."""
        return self.live.kind.name


class Rebuild(BaseModel):
    """The latest rebuild of a view, as it is kept for whichever replica is asked."""

    model_config = ConfigDict(frozen=True)

    view: str
    state: Literal["running", "done", "failed", "interrupted"]
    step: Literal["reading", "taking over"] = "reading"
    by: str
    under: str = Field("", description="slot of the key of the command that began it; empty for none")
    lease_until: datetime
    started_at: datetime
    finished_at: datetime | None = None
    records: int = 0
    documents: int = 0
    differed: int = 0
    missing: int = 0
    erased: int = 0
    newer: int = 0
    discarded: int = 0
    unreadable: tuple[str, ...] = ()
    error: str = ""

    def lost(self, now: datetime) -> bool:
        """Whether it has ended with its process, or was never begun there."""
        return self.state == "running" and self.lease_until <= now


REBUILDS = Kind(name="rebuilds", aggregate="rebuild", model=Rebuild)


class Rebuilds:
    """Begins rebuilds and tells of them. One at a time per view, whatever the number of replicas."""

    name = "rebuilds"

    def __init__(
        self,
        service: str,
        views: Sequence[View],
        make: Callable[[str], Documents],
        read: ReadTopic,
        lot: ParkingLot,
        clock: Clock,
        answers_kept: timedelta = timedelta(hours=24),
    ) -> None:
        self._service = service
        self._views: Mapping[str, View] = {view.name: view for view in views}
        self._make = make
        self._read = read
        self._lot = lot
        self._clock = clock
        self.store = Store(REBUILDS, make(REBUILDS.name), clock, answers_kept=answers_kept)
        self._running: set[asyncio.Task[None]] = set()

    @property
    def names(self) -> Sequence[str]:
        """The views there are."""
        return tuple(self._views)

    async def start(self) -> None:
        """Nothing to prepare."""

    async def stop(self) -> None:
        """End what runs here; the live view stays as it is, and the next call begins again."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def begin(self, name: str, command: Command) -> Outcome[Rebuild]:
        """Begin in this process and return at once. Refused while one of this view runs, but for a repeat of the
        command that began it: answered as before, it begins again what was lost. KeyError for no view."""
        view, now = self._views[name], self._clock.now()
        under = "" if command.key is None else answer_slot(command)
        begun = Rebuild(
            view=name, state="running", by=new_id("reb"), under=under, lease_until=now + LEASE, started_at=now
        )
        left: set[str] = set()

        def decide(known: Rebuild | None) -> Decision[Rebuild]:
            left.update(() if known is None else (known.by,))
            if known is not None and known.state == "running" and not known.lost(now):
                raise Refused(
                    f"a rebuild of {name} has been running since {known.started_at:%H:%M:%S} UTC",
                    mend=f"GET /operations/rebuilds/{name} tells how far it is.",
                )
            return Decision(begun)

        outcome = await self.store.change(name, command, decide)
        if outcome.applied or await self._begun_again(begun, left):
            task = asyncio.create_task(self._guarded(view, begun.by, left), name=f"rebuild {name}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return outcome

    async def _begun_again(self, begun: Rebuild, left: set[str]) -> bool:
        """Begin the command's rebuild again where it was lost; whether that was so."""

        def decide(known: Rebuild | None) -> Decision[Rebuild]:
            if known is None or known.under != begun.under or not known.lost(begun.started_at):
                return Decision(known)
            left.add(known.by)
            return Decision(begun)

        outcome = await self.store.change(begun.view, self._step(begun.view), decide)
        return outcome.stored is not None and outcome.stored.state.by == begun.by

    async def latest(self, name: str) -> Stored[Rebuild] | None:
        """How the latest one stands; None where there has been none. KeyError for no view."""
        self._views[name]
        stored = await self.store.read(name)
        if stored is None or not stored.state.lost(self._clock.now()):
            return stored
        return replace(stored, state=stored.state.model_copy(update={"state": "interrupted"}))

    def _step(self, name: str) -> Step:
        actor = Actor(kind="system", id=self._service, role="system")
        return Step(origin=Origin(actor=actor, correlation_id=f"rebuild-{name}"))

    async def _guarded(self, view: View, by: str, left: Iterable[str]) -> None:
        try:
            async with self._alive(view.name, by):
                for earlier in left:
                    await self._beside(view, earlier).drop()
                told = await self._rebuild(view, by)
            await self._tell(view.name, by, state="done", finished_at=self._clock.now(), **told)
            log.info("view.rebuilt", view=view.name, **{k: v for k, v in told.items() if isinstance(v, int)})
        except Exception as error:
            log.exception("rebuild.failed", view=view.name)
            said = f"{error.title}: {error.detail}" if isinstance(error, Problem) else worded(error)
            with contextlib.suppress(Exception):
                await self._tell(view.name, by, state="failed", finished_at=self._clock.now(), error=said[:300])

    async def _tell(self, name: str, by: str, **changed: Any) -> None:
        def decide(known: Rebuild | None) -> Decision[Rebuild]:
            if known is None or known.by != by:
                raise Superseded(f"another rebuild of {name} has begun since")
            return Decision(known.model_copy(update={"lease_until": self._clock.now() + LEASE, **changed}))

        await self.store.change(name, self._step(name), decide)

    @contextlib.asynccontextmanager
    async def _alive(self, name: str, by: str) -> AsyncIterator[None]:
        async def beat() -> None:
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                with contextlib.suppress(Problem, Superseded):
                    await self._tell(name, by)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    def _beside(self, view: View, by: str) -> Documents:
        """The collection of one rebuild alone: one whose lease has passed may still be writing into its own."""
        return self._make(f"{view.name}_{by}")

    async def _rebuild(self, view: View, by: str) -> dict[str, Any]:
        side = self._beside(view, by)
        beside = Store(view.live.kind, side, self._clock)
        subscription = view.into(beside)
        topic = subscription.topic
        await side.ensure_indexes((), asked=frozenset())
        # what the live view knows is listed before the topic's end is asked for: all of it was published before that
        before = {
            row["_id"]: seen_of(row, source_of(topic, row["_id"]))
            async for page in every(view.live.documents)
            for row in page
        }
        told = await replayed(subscription, self._service, self._read, self._lot, self._clock)
        made = [row["_id"] async for page in every(side) for row in page]
        # ends here where another has begun since: it may have dropped what is listed
        await self._tell(view.name, by, step="taking over", records=told.records)
        counted, erased = Counter[Taken](), 0

        async def take(row: Document, erased_at: int | None) -> Taken:
            place, now = source_of(topic, row["_id"]), to_ms(self._clock.now())
            taken = await take_over(view.live.documents, row, place, now, erased_at=erased_at)
            counted[taken] += 1
            return taken

        async for page in every(side):
            for row in page:
                await take(row, None)
        absent = before.keys() - set(made) - told.untold
        for id_ in sorted(absent):
            erased += await take(await self._erased(id_, beside, subscription), before[id_]) is Taken.DIFFERED
        # unchanged ones too: an earlier rebuild may have changed them and ended before it came to this
        for id_ in sorted(before.keys() | set(made)):
            await view.settle(id_, self._step(view.name))
        await side.drop()
        return {
            "records": told.records,
            "documents": len(made) + len(absent),
            "differed": counted[Taken.DIFFERED] - erased,
            "missing": counted[Taken.MISSING],
            "erased": erased,
            "newer": counted[Taken.NEWER],
            "discarded": told.discarded,
            "unreadable": tuple(told.unreadable[:UNREADABLE_NAMED]),
        }

    async def _erased(self, id_: str, beside: Store[Any], subscription: Subscription) -> Document:
        """What a tombstone would leave of a document: the topic knows nothing of the aggregate (any more)."""
        erase = subscription.erases
        if erase is None:
            raise LookupError(f"{subscription.topic.name}: nothing there is ever erased, and {id_} is not on it")
        key = ErasedKey(id_, subscription.topic, self._service, {})
        await erase(key)
        return await beside.documents.get(id_) or blank(id_, key.cause(), self._clock.now())
