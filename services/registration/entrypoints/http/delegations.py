"""EU Delegations and the countries they cover."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.responses import JSONResponse

from services.registration.application.add_delegation import add_delegation
from services.registration.application.edit_delegation import edit_delegation
from services.registration.application.list_delegations import list_delegations
from services.registration.application.office import Office
from services.registration.application.read_delegation import read_delegation
from services.registration.domain.delegation import DelegationDetails
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Asked,
    ByCountry,
    Editing,
    Officer,
    PathId,
    Writing,
)
from services.registration.entrypoints.http.views import DelegationView, delegation_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed


def delegations(office: Office) -> APIRouter:
    """Routes under /delegations."""
    router = APIRouter(prefix="/delegations", tags=["delegations"])

    @router.post(
        "",
        status_code=201,
        response_model=DelegationView,
        summary="Enter an EU Delegation",
        description="Announces `contact.recorded` with function `eu_delegation`.",
        responses=shows(examples.DELEGATION_VIEW, status=201),
    )
    async def add(
        details: Annotated[DelegationDetails, Body(examples=[examples.DELEGATION])], caller: Officer, write: Writing
    ) -> JSONResponse:
        render = rendered(delegation_view, 201)
        return reply(await add_delegation(office, details, write.cause(caller, render)), render)

    @router.get(
        "",
        summary="List EU Delegations",
        description="Newest first.",
        responses=shows(page_of(examples.DELEGATION_VIEW), etag=False),
    )
    async def find(_caller: Officer, part: Asked, country: ByCountry = None) -> Listed[DelegationView]:
        return listed(await list_delegations(office, {"country": country}, part), delegation_view)

    @router.get(
        "/{id}",
        response_model=DelegationView,
        summary="Read an EU Delegation",
        description="Its ETag is what an edit sends as If-Match.",
        responses=shows(examples.DELEGATION_VIEW, 404),
    )
    async def read(id: PathId, _caller: Officer) -> JSONResponse:  # noqa: A002
        return shown(await read_delegation(office, id), delegation_view)

    @router.put(
        "/{id}",
        response_model=DelegationView,
        summary="Edit an EU Delegation",
        description="Replaces what is known. Announces `contact.recorded` where that changed.",
        responses=shows({**examples.DELEGATION_VIEW, "version": 2}, 404, 412, 428),
    )
    async def edit(
        id: PathId,  # noqa: A002
        details: Annotated[DelegationDetails, Body(examples=[examples.DELEGATION])],
        caller: Officer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(delegation_view)
        return reply(await edit_delegation(office, id, details, write.cause(caller, render)), render)

    return router
