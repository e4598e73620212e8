"""The timeline of a case."""

from __future__ import annotations

from fastapi import APIRouter

from services.registration.application.office import Office
from services.registration.application.read_timeline import read_timeline
from services.registration.entrypoints.http import examples
from services.registration.entrypoints.http.asking import InstitutionOrOfficer, PathId
from services.registration.entrypoints.http.views import LineView, line_view
from shared.runtime.http.answers import shows
from shared.runtime.http.paging import Listed


def timeline(office: Office) -> APIRouter:
    """The route /requests/{id}/timeline."""
    router = APIRouter(prefix="/requests/{id}/timeline", tags=["requests"])

    @router.get(
        "",
        summary="Read what happened to a request",
        description="Oldest first, always whole. A line appears a moment after what it tells. Institutions read who "
        "was asked only as `an expert`, and when by the day (00:00 UTC); they get no `event_id`.",
        responses=shows(examples.TIMELINE_VIEW, 404, etag=False),
    )
    async def read(id: PathId, caller: InstitutionOrOfficer) -> Listed[LineView]:  # noqa: A002
        lines = await read_timeline(office, caller, id)
        return Listed[LineView](items=[line_view(line) for line in lines], next=None)

    return router
