"""Experts: enter, revise, vet, take or refuse what they would change, read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import Field
from starlette.responses import JSONResponse

from services.registration.application.accept_pending_version import accept_pending_version
from services.registration.application.activate_expert import activate_expert
from services.registration.application.list_experts import list_experts
from services.registration.application.office import Office
from services.registration.application.read_expert import read_expert
from services.registration.application.refuse_pending_version import refuse_pending_version
from services.registration.application.revise_expert import revise_expert
from services.registration.application.submit_expert import submit_expert
from services.registration.domain.expert import ExpertDetails, ExpertStatus, Refusal
from services.registration.domain.policy import THEME_CAP
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Asked,
    ByCountry,
    ByTheme,
    Editing,
    ExpertOrOfficer,
    Officer,
    PathId,
    Writing,
)
from services.registration.entrypoints.http.expert_views import ExpertView, expert_view
from shared.given import Different, Given
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed
from shared.vocabulary import codes
from shared.vocabulary.codes import CategoryCode, ThemeCode


class Activation(Given):
    """Which areas the expert is vetted for: themes of the profile, or the themes above them, each with all its
    sub-themes."""

    vetted_areas: Annotated[tuple[ThemeCode, ...], Field(min_length=1, max_length=THEME_CAP), Different]


class Acceptance(Given):
    """Which areas the expert is vetted for with the new version; those of before stay where it claims them."""

    vetted_areas: Annotated[tuple[ThemeCode, ...], Field(max_length=THEME_CAP), Different] = ()


def experts(office: Office) -> APIRouter:
    """Routes under /experts."""
    router = APIRouter(prefix="/experts", tags=["experts"])

    @router.post(
        "",
        status_code=201,
        response_model=ExpertView,
        summary="Enter an expert",
        description="The person and the professional profile. Announces `expert.submitted` without names and "
        "`contact.recorded` with them. An expert whose token is bound to no profile yet, or an officer.",
        responses=shows(examples.EXPERT_VIEW, 409, status=201),
    )
    async def submit(
        details: Annotated[ExpertDetails, Body(examples=[examples.EXPERT])], caller: ExpertOrOfficer, write: Writing
    ) -> JSONResponse:
        render = rendered(expert_view, 201)
        outcome = await submit_expert(office, caller, details, write.cause(caller, render))
        return reply(outcome, render, location=f"/experts/{outcome.stored.id}" if outcome.stored else None)

    @router.get(
        "",
        summary="List experts",
        description="Newest first. An expert sees their own profile only.",
        responses=shows(page_of(examples.EXPERT_VIEW), etag=False),
    )
    async def find(
        caller: ExpertOrOfficer,
        part: Asked,
        status: Annotated[ExpertStatus | None, Query(description="where it stands")] = None,
        country: ByCountry = None,
        theme: ByTheme = None,
        category: Annotated[
            CategoryCode | None, Query(description=f"code of a category of experts: {codes.listed('expert_category')}")
        ] = None,
        pending: Annotated[bool, Query(description="only those with a version that waits for an officer")] = False,
    ) -> Listed[ExpertView]:
        by = {"status": status, "country": country, "theme": theme, "category": category}
        filters = {**by, "pending": 1 if pending else None}
        return listed(await list_experts(office, caller, filters, part), expert_view)

    @router.get(
        "/{id}",
        response_model=ExpertView,
        summary="Read an expert",
        description="Person and profile. An expert reads their own only.",
        responses=shows(examples.EXPERT_VIEW, 404),
    )
    async def read(id: PathId, caller: ExpertOrOfficer) -> JSONResponse:  # noqa: A002
        return shown(await read_expert(office, caller, id), expert_view)

    @router.put(
        "/{id}",
        response_model=ExpertView,
        summary="Change an expert's details",
        description="Replaces person and profile. Announces `expert.revised`, and `contact.recorded` where the way to "
        "reach the expert changed. An area the profile no longer claims is no longer vetted. Once the profile is "
        "active, the profile that its expert hands in waits in `pending` for an officer, in the place of an earlier "
        "one, and the active one still counts. At once take effect, for an expert too: the person, and what is taken "
        "back (`consent_to_contact`, `employer_consent`, more `excluded_countries`). The active profile handed in "
        "again takes back what waits.",
        responses=shows(examples.EXPERT_PENDING_VIEW, 404, 409, 412, 428),
    )
    async def revise(
        id: PathId,  # noqa: A002
        details: Annotated[ExpertDetails, Body(examples=[examples.EXPERT])],
        caller: ExpertOrOfficer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(expert_view)
        return reply(await revise_expert(office, caller, id, details, write.cause(caller, render)), render)

    @router.post(
        "/{id}/activation",
        response_model=ExpertView,
        summary="Vet an expert for areas of the profile",
        description="The expert can be found from then on. Vetting is valid for a number of months (a setting; 36 by "
        "default). Announces `expert.activated`. If-Match is needed: the profile may have changed since what was "
        "looked at.",
        responses=shows({**examples.EXPERT_VIEW, "version": 2, "status": "active"}, 404, 409, 412, 428),
    )
    async def activation(
        id: PathId,  # noqa: A002
        given: Annotated[Activation, Body(examples=[examples.ACTIVATION])],
        caller: Officer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(expert_view)
        outcome = await activate_expert(office, caller, id, given.vetted_areas, write.cause(caller, render))
        return reply(outcome, render)

    @router.post(
        "/{id}/pending-version/acceptance",
        response_model=ExpertView,
        summary="Take the pending version of a profile",
        description="It is the profile from then on. `vetted_areas` are vetted with it, as by an activation; a theme "
        "that is new in it is not found by before it is vetted. Announces `expert.revised`. If-Match is needed: "
        "the expert may have changed since what was looked at.",
        responses=shows(examples.EXPERT_ACCEPTED_VIEW, 404, 409, 412, 428),
    )
    async def acceptance(
        id: PathId,  # noqa: A002
        given: Annotated[Acceptance, Body(examples=[examples.REVISION_ACCEPTANCE])],
        caller: Officer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(expert_view)
        outcome = await accept_pending_version(office, caller, id, given.vetted_areas, write.cause(caller, render))
        return reply(outcome, render)

    @router.post(
        "/{id}/pending-version/refusal",
        response_model=ExpertView,
        summary="Refuse the pending version of a profile, with a reason",
        description="The active profile stands as it was. The expert is told of the refusal and reads the reason in "
        "`refused`. Announces `expert.revision_refused`, without the reason. If-Match is needed, as for an acceptance.",
        responses=shows(examples.EXPERT_REFUSED_VIEW, 404, 409, 412, 428),
    )
    async def refusal(
        id: PathId,  # noqa: A002
        given: Annotated[Refusal, Body(examples=[examples.REVISION_REFUSAL])],
        caller: Officer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(expert_view)
        return reply(await refuse_pending_version(office, caller, id, given, write.cause(caller, render)), render)

    return router
