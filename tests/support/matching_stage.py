"""Matching in memory: documents, clock and bus, and its event handlers alone where nobody calls over HTTP."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.entrypoints.events import EventHandlers
from services.matching.main import policy_from
from services.matching.settings import MatchingSettings
from shared.clock import ManualClock
from shared.contracts import topics
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.topics import Topic
from shared.messaging.subscription import Subscription
from shared.store import MemoryDocuments, Store
from tests.support import matching_events as say
from tests.support.intercepted_documents import Intercepted
from tests.support.memory_bus import MemoryBus

ISSUER = "http://issuer.test"
_KEYS = {
    "experts": "expert_id",
    "institutions": "institution_id",
    "requests": "request_id",
    "terms_of_reference": "tor_id",
}  # fmt: skip

Hook = Callable[[str, str], Awaitable[None]]


def settings(**given: Any) -> MatchingSettings:
    """Settings of a service that reaches nothing."""
    base: dict[str, Any] = {
        "kafka": ["127.0.0.1:1"], "mongodb": "mongodb://127.0.0.1:1", "database": "matching", "issuer": ISSUER,
    }  # fmt: skip
    return MatchingSettings(**(base | given))


@dataclass(frozen=True)
class Handlers:
    """The part of the service that hears events."""

    name: str
    stores: Mapping[str, Store[Any]]
    subscriptions: Sequence[Subscription]


class Stage:
    """Matching as it hears events, with documents in memory. `before` and `after` are called around each write to a
    document, with the operation and the id, and may raise in its place."""

    def __init__(
        self, *, start: datetime = say.START, kept: Mapping[str, MemoryDocuments] | None = None, **given: Any
    ) -> None:
        self.clock = ManualClock(start)
        self.kept: dict[str, MemoryDocuments] = dict(kept or {})
        self.before: Hook | None = None
        self.after: Hook | None = None
        self.given = given
        self.bus = MemoryBus([self._made()])

    def _made(self) -> Any:
        told, made = settings(**self.given), dict[str, Store[Any]]()

        def store(kind: Any) -> Store[Any]:
            made[kind.name] = Store(kind, self._documents(kind.name), self.clock)
            return made[kind.name]

        stores = Stores.made_by(store)
        policy = policy_from(told)
        handlers = EventHandlers(stores, Roster(stores, self.clock), policy, told.offer_times, self.clock)
        return Handlers("matching", made, handlers.subscriptions())

    def _documents(self, name: str) -> Intercepted:
        kept = self.kept.setdefault(name, MemoryDocuments(name))
        return Intercepted(kept, before=self._before, after=self._after)

    async def _before(self, operation: str, id_: str) -> None:
        if self.before is not None and operation in ("insert", "replace"):
            await self.before(operation, id_)

    async def _after(self, operation: str, id_: str) -> None:
        if self.after is not None and operation in ("insert", "replace"):
            await self.after(operation, id_)

    def restarted(self, as_a: type[W], **given: Any) -> W:
        """A new process over a copy of what is stored and of the topics, at the same time; this one stays as it is.
        `given`: settings that are others from then on."""
        return self._another(as_a, copy.deepcopy(self.kept), **given)

    def beside(self) -> Stage:
        """Another process over the same documents, as far on the topics as this one."""
        return self._another(Stage, self.kept)

    def _another(self, as_a: type[W], kept: Mapping[str, MemoryDocuments], **given: Any) -> W:
        other = as_a(start=self.clock.now(), kept=kept, **{**self.given, **given})
        other.bus.topics = copy.deepcopy(self.bus.topics)
        other.bus._sequences = copy.deepcopy(self.bus._sequences)
        for new, old in zip(other.bus.listeners, self.bus.listeners, strict=True):
            new.read = old.read
        return other

    def tell(self, *events: EventData, sequence: int | None = None) -> list[Envelope]:
        """Put events on their topics in the name of registration; `hear` or `settle` brings them here."""
        return [self._told(event, sequence) for event in events]

    def _told(self, event: EventData, sequence: int | None) -> Envelope:
        topic = type(event).__module__.rpartition(".")[2]
        key: str = getattr(event, _KEYS[topic])
        return self.bus.announce(event, key, at=self.clock.now(), sequence=sequence)

    async def hear(self, *events: EventData) -> None:
        """Say and settle."""
        self.tell(*events)
        await self.bus.settle()

    async def settle(self) -> None:
        """Until matching has nothing more to say to itself."""
        await self.bus.settle()

    def types(self, topic: Topic, key: str | None = None) -> list[str]:
        """Types of the events on a topic, in order."""
        return self.bus.types(topic.name, key)

    def data(self, topic: Topic, type_: str, key: str | None = None) -> list[dict[str, Any]]:
        """Content of the events of one type, in order."""
        return [e.data for e in self.bus.said(topic.name, key) if e.type == type_]

    async def everything(self) -> dict[str, Any]:
        """All that is stored, by collection and id, and all that was said, by topic and key; without what a repeated
        step may change: revisions, and the trace of the one call among several that came through."""
        found: dict[str, Any] = {
            f"{name}/{row['_id']}": (row["state"], row["version"], row["seen"], row["deadlines"], len(row["outbox"]))
            for name, documents in sorted(self.kept.items())
            for row in await documents.changed_since(0, 10_000)
        }
        for topic in topics.TOPICS.values():
            for envelope in self.bus.said(topic.name):
                told = envelope.model_dump(mode="json", exclude={"traceparent"})
                found.setdefault(f"{topic.name}/{envelope.aggregate.id}", []).append(told)
        return found


W = TypeVar("W", bound=Stage)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Where two results of `everything` differ."""
    return {k: (one.get(k), other.get(k)) for k in one.keys() | other.keys() if one.get(k) != other.get(k)}
