"""Add a contact to an institution."""

from __future__ import annotations

from services.registration.application.access import Party, sees_institution
from services.registration.application.announce import contact_recorded
from services.registration.application.office import Office
from services.registration.domain.contact import Contact, ContactDetails, enter
from shared.store import Cause, Decision, Outcome, find_seen


async def add_contact(
    office: Office, caller: Party, institution_id: str, details: ContactDetails, cause: Cause
) -> Outcome[Contact]:
    """Announces contact.recorded. NotFound for an institution the caller may not see."""
    now = office.clock.now()

    def decide(id_: str) -> Decision[Contact]:
        state = enter(id_, institution_id, details, now)
        return Decision(state, (contact_recorded(state),))

    await find_seen(office.stores.institutions, institution_id, lambda s: sees_institution(caller, s), "institution")
    return await office.stores.contacts.create(cause, "con", decide)
