"""Who may read whose inbox: a token in some role, against the contact it names."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.domain.contact import Contact

KIND_OF_ROLE = {"institution": "institution_contact", "expert": "expert", "officer": "staff", "operator": "staff"}
"""The kind of contact that somebody in a role is. A delegation's mailbox signs in nowhere."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for an inbox. `contact_id` None: bound to nobody."""

    role: str
    contact_id: str | None
    institution_id: str | None = None


def mismatch(reader: Reader, contact: Contact) -> str:
    """Why this is not the reader's own contact; empty where it is. Nothing of the contact is told."""
    if contact.erased:
        return "the data of this person were erased"
    if contact.kind != KIND_OF_ROLE.get(reader.role):
        return f"the contact your token names is not one of role {reader.role}"
    if contact.kind == "institution_contact" and contact.institution_id != reader.institution_id:
        return "the contact your token names belongs to another institution than your token"
    return "" if contact.active else "the contact your token names is no longer active"


def trusted_unseen(reader: Reader) -> bool:
    """Whether the token alone says whose inbox it is, before anybody has told of the contact: an expert's claim names
    a profile, any other claim or subject may name a contact of any kind."""
    return reader.role == "expert"
