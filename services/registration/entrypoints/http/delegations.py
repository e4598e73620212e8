"""EU Delegations and the countries they cover."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.responses import JSONResponse

from services.registration.application.add_delegation import add_delegation
from services.registration.application.list_delegations import list_delegations
from services.registration.application.office import Office
from services.registration.domain.delegation import DelegationDetails
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import Asked, ByCountry, Officer, Writing, page_answer
from services.registration.entrypoints.http.views import DelegationView, delegation_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply
from shared.runtime.http.paging import Listed


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
        response_model=Listed[DelegationView],
        summary="List EU Delegations",
        description="Newest first.",
        responses=shows(page_of(examples.DELEGATION_VIEW), etag=False),
    )
    async def find(_caller: Officer, part: Asked, country: ByCountry = None) -> JSONResponse:
        return page_answer(await list_delegations(office, {"country": country}, part), delegation_view)

    return router
