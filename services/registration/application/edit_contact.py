"""Change what is known of an institution's contact, such as a new address."""

from __future__ import annotations

from services.registration.application.access import Party, sees_institution
from services.registration.application.announce import contact_recorded
from services.registration.application.office import Office
from services.registration.domain.contact import Contact, ContactDetails, enter
from shared.store import Cause, Decision, Outcome, existing, find_seen


async def edit_contact(
    office: Office, caller: Party, institution_id: str, id_: str, details: ContactDetails, cause: Cause
) -> Outcome[Contact]:
    """Announces contact.recorded where the way to reach the person changed. NotFound for an institution the caller may
    not see, and for a contact of another one."""
    now = office.clock.now()
    await find_seen(office.stores.institutions, institution_id, lambda s: sees_institution(caller, s), "institution")
    # before the version is compared: a 412 would tell that there is such a contact
    known = await find_seen(office.stores.contacts, id_, lambda s: s.institution_id == institution_id, "contact")

    def decide(state: Contact | None) -> Decision[Contact]:
        before = existing(state, "contact", id_)
        after = enter(id_, institution_id, details, now)
        return Decision(
            after, () if contact_recorded(after) == contact_recorded(before) else (contact_recorded(after),)
        )

    return await office.stores.contacts.change(id_, cause, decide, known=known)
