"""What of registration can be announced again: whatever lives on a topic that carries full state."""

from __future__ import annotations

from services.registration.application import announce, announce_expert
from services.registration.application.stores import Stores
from shared.contracts import topics
from shared.store import Announced


def announced(stores: Stores) -> tuple[Announced, ...]:
    """One row per store that announces."""
    return (
        Announced(stores.institutions, {topics.INSTITUTIONS: announce.institution_state}),
        Announced(
            stores.experts,
            {topics.EXPERTS: announce_expert.expert_revised, topics.CONTACTS: announce_expert.expert_recorded},
        ),
        Announced(stores.contacts, {topics.CONTACTS: announce.contact_recorded}),
        Announced(stores.staff, {topics.CONTACTS: announce.staff_recorded}),
        Announced(stores.delegations, {topics.CONTACTS: announce.delegation_recorded}),
        Announced(stores.requests, {topics.REQUESTS: None}),
        Announced(stores.actions, {topics.ACTIONS: None}),
        Announced(stores.terms, {topics.TERMS_OF_REFERENCE: None}),
    )
