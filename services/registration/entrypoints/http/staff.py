"""The facility's staff and what each of them does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import JSONResponse

from services.registration.application.add_staff import add_staff
from services.registration.application.edit_staff import edit_staff
from services.registration.application.list_staff import list_staff
from services.registration.application.office import Office
from services.registration.application.read_staff import read_staff
from services.registration.domain.staff import StaffDetails, StaffFunction
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import Active, Asked, Editing, Officer, PathId, Writing
from services.registration.entrypoints.http.views import StaffView, staff_view
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import rendered, reply, shown
from shared.runtime.http.paging import Listed, listed


def staff(office: Office) -> APIRouter:
    """Routes under /staff."""
    router = APIRouter(prefix="/staff", tags=["staff"])

    @router.post(
        "",
        status_code=201,
        response_model=StaffView,
        summary="Enter a member of staff",
        description="Messages go to whoever holds a function from `active_from` to `active_to`. Announces "
        "`contact.recorded`, again at the start and the end of that time.",
        responses=shows(examples.STAFF_VIEW, status=201),
    )
    async def add(
        details: Annotated[StaffDetails, Body(examples=[examples.STAFF])], caller: Officer, write: Writing
    ) -> JSONResponse:
        render = rendered(staff_view, 201)
        return reply(await add_staff(office, details, write.cause(caller, render)), render)

    @router.get(
        "",
        summary="List staff",
        description="Newest first.",
        responses=shows(page_of(examples.STAFF_VIEW), etag=False),
    )
    async def find(
        _caller: Officer,
        part: Asked,
        function: Annotated[StaffFunction | None, Query(description="a function held")] = None,
        active: Active = None,
    ) -> Listed[StaffView]:
        filters = {"function": function, "active": None if active is None else int(active)}
        return listed(await list_staff(office, filters, part), staff_view)

    @router.get(
        "/{id}",
        response_model=StaffView,
        summary="Read a member of staff",
        description="Its ETag is what an edit sends as If-Match.",
        responses=shows(examples.STAFF_VIEW, 404),
    )
    async def read(id: PathId, _caller: Officer) -> JSONResponse:  # noqa: A002
        return shown(await read_staff(office, id), staff_view)

    @router.put(
        "/{id}",
        response_model=StaffView,
        summary="Edit a member of staff",
        description="Replaces what is known. Announces `contact.recorded` where that changed.",
        responses=shows({**examples.STAFF_VIEW, "version": 2}, 404, 412, 428),
    )
    async def edit(
        id: PathId,  # noqa: A002
        details: Annotated[StaffDetails, Body(examples=[examples.STAFF])],
        caller: Officer,
        write: Editing,
    ) -> JSONResponse:
        render = rendered(staff_view)
        return reply(await edit_staff(office, id, details, write.cause(caller, render)), render)

    return router
