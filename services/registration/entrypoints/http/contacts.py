"""Contacts of institutions: the people a request names and messages go to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import JSONResponse

from services.registration.application.add_contact import add_contact
from services.registration.application.edit_contact import edit_contact
from services.registration.application.list_contacts import list_contacts
from services.registration.application.office import Office
from services.registration.application.read_contact import read_contact
from services.registration.domain.contact import ContactDetails, ContactFunction
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Active,
    Asked,
    Editing,
    InstitutionOrOfficer,
    PathId,
    Writing,
)
from services.registration.entrypoints.http.views import ContactView, contact_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed


def contacts(office: Office) -> APIRouter:
    """Routes under /institutions/{id}/contacts."""
    router = APIRouter(prefix="/institutions/{id}/contacts", tags=["contacts"])

    @router.post(
        "",
        status_code=201,
        response_model=ContactView,
        summary="Add a contact",
        description="A request names a contact with function `focal_point` and one with `signatory`; both may be the "
        "same person. Announces `contact.recorded`.",
        responses=shows(examples.CONTACT_VIEW, 404, status=201),
    )
    async def add(
        id: PathId,  # noqa: A002
        details: Annotated[ContactDetails, Body(examples=[examples.CONTACT])],
        caller: InstitutionOrOfficer,
        write: Writing,
    ) -> JSONResponse:
        render = rendered(contact_view, 201)
        return reply(await add_contact(office, caller, id, details, write.cause(caller, render)), render)

    @router.get(
        "",
        summary="List contacts",
        description="Newest first.",
        responses=shows(page_of(examples.CONTACT_VIEW), 404, etag=False),
    )
    async def find(
        id: PathId,  # noqa: A002
        caller: InstitutionOrOfficer,
        part: Asked,
        function: Annotated[ContactFunction | None, Query(description="a function held")] = None,
        active: Active = None,
    ) -> Listed[ContactView]:
        filters = {"function": function, "active": None if active is None else int(active)}
        return listed(await list_contacts(office, caller, id, filters, part), contact_view)

    @router.get(
        "/{contact_id}",
        response_model=ContactView,
        summary="Read a contact",
        description="Its ETag is what an edit sends as If-Match.",
        responses=shows(examples.CONTACT_VIEW, 404),
    )
    async def read(id: PathId, contact_id: PathId, caller: InstitutionOrOfficer) -> JSONResponse:  # noqa: A002
        return shown(await read_contact(office, caller, id, contact_id), contact_view)

    @router.put(
        "/{contact_id}",
        response_model=ContactView,
        summary="Edit a contact",
        description="Replaces what is known. Announces `contact.recorded` where the way to reach the person changed: "
        "what waits for them, and what could not be delivered lately, then goes to the new address.",
        responses=shows({**examples.CONTACT_VIEW, "version": 2}, 404, 412, 428),
    )
    async def edit(
        id: PathId,  # noqa: A002
        contact_id: PathId,
        details: Annotated[ContactDetails, Body(examples=[examples.CONTACT])],
        caller: InstitutionOrOfficer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(contact_view)
        return reply(await edit_contact(office, caller, id, contact_id, details, write.cause(caller, render)), render)

    return router
