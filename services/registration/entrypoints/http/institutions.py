"""Institutions: register, verify, read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import JSONResponse

from services.registration.application.list_institutions import list_institutions
from services.registration.application.office import Office
from services.registration.application.read_institution import read_institution
from services.registration.application.register_institution import register_institution
from services.registration.application.verify_institution import verify_institution
from services.registration.domain.institution import Finding, InstitutionFacts, InstitutionStatus
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Asked,
    ByCountry,
    ByTheme,
    InstitutionOrOfficer,
    Officer,
    PathId,
    Writing,
)
from services.registration.entrypoints.http.views import InstitutionView, institution_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed
from shared.vocabulary import codes
from shared.vocabulary.codes import InstitutionTypeCode


def institutions(office: Office) -> APIRouter:
    """Routes under /institutions."""
    router = APIRouter(prefix="/institutions", tags=["institutions"])

    @router.post(
        "",
        status_code=201,
        response_model=InstitutionView,
        summary="Register an institution",
        description="It waits for verification by an officer. Announces `institution.submitted`. An institution's "
        "caller whose token is bound to no institution yet, or an officer.",
        responses=shows(examples.INSTITUTION_VIEW, 409, status=201),
    )
    async def register(
        facts: Annotated[InstitutionFacts, Body(examples=[examples.INSTITUTION])],
        caller: InstitutionOrOfficer,
        write: Writing,
    ) -> JSONResponse:
        render = rendered(institution_view, 201)
        outcome = await register_institution(office, caller, facts, write.cause(caller, render))
        return reply(outcome, render, location=f"/institutions/{outcome.stored.id}" if outcome.stored else None)

    @router.get(
        "",
        summary="List institutions",
        description="Newest first. An institution's caller sees their own only.",
        responses=shows(page_of(examples.INSTITUTION_VIEW), etag=False),
    )
    async def find(
        caller: InstitutionOrOfficer,
        part: Asked,
        status: Annotated[InstitutionStatus | None, Query(description="where it stands")] = None,
        country: ByCountry = None,
        theme: ByTheme = None,
        institution_type: Annotated[
            InstitutionTypeCode | None, Query(description=f"code of a type: {codes.listed('institution_type')}")
        ] = None,
    ) -> Listed[InstitutionView]:
        filters = {"status": status, "country": country, "theme": theme, "institution_type": institution_type}
        return listed(await list_institutions(office, caller, filters, part), institution_view)

    @router.get(
        "/{id}",
        response_model=InstitutionView,
        summary="Read an institution",
        description="An institution's caller reads their own only.",
        responses=shows(examples.INSTITUTION_VIEW, 404),
    )
    async def read(id: PathId, caller: InstitutionOrOfficer) -> JSONResponse:  # noqa: A002
        return shown(await read_institution(office, caller, id), institution_view)

    @router.post(
        "/{id}/verification",
        response_model=InstitutionView,
        summary="Find an institution eligible or ineligible",
        description="Identity and mandate are separate evidence; to be eligible an institution needs both. Types of "
        "bodies that are not eligible by default are admitted with a written `reason`. Announces "
        "`institution.verified` or `institution.rejected`.",
        responses=shows({**examples.INSTITUTION_VIEW, "version": 2, "status": "eligible"}, 404, 409, 412),
    )
    async def verification(
        id: PathId,  # noqa: A002
        finding: Annotated[Finding, Body(examples=[examples.FINDING])],
        caller: Officer,
        write: Writing,
    ) -> JSONResponse:
        render = rendered(institution_view)
        return reply(await verify_institution(office, caller, id, finding, write.cause(caller, render)), render)

    return router
