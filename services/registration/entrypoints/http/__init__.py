"""Registration over HTTP: one router per resource. Each translates in, calls one use case, translates out."""

from __future__ import annotations

from fastapi import APIRouter

from services.registration.application.office import Office
from services.registration.entrypoints.http.actions import actions
from services.registration.entrypoints.http.contacts import contacts
from services.registration.entrypoints.http.delegations import delegations
from services.registration.entrypoints.http.experts import experts
from services.registration.entrypoints.http.institutions import institutions
from services.registration.entrypoints.http.requests import requests
from services.registration.entrypoints.http.staff import staff
from services.registration.entrypoints.http.terms_of_reference import terms_of_reference
from services.registration.entrypoints.http.timeline import timeline
from services.registration.entrypoints.http.vocabulary import vocabulary_lists

TAGS = [
    {"name": "institutions", "description": "Public authorities and mandated bodies."},
    {"name": "contacts", "description": "People at institutions, and what they do there."},
    {"name": "staff", "description": "The facility's own people."},
    {"name": "delegations", "description": "EU Delegations and the countries they cover."},
    {"name": "experts", "description": "Who can be asked: person and professional profile."},
    {"name": "requests", "description": "Requests for assistance, from draft to decision, and their timeline."},
    {"name": "actions", "description": "The approved, designed responses to requests."},
    {"name": "terms of reference", "description": "What experts are asked to do, where and when."},
    {"name": "vocabulary", "description": "The codes used here, with labels."},
]


def routers(office: Office) -> tuple[APIRouter, ...]:
    """Every router of the service."""
    return (
        institutions(office),
        contacts(office),
        staff(office),
        delegations(office),
        experts(office),
        requests(office),
        timeline(office),
        actions(office),
        terms_of_reference(office),
        vocabulary_lists(),
    )
