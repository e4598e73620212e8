"""What this service listens to: one subscription per topic, in consumer groups of their own.

Each group is `notifications.<concern>`, so that a parked event of one concern holds up no other. Which events tell
somebody something, and why the others tell nobody, stands in `domain/catalogue.py`; here it meets the topics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.notifications.application.forget_contact import ForgetContact
from services.notifications.application.record_contact import RecordContact
from services.notifications.application.remember_case import RememberCase
from services.notifications.application.tell import Tell
from services.notifications.domain.case import Case
from services.notifications.domain.catalogue import CATALOGUE, Row, ToldNone
from services.notifications.domain.contact import Contact
from services.notifications.domain.notice import Notice
from shared.contracts import topics
from shared.contracts.catalogue import contracts_on
from shared.contracts.envelope import EventData
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.requests import RequestSubmitted
from shared.contracts.topics import Topic
from shared.messaging.event import ErasedKey, Event
from shared.messaging.subscription import Handler, Subscription

TELLING: dict[str, Topic] = {
    "institutions": topics.INSTITUTIONS,
    "experts": topics.EXPERTS,
    "requests": topics.REQUESTS,
    "actions": topics.ACTIONS,
    "terms": topics.TERMS_OF_REFERENCE,
    "searches": topics.SEARCHES,
    "positions": topics.POSITIONS,
    "teams": topics.TEAMS,
}
"""Concern -> topic, where events are told. The contacts come beside them."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Translates events into calls of the use cases."""

    tell: Tell
    record_contact: RecordContact
    forget_contact: ForgetContact
    remember_case: RememberCase

    def subscriptions(self) -> list[Subscription]:
        """One per topic."""
        contacts = contacts_from(self.record_contact, self.forget_contact)
        return [contacts, *(self._telling(concern, topic) for concern, topic in TELLING.items())]

    def _telling(self, concern: str, topic: Topic) -> Subscription:
        handles: dict[type[EventData], Handler] = {}
        passes_over: dict[type[EventData], str] = {}
        for contract in contracts_on(topic):
            entry = CATALOGUE[contract.model]
            if isinstance(entry, ToldNone):
                passes_over[contract.model] = entry.reason
            else:
                handles[contract.model] = self.on_submission if contract.model is RequestSubmitted else self.on_event
        advances = self.on_other if handles else None
        return Subscription(concern=concern, topic=topic, handles=handles, passes_over=passes_over, advances=advances)

    async def on_other(self, event: Event[Any]) -> None:
        """Nobody is told of this one; the next one of the aggregate is no gap."""
        await self.tell(None, event.cause())

    async def on_event(self, event: Event[Any]) -> None:
        """Tell those concerned; of a state that is only said again, nobody."""
        if event.envelope.restated:
            await self.on_other(event)
            return
        row = CATALOGUE[type(event.data)]
        assert isinstance(row, Row)
        notice = Notice(
            event_id=event.envelope.event_id,
            event_type=event.envelope.type,
            occurred_at=event.envelope.occurred_at,
            content=event.data.model_dump(mode="json"),
            row=row,
        )
        await self.tell(notice, event.cause())

    async def on_submission(self, event: Event[RequestSubmitted]) -> None:
        """Send the receipts, then remember whom the request named."""
        await self.on_event(event)
        data = event.data
        case = Case(
            request_id=data.request_id,
            reference=data.reference,
            institution_id=data.institution_id,
            focal_point_id=data.focal_point_id,
            signatory_id=data.signatory_id,
        )
        await self.remember_case(case, event.cause())


def contacts_from(record: RecordContact, forget: ForgetContact) -> Subscription:
    """How contacts are kept, by these two use cases: in the live view, or in one that is made beside it."""

    async def on_contact(event: Event[ContactRecorded]) -> None:
        data = event.data
        contact = Contact(
            contact_id=data.contact_id,
            kind=data.kind,
            name=data.name,
            email=data.email,
            languages=data.languages,
            functions=data.functions,
            institution_id=data.institution_id,
            countries=data.countries,
            active=data.active,
        )
        await record(contact, event.cause())

    async def on_erasure(key: ErasedKey) -> None:
        await forget(str(key), key.cause())

    return Subscription(
        concern="contacts", topic=topics.CONTACTS, handles={ContactRecorded: on_contact}, erases=on_erasure
    )
