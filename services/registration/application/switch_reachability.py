"""Say anew how somebody can be reached when their function begins or ends."""

from __future__ import annotations

from services.registration.application.announce import contact_recorded, staff_recorded
from services.registration.application.office import Office
from services.registration.domain import contact as contacts
from services.registration.domain import staff as members
from services.registration.domain.contact import Contact
from services.registration.domain.staff import Staff
from shared.store import DeadlinePassed, Decision


async def switch_contact(office: Office, id_: str, cause: DeadlinePassed) -> None:
    """Announces contact.recorded, active or not any more, at the start and the end of a contact's term."""
    now = max(office.clock.now(), cause.at)

    def decide(state: Contact | None) -> Decision[Contact]:
        if state is None:
            return Decision(None)
        after = contacts.switch(state, now)
        return Decision(after, () if after.active == state.active else (contact_recorded(after),))

    await office.stores.contacts.change(id_, cause, decide)


async def switch_staff(office: Office, id_: str, cause: DeadlinePassed) -> None:
    """Announces contact.recorded, active or not any more, at the start and the end of a staff function."""
    now = max(office.clock.now(), cause.at)

    def decide(state: Staff | None) -> Decision[Staff]:
        if state is None:
            return Decision(None)
        after = members.switch(state, now)
        return Decision(after, () if after.active == state.active else (staff_recorded(after),))

    await office.stores.staff.change(id_, cause, decide)
