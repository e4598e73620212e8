"""Puts the service together. Nothing is created at import and nothing connects before the service is run."""

from __future__ import annotations

from typing import Any

from services.registration.application.announced import announced
from services.registration.application.number_requests import References
from services.registration.application.office import Office
from services.registration.application.stores import INDEXED, Stores
from services.registration.application.switch_reachability import switch_contact, switch_staff
from services.registration.entrypoints.events import subscriptions
from services.registration.entrypoints.http import TAGS, routers
from services.registration.settings import RegistrationSettings
from shared.runtime.assembly import Assembly, BuiltService, Replaced
from shared.store import Alarm, DeadlinePassed, Kind, Store

DESCRIPTION = (
    "Institutions, experts, contacts and requests for assistance: who is there and what is asked. "
    "Writes are durable before they are answered; what follows from them is announced as events."
)


def build(settings: RegistrationSettings, replaced: Replaced | None = None) -> BuiltService:
    """The registration service; `replaced` names parts the caller brings instead of those of the settings."""
    assembly = Assembly("registration", settings, replaced)

    def make(kind: Kind[Any]) -> Store[Any]:
        return assembly.store(kind, indexed=INDEXED[kind.name])

    stores = Stores.made_by(make)
    office = Office(
        stores=stores,
        clock=assembly.clock,
        policy=settings.policy,
        references=References(stores.series, settings.reference_block),
    )
    assembly.shows(stores.requests, "status", ("submitted",))
    assembly.shows(stores.institutions, "status", ("verification_pending",))
    assembly.shows(stores.experts, "status", ("submitted",))
    return assembly.service(
        DESCRIPTION,
        routers=routers(office),
        subscriptions=subscriptions(office),
        alarms=_alarms(office),
        announced=announced(office),
        tags=TAGS,
    )


def _alarms(office: Office) -> tuple[Alarm, ...]:
    async def contact(id_: str, cause: DeadlinePassed) -> None:
        await switch_contact(office, id_, cause)

    async def staff(id_: str, cause: DeadlinePassed) -> None:
        await switch_staff(office, id_, cause)

    return (Alarm(office.stores.contacts, contact), Alarm(office.stores.staff, staff))
