"""One notifications service with memory twins, a cast of people, and a way to let events happen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from services.notifications.application.stores import DELIVERIES
from services.notifications.domain.delivery import Delivery
from services.notifications.entrypoints.sender import DeliverySender
from services.notifications.main import build
from services.notifications.settings import NotificationsSettings
from shared.clock import ManualClock
from shared.contracts.catalogue import contract_of
from shared.contracts.envelope import EventData
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.topics import CONTACTS, Topic
from shared.runtime.assembly import Replaced
from shared.store import MemoryDocuments, Stored
from tests.support.eventually import eventually
from tests.support.memory_bus import MemoryBus
from tests.support.memory_mailer import MemoryMailer
from tests.support.notified_events import AT
from tests.support.tokens import ISSUER, StaticKeys, TestIssuer
from tests.support.topic_in_memory import TopicInMemory


def staff(id_: str, *functions: str, languages: tuple[str, ...] = ("en",)) -> ContactRecorded:
    """Somebody of the facility."""
    return _contact(id_, "staff", functions=functions, languages=languages)


def partner(id_: str, institution_id: str, *functions: str, languages: tuple[str, ...] = ("en",)) -> ContactRecorded:
    """Somebody at an institution."""
    return _contact(id_, "institution_contact", functions=functions, institution_id=institution_id, languages=languages)


def delegation(id_: str, *countries: str) -> ContactRecorded:
    """The mailbox of an EU Delegation."""
    return _contact(id_, "delegation", functions=("eu_delegation",), countries=countries)


def expert(id_: str, *, languages: tuple[str, ...] = ("en",)) -> ContactRecorded:
    """An expert."""
    return _contact(id_, "expert", functions=("expert",), languages=languages)


def _contact(id_: str, kind: str, **fields: Any) -> ContactRecorded:
    said = {"contact_id": id_, "kind": kind, "name": f"Sample {id_}", "email": f"{id_}@people.example", **fields}
    return ContactRecorded.model_validate(said)


CAST = (
    partner("per_focal", "ins_1", "focal_point"),
    partner("per_sign", "ins_1", "signatory"),
    partner("per_colleague", "ins_1", "focal_point", "signatory", "supervisor"),
    partner("per_elsewhere", "ins_2", "focal_point", "signatory", "supervisor"),
    partner("per_supervisor", "ins_employer", "supervisor"),
    partner("per_employer_focal", "ins_employer", "focal_point"),
    staff("per_desk", "desk"),
    staff("per_manager", "manager"),
    staff("per_pool", "pool_manager"),
    staff("per_adviser", "adviser"),
    staff("per_logistics", "logistics"),
    staff("per_communication", "communication"),
    delegation("del_ng", "NG", "BJ"),
    delegation("del_dj", "DJ"),
    expert("exp_1"),
    expert("exp_2"),
    expert("exp_3"),
)
"""Everybody who may be told, and somebody next to each of them who must not be."""


class World:
    """The service and everything around it."""

    def __init__(self, *, beside: World | None = None, **settings: Any) -> None:
        """`beside`: another replica, which shares clock, documents and mail server with that one."""
        self.clock: ManualClock = beside.clock if beside else ManualClock(AT)
        self.mailer: MemoryMailer = beside.mailer if beside else MemoryMailer()
        self.documents: dict[str, MemoryDocuments] = beside.documents if beside else {}
        self.issuer = TestIssuer()
        given = {"kafka": ["kafka:9092"], "mongodb": "mongodb://store", "issuer": ISSUER, **settings}
        self.settings = NotificationsSettings(**given)
        keys = StaticKeys(self.issuer.jwks())
        self.reading = TopicInMemory(lambda: self.bus)
        replaced = Replaced(
            clock=self.clock, documents=self._documents, keys=keys, kafka=False, read_topic=self.reading
        )
        self.service = build(self.settings, replaced, mailer=self.mailer)
        self.bus = MemoryBus([self.service])

    def _documents(self, name: str) -> MemoryDocuments:
        return self.documents.setdefault(name, MemoryDocuments(name))

    @property
    def sender(self) -> DeliverySender:
        return next(part for part in self.service.parts if isinstance(part, DeliverySender))

    async def recorded(self, *contacts: ContactRecorded) -> None:
        """These people can be reached now."""
        for contact in contacts:
            await self.happens(contact)

    async def erased(self, contact_id: str) -> None:
        """A tombstone for this person."""
        self.bus.erase(CONTACTS.name, contact_id)
        await self.bus.deliver()

    async def happens(self, data: EventData, *, sequence: int | None = None) -> str:
        """Let an event come in from its topic; its id. The same sequence again is the same event again."""
        key = _key(data, contract_of(type(data)).topic)
        envelope = self.bus.announce(data, key, at=self.clock.now(), sequence=sequence)
        await self.bus.deliver()
        return envelope.event_id

    async def deliveries(self, **keys: str) -> list[Delivery]:
        """Deliveries as they stand, those whose keys match."""
        return [stored.state for stored in await self.stored(**keys)]

    async def stored(self, **keys: str) -> list[Stored[Delivery]]:
        """The same with what the store says of them."""
        return list((await self.service.stores[DELIVERIES.name].find(keys, limit=1000)).items)

    async def told(self, event_id: str) -> set[tuple[str, str]]:
        """(recipient, channel) of every delivery of an event."""
        return {(d.recipient, d.channel) for d in await self.deliveries(event_id=event_id)}

    async def settled(self) -> None:
        """Return when the sender has nothing in hand."""
        await eventually(lambda: not self.sender.busy, what="the sender to be done")

    async def later(self, by: timedelta) -> None:
        """Time passes, what is due fires, and the sender ends what it has been woken for."""
        self.clock.advance(by)
        assert self.service.deadlines is not None
        await self.service.deadlines.fire_due()
        await self.settled()

    def mails_to(self, contact_id: str) -> list[str]:
        """Subjects of the mails to this person."""
        return [mail.text.subject for mail in self.mailer.mails if mail.to_address == f"{contact_id}@people.example"]

    def headers(self, role: str = "officer", subject: str = "per_officer", **claims: Any) -> dict[str, str]:
        """The Authorization header of somebody in a role, valid at the world's clock."""
        now = int(self.clock.now().timestamp())
        return self.issuer.headers(role, subject, iat=now, exp=now + 3600, **claims)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Calls over HTTP, without a network."""
        transport = httpx.ASGITransport(self.service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://notifications.test") as client:
            yield client


def _key(data: EventData, topic: Topic) -> str:
    own = {"terms_of_reference": "tor_id", "search": "search_id"}.get(topic.aggregate, f"{topic.aggregate}_id")
    return str(getattr(data, own))


@asynccontextmanager
async def running(*, beside: World | None = None, **settings: Any) -> AsyncIterator[World]:
    """A world whose sender is at work."""
    world = World(beside=beside, **settings)
    await world.sender.start()
    try:
        yield world
    finally:
        await world.sender.stop()
