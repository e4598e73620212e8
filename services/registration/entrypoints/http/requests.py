"""Requests for assistance: draft, edit, submit, decide, read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import JSONResponse

from services.registration.application.approve_request import approve_request
from services.registration.application.draft_request import draft_request
from services.registration.application.edit_request import edit_request
from services.registration.application.list_requests import list_requests
from services.registration.application.office import Office
from services.registration.application.read_request import read_request
from services.registration.application.reject_request import reject_request
from services.registration.application.submit_request import submit_request
from services.registration.domain.design import Design
from services.registration.domain.request import Rejection, RequestStatus
from services.registration.domain.request_content import RequestContent
from services.registration.domain.values import Id
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Asked,
    ByCountry,
    ByInstitution,
    ByTheme,
    Editing,
    Institution,
    InstitutionOrOfficer,
    Officer,
    PathId,
    Writing,
)
from services.registration.entrypoints.http.views import RequestView, request_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed


class NewRequest(RequestContent):
    """A draft. `institution_id` may be left out by a caller who is bound to an institution."""

    institution_id: Id | None = None


def requests(office: Office) -> APIRouter:
    """Routes under /requests."""
    router = APIRouter(prefix="/requests", tags=["requests"])

    @router.post(
        "",
        status_code=201,
        response_model=RequestView,
        summary="Draft a request",
        description="A draft may have gaps; only its title is needed. Its reference `REQ-YYYY-NNNN` stays.",
        responses=shows(examples.REQUEST_VIEW, 404, status=201),
    )
    async def draft(
        given: Annotated[NewRequest, Body(examples=[examples.REQUEST])], caller: InstitutionOrOfficer, write: Writing
    ) -> JSONResponse:
        render = rendered(request_view, 201)
        content = RequestContent.model_construct(**{n: getattr(given, n) for n in RequestContent.model_fields})
        outcome = await draft_request(office, caller, given.institution_id, content, write.cause(caller, render))
        return reply(outcome, render, location=f"/requests/{outcome.stored.id}" if outcome.stored else None)

    @router.get(
        "",
        summary="List requests",
        description="Newest first. An institution's caller sees their own only.",
        responses=shows(page_of(examples.REQUEST_VIEW), etag=False),
    )
    async def find(
        caller: InstitutionOrOfficer,
        part: Asked,
        status: Annotated[RequestStatus | None, Query(description="where it stands")] = None,
        country: ByCountry = None,
        theme: ByTheme = None,
        institution: ByInstitution = None,
        reference: Annotated[
            str | None, Query(max_length=80, description="what mails call it, whole: `REQ-2031-0001`")
        ] = None,
    ) -> Listed[RequestView]:
        filters = {
            "status": status,
            "country": country,
            "theme": theme,
            "institution": institution,
            "reference": reference,
        }
        return listed(await list_requests(office, caller, filters, part), request_view)

    @router.get(
        "/{id}",
        response_model=RequestView,
        summary="Read a request",
        description="An institution's caller reads their own only.",
        responses=shows(examples.REQUEST_VIEW, 404),
    )
    async def read(id: PathId, caller: InstitutionOrOfficer) -> JSONResponse:  # noqa: A002
        return shown(await read_request(office, caller, id), request_view)

    @router.put(
        "/{id}",
        response_model=RequestView,
        summary="Change a draft",
        description="Replaces its content. Not possible once it is submitted.",
        responses=shows({**examples.REQUEST_VIEW, "version": 2}, 404, 409, 412, 428),
    )
    async def edit(
        id: PathId,  # noqa: A002
        content: Annotated[RequestContent, Body(examples=[examples.REQUEST])],
        caller: InstitutionOrOfficer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(request_view)
        return reply(await edit_request(office, caller, id, content, write.cause(caller, render)), render)

    @router.post(
        "/{id}/submission",
        response_model=RequestView,
        summary="Submit a request",
        description="The institution must be eligible; focal point and signatory must be its active contacts in those "
        "functions. The wording is fixed from here on. Announces `request.submitted`.",
        responses=shows({**examples.REQUEST_VIEW, "version": 2, "status": "submitted"}, 404, 409, 412),
    )
    async def submission(id: PathId, caller: Institution, write: Writing) -> JSONResponse:  # noqa: A002
        render = rendered(request_view)
        return reply(await submit_request(office, caller, id, write.cause(caller, render)), render)

    @router.post(
        "/{id}/approval",
        response_model=RequestView,
        summary="Approve a request, with the design of its action",
        description="The request keeps its own words; the design is kept beside it. The days of a position must fit "
        "into the weekdays from the first to the last day of its activity: the search needs that many free ones. The "
        "action and the draft of its terms of reference follow from the event `request.approved`.",
        responses=shows({**examples.REQUEST_VIEW, "version": 3, "status": "approved"}, 404, 409, 412),
    )
    async def approval(
        id: PathId,  # noqa: A002
        design: Annotated[Design, Body(examples=[examples.DESIGN])],
        caller: Officer,
        write: Writing,
    ) -> JSONResponse:
        render = rendered(request_view)
        return reply(await approve_request(office, caller, id, design, write.cause(caller, render)), render)

    @router.post(
        "/{id}/rejection",
        response_model=RequestView,
        summary="Reject a request, with a reason",
        description="Announces `request.rejected`.",
        responses=shows({**examples.REQUEST_VIEW, "version": 3, "status": "rejected"}, 404, 409, 412),
    )
    async def rejection(
        id: PathId,  # noqa: A002
        given: Annotated[Rejection, Body(examples=[examples.REJECTION])],
        caller: Officer,
        write: Writing,
    ) -> JSONResponse:
        render = rendered(request_view)
        return reply(await reject_request(office, caller, id, given, write.cause(caller, render)), render)

    return router
