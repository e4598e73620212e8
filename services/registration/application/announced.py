"""What of registration can be announced again: whatever lives on a topic that carries full state."""

from __future__ import annotations

from services.registration.application import announce, announce_expert
from services.registration.application.office import Office
from services.registration.domain.institution import Institution
from shared.contracts import topics
from shared.contracts.envelope import EventData
from shared.store import Announced


def announced(office: Office) -> tuple[Announced, ...]:
    """One row per store that announces."""
    stores = office.stores

    def institution(state: Institution) -> EventData:
        return announce.institution_state(state, may_ask=office.may_ask(state))

    return (
        Announced(stores.institutions, {topics.INSTITUTIONS: institution}),
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
