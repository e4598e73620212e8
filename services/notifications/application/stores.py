"""What notifications stores: one kind of document per aggregate, and by which keys it is found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from services.notifications.domain.case import Case
from services.notifications.domain.contact import Contact
from services.notifications.domain.delivery import PUT_OFF, Delivery, State, is_long_put_off
from services.notifications.domain.retries import Retries
from shared.store import Kind, Store
from shared.store.document import Key

RETRY, LOOK_AGAIN = "retry", "look_again"


def _contact_keys(contact: Contact) -> Mapping[str, Key]:
    return {
        "functions": contact.functions,
        "institution_id": contact.institution_id,
        "countries": contact.countries,
        "kind": contact.kind,
        "active": int(contact.active),
        "holds": tuple(holder.reference for holder in contact.holds),
    }


def _delivery_keys(delivery: Delivery) -> Mapping[str, Key]:
    return {
        "state": delivery.state.value,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "event_id": delivery.event_id,
        "type": delivery.type,
        "waiting_for": delivery.waiting_for or (PUT_OFF if is_long_put_off(delivery) else None),
    }


def _delivery_deadlines(delivery: Delivery) -> Mapping[str, datetime]:
    if delivery.due_at is None:
        return {}
    return {RETRY if delivery.state is State.QUEUED else LOOK_AGAIN: delivery.due_at}


MakeStore = Callable[[Kind[Any]], Store[Any]]

SEVERAL = frozenset({"functions", "countries", "holds"})
CONTACTS = Kind(
    name="contacts",
    aggregate="contact",
    model=Contact,
    keys=_contact_keys,
    several=SEVERAL,
    announces=False,
    answers=False,
)
CASES = Kind(name="cases", aggregate="case", model=Case, announces=False, answers=False)
DELIVERIES = Kind(
    name="deliveries",
    aggregate="delivery",
    model=Delivery,
    keys=_delivery_keys,
    deadlines=_delivery_deadlines,
    announces=False,
)


class Told(BaseModel):
    """Nothing: how far an aggregate's events have been told is the guard of the document itself."""


TOLD = Kind(name="told", aggregate="told", model=Told, announces=False, answers=False)
RETRIES = Kind(name="retries", aggregate="retries", model=Retries, announces=False)

INDEXED: dict[str, tuple[str, ...]] = {
    "contacts": ("holds",),
    "cases": (),
    "deliveries": ("state", "recipient", "event_id", "waiting_for"),
    "told": (),
    "retries": (),
}
"""Keys that lists are searched by, per kind: those the path of a notice asks for, and those that pick few of many."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of this service."""

    contacts: Store[Contact]
    cases: Store[Case]
    deliveries: Store[Delivery]
    told: Store[Told]
    retries: Store[Retries]

    @classmethod
    def made_by(cls, make: MakeStore) -> Stores:
        """One store per kind."""
        return cls(
            contacts=make(CONTACTS),
            cases=make(CASES),
            deliveries=make(DELIVERIES),
            told=make(TOLD),
            retries=make(RETRIES),
        )
