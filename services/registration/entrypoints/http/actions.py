"""Actions: read what answers a request."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from services.registration.application.list_actions import list_actions
from services.registration.application.office import Office
from services.registration.application.read_action import read_action
from services.registration.domain.action import ActionStatus
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import (
    Asked,
    ByCountry,
    ByInstitution,
    ByTheme,
    InstitutionOrOfficer,
    PathId,
)
from services.registration.entrypoints.http.views import ActionView, action_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import shown
from shared.runtime.http.paging import Listed, listed


def actions(office: Office) -> APIRouter:
    """Routes under /actions."""
    router = APIRouter(prefix="/actions", tags=["actions"])

    @router.get(
        "",
        summary="List actions",
        description="Newest first. An institution's caller sees their own only; a token without `institution_id` "
        "gets 403. An action appears a moment after the approval of its request.",
        responses=shows(page_of(examples.ACTION_VIEW), etag=False),
    )
    async def find(
        caller: InstitutionOrOfficer,
        part: Asked,
        status: Annotated[ActionStatus | None, Query(description="where it stands")] = None,
        country: ByCountry = None,
        theme: ByTheme = None,
        institution: ByInstitution = None,
        request: Annotated[str | None, Query(max_length=80, description="id of a request")] = None,
        code: Annotated[str | None, Query(max_length=80, description="what mails call it, whole: `2031-07`")] = None,
    ) -> Listed[ActionView]:
        filters = {
            "status": status,
            "country": country,
            "theme": theme,
            "institution": institution,
            "request": request,
            "code": code,
        }
        return listed(await list_actions(office, caller, filters, part), action_view)

    @router.get(
        "/{id}",
        response_model=ActionView,
        summary="Read an action",
        description="An institution's caller reads their own only.",
        responses=shows(examples.ACTION_VIEW, 404),
    )
    async def read(id: PathId, caller: InstitutionOrOfficer) -> JSONResponse:  # noqa: A002
        return shown(await read_action(office, caller, id), action_view)

    return router
