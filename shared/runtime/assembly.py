"""What every service is put together from, once: clock, database, relay, messaging, identity, health, HTTP.

A service's own `build` makes an Assembly, asks it for its stores, and hands it routers, subscriptions and alarms.
Every part can be replaced by the caller: component tests give documents in memory and keys of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel

from shared.clock import Clock, SystemClock
from shared.messaging.parked import PARKED
from shared.messaging.parking import SEARCHED_BY
from shared.messaging.part import Messaging
from shared.messaging.replay import ReadTopic, reader_of
from shared.messaging.subscription import Subscription
from shared.runtime.background import Database, Shown, Task, measure_checks, measure_deadlines, measure_work
from shared.runtime.health import Checks
from shared.runtime.http.app import create_app
from shared.runtime.identity import TokenVerifier
from shared.runtime.jwks import JwksKeys, KeySource
from shared.runtime.metrics import Metrics
from shared.runtime.operations import operations_router
from shared.runtime.process import Part, Service
from shared.runtime.rebuilding import Rebuilds, View
from shared.runtime.rebuilds import rebuilds_router
from shared.runtime.republishing import republishing_router
from shared.runtime.settings import Settings
from shared.runtime.setup import Announces, Consumes, Index, Setup, setup_router
from shared.store import Alarm, Announced, Deadlines, Documents, Forgetting, Kind, MongoDocuments, Store
from shared.store.client import connect
from shared.store.document import ALL_ASKED
from shared.store.indexes import indexes
from shared.store.unmarked import Unmarked

S = TypeVar("S", bound=BaseModel)
MakeDocuments = Callable[[str], Documents]


@dataclass(frozen=True, slots=True)
class Replaced:
    """Parts a caller brings; what is None is made from the settings. Without `kafka` nothing consumes or publishes:
    announcements stay in the outboxes, where a test finds them."""

    clock: Clock | None = None
    documents: MakeDocuments | None = None
    keys: KeySource | None = None
    kafka: bool = True
    read_topic: ReadTopic | None = None


@dataclass(slots=True)
class BuiltService(Service):
    """A service with its insides visible, for those who test or measure it."""

    stores: Mapping[str, Store[Any]] = field(default_factory=dict)
    subscriptions: Sequence[Subscription] = ()
    deadlines: Deadlines | None = None
    forgetting: Forgetting | None = None
    messaging: Messaging | None = None


class Assembly:
    """The parts of one service, made from its settings. Nothing connects before the service is run."""

    def __init__(self, name: str, settings: Settings, replaced: Replaced | None = None) -> None:
        replaced = replaced or Replaced()
        self.name = name
        self.settings = settings
        self.clock: Clock = replaced.clock or SystemClock()
        self.metrics = Metrics()
        self.checks = Checks()
        self._answers_kept = timedelta(hours=settings.idempotency_hours)
        self._client: Any = None
        self.documents: MakeDocuments = replaced.documents or self._mongo()
        keys = replaced.keys or JwksKeys(settings.issuer)
        self.verifier = TokenVerifier(settings.issuer, settings.audience, keys, self.clock)
        self._kafka = replaced.kafka
        self._read_topic = replaced.read_topic
        self.messaging = Messaging.of(settings, name, self.documents("parked"), self.clock, metrics=self.metrics)
        self._stores: dict[str, Store[Any]] = {}
        self._indexed: list[tuple[Store[Any], Sequence[str]]] = []
        self._shown: list[Shown] = []

    def _mongo(self) -> MakeDocuments:
        settings = self.settings
        uri = settings.mongodb.get_secret_value()
        self._client = connect(uri, driver=settings.mongodb_driver, timeout_ms=settings.store_timeout_ms)
        database = self._client[settings.database]
        unmarked = Unmarked(database)
        return lambda collection: MongoDocuments(database[collection], unmarked)

    def store(self, kind: Kind[S], *, indexed: Sequence[str] = ()) -> Store[S]:
        """The store of one kind; what it announces is published. `indexed` names the keys it is searched by."""
        documents = self.documents(kind.name)
        made = Store(
            kind,
            documents,
            self.clock,
            on_announced=self.messaging.relay.nudge if self._kafka else None,
            answers_kept=self._answers_kept,
        )
        if kind.announces:
            self.messaging.relay.watch(documents)
        self._stores[kind.name] = made
        self._indexed.append((made, indexed))
        return made

    def shows(self, store: Store[Any], key: str, states: Sequence[str]) -> None:
        """Tell how many aggregates stand in each of these states of an indexed key: work that waits for somebody."""
        for state in states:
            gauge = self.metrics.open_work.labels(collection=store.kind.name, state=state)
            self._shown.append(Shown(store.documents, {key: state}, gauge))

    def _shows_parked(self, subscriptions: Sequence[Subscription]) -> None:
        for subscription in subscriptions:
            place = {"group": subscription.group(self.name), "topic": subscription.topic.name}
            gauge = self.metrics.parked_keys.labels(**place)
            self._shown.append(Shown(self.messaging.lot.documents, {**place, "waiting": 1}, gauge))

    def _setup(self, subscriptions: Sequence[Subscription], announced: Sequence[Announced]) -> Setup:
        made = [(store.kind.name, indexes(keys, store.kind.asked)) for store, keys in self._indexed]
        made.append((PARKED.name, indexes(SEARCHED_BY, ALL_ASKED)))
        return Setup(
            service=self.name,
            settings=self.settings.shown(),
            indexes=[Index(collection=name, fields=fields) for name, all_ in made for fields in all_],
            consumes=[Consumes(group=heard.group(self.name), topic=heard.topic.name) for heard in subscriptions],
            announces=[
                Announces(collection=a.store.kind.name, topic=topic.name) for a in announced for topic in a.topics
            ],
        )

    def service(
        self,
        description: str,
        *,
        routers: Sequence[APIRouter],
        subscriptions: Sequence[Subscription],
        alarms: Sequence[Alarm] = (),
        parts: Sequence[Part] = (),
        checks: Mapping[str, Any] | None = None,
        announced: Sequence[Announced] = (),
        views: Sequence[View] = (),
        tags: Sequence[dict[str, Any]] = (),
    ) -> BuiltService:
        """The service: HTTP with its routers, consumers for its subscriptions, deadlines for its alarms. `announced`
        says what an operator may have announced again, `views` what may be made again from its topic, `tags` explains
        the groups of the interface in the order they are shown, before health and operations."""
        database = Database(self._indexed, self._client)
        deadlines = Deadlines(self.name, alarms, self.clock)
        all_parts: list[Part] = [database, *parts]
        self.checks.add("store", database.check)
        for name, check in (checks or {}).items():
            self.checks.add(name, check)
        if alarms:
            measured = Task("measure-deadlines", lambda: measure_deadlines(deadlines, self.metrics, self.name))
            all_parts += [Task("deadlines", deadlines.run), measured]
        if self._kafka:
            self.messaging.listen(*subscriptions)
            self._shows_parked(subscriptions)
            all_parts.append(self.messaging)
            for name, consuming in self.messaging.checks().items():
                self.checks.add(name, consuming)
            for name, reading in self.messaging.told().items():
                self.checks.add(name, reading, gates=False)
        stores = [*self._stores.values(), self.messaging.lot.store]
        operating = [operations_router(self.messaging.parked), setup_router(self._setup(subscriptions, announced))]
        if announced:
            operating.append(republishing_router(announced))
        if views:
            read = self._read_topic or reader_of(self.messaging.options)
            lot = self.messaging.lot
            rebuilds = Rebuilds(self.name, views, self.documents, read, lot, self.clock, self._answers_kept)
            all_parts.append(rebuilds)
            stores.append(rebuilds.store)
            operating.append(rebuilds_router(rebuilds))
        forgetting = Forgetting(stores)
        all_parts.append(Task("forgetting", forgetting.run))
        if self._shown:
            all_parts.append(Task("measure-work", lambda: measure_work(self._shown)))
        all_parts.append(Task("measure-checks", lambda: measure_checks(self.checks, self.metrics)))
        for part in all_parts:
            if isinstance(part, Task):
                self.checks.add(part.name, part.check)
        app = create_app(
            self.name,
            description,
            self.settings,
            self.metrics,
            self.checks,
            verifier=self.verifier,
            routers=[*routers, *operating],
            tags=tags,
        )
        return BuiltService(
            name=self.name,
            app=app,
            settings=self.settings,
            parts=all_parts,
            checks=self.checks,
            stores=self._stores,
            subscriptions=subscriptions,
            deadlines=deadlines,
            forgetting=forgetting,
            messaging=self.messaging,
        )
