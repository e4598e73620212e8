"""Terms of reference: edit the draft, make it final, read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import JSONResponse

from services.registration.application.edit_terms import edit_terms
from services.registration.application.finalise_terms import finalise_terms
from services.registration.application.list_terms import list_terms
from services.registration.application.office import Office
from services.registration.application.read_terms import read_terms
from services.registration.domain.terms import TermsContent, TermsStatus
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Asked,
    ByCountry,
    ByInstitution,
    ByTheme,
    Editing,
    InstitutionOrOfficer,
    Officer,
    PathId,
)
from services.registration.entrypoints.http.views import TermsView, terms_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed


def terms_of_reference(office: Office) -> APIRouter:
    """Routes under /terms-of-reference."""
    router = APIRouter(prefix="/terms-of-reference", tags=["terms of reference"])

    @router.get(
        "",
        summary="List terms of reference",
        description="Newest first. An institution's caller sees their own once they are final; a token without "
        "`institution_id` gets 403.",
        responses=shows(page_of(examples.TERMS_VIEW), etag=False),
    )
    async def find(
        caller: InstitutionOrOfficer,
        part: Asked,
        status: Annotated[TermsStatus | None, Query(description="where it stands")] = None,
        country: ByCountry = None,
        theme: ByTheme = None,
        institution: ByInstitution = None,
        request: Annotated[str | None, Query(max_length=80, description="id of a request")] = None,
        action: Annotated[str | None, Query(max_length=80, description="id of an action")] = None,
    ) -> Listed[TermsView]:
        filters = {
            "status": status,
            "country": country,
            "theme": theme,
            "institution": institution,
            "request": request,
            "action": action,
        }
        return listed(await list_terms(office, caller, filters, part), terms_view)

    @router.get(
        "/{id}",
        response_model=TermsView,
        summary="Read terms of reference",
        description="An institution's caller reads those of their own actions only.",
        responses=shows(examples.TERMS_VIEW, 404),
    )
    async def read(id: PathId, caller: InstitutionOrOfficer) -> JSONResponse:  # noqa: A002
        return shown(await read_terms(office, caller, id), terms_view)

    @router.put(
        "/{id}",
        response_model=TermsView,
        summary="Change the draft of terms of reference",
        description="Replaces activity, positions and texts, under the same rules as the design of the action.",
        responses=shows({**examples.TERMS_VIEW, "version": 2}, 404, 409, 412, 428),
    )
    async def edit(
        id: PathId,  # noqa: A002
        content: Annotated[TermsContent, Body(examples=[examples.TERMS])],
        caller: Officer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(terms_view)
        return reply(await edit_terms(office, id, content, write.cause(caller, render)), render)

    @router.post(
        "/{id}/finalisation",
        response_model=TermsView,
        summary="Make terms of reference final",
        description="The binding search for experts starts. If-Match is needed: the draft may have changed since what "
        "was looked at. Refused where the stay on site, or for remote work the preparation, has begun: edit the draft "
        "first. Announces `tor.finalised`.",
        responses=shows({**examples.TERMS_VIEW, "version": 2, "status": "final"}, 404, 409, 412, 428),
    )
    async def finalisation(id: PathId, caller: Officer, write: Editing) -> JSONResponse:  # noqa: A002
        render = rendered(terms_view)
        return reply(await finalise_terms(office, caller, id, write.cause(caller, render)), render)

    return router
