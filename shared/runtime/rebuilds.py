"""Rebuilding a view over HTTP, for operators: 202 and a status to poll."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from shared.errors import NotFound
from shared.runtime.http.answers import shows
from shared.runtime.http.commands import Write, precondition, rendered, reply, shown
from shared.runtime.identity import Caller, Role, allow
from shared.runtime.rebuilding import Rebuild, Rebuilds
from shared.store import Stored

Operator = Annotated[Caller, Depends(allow(Role.OPERATOR))]
ViewName = Annotated[str, Path(max_length=80, description="name of the view, as the terminal's `rebuild` lists it")]


class RebuildBody(BaseModel):
    """The latest rebuild of a view."""

    view: str
    state: str = Field(description="running; done; failed (see error); interrupted: its process ended, begin again")
    step: str = Field(description="reading: the live view is untouched yet; taking over: document by document")
    started_at: datetime
    finished_at: datetime | None
    records: int = Field(description="records read from the topic")
    documents: int = Field(description="documents of the view")
    differed: int = Field(description="documents that said something else than the topic, and were corrected")
    missing: int = Field(description="documents that were not there, and were added")
    erased: int = Field(description="documents of which the topic knows nothing (any more), and were emptied")
    newer: int = Field(description="documents that the live consumer had brought further meanwhile, left as they are")
    discarded: int = Field(description="records left without effect, since an operator has discarded them")
    unreadable: tuple[str, ...] = Field(description="records a consumer would have parked, the first 20")
    error: str
    version: int = Field(description="of the rebuild as it is kept, its ETag; it counts on while one runs")


EXAMPLE: dict[str, Any] = {
    "view": "contacts",
    "state": "running",
    "step": "reading",
    "started_at": "2031-01-10T09:00:00Z",
    "finished_at": None,
    "records": 0,
    "documents": 0,
    "differed": 0,
    "missing": 0,
    "erased": 0,
    "newer": 0,
    "discarded": 0,
    "unreadable": [],
    "error": "",
    "version": 1,
}
FINISHED: dict[str, Any] = {
    **EXAMPLE,
    "state": "done",
    "step": "taking over",
    "finished_at": "2031-01-10T09:00:20Z",
    "records": 5200,
    "documents": 1700,
    "differed": 1,
    "version": 9,
}


def rebuilds_router(rebuilds: Rebuilds) -> APIRouter:
    """POST and GET /operations/rebuilds/{view}; operators only."""
    router = APIRouter(prefix="/operations/rebuilds", tags=["operations"])

    @router.post(
        "/{view}",
        status_code=202,
        summary="Make a view again from its topic",
        description="The topic is read beside the live view, by the same handlers, but for what an operator has "
        "discarded; then each document is taken over by itself, and only forward: what the live consumer applied "
        "meanwhile stays. Runs on after the answer. "
        "Refused (409) while one runs, but for a repeat of what began it; where that was interrupted, it begins again.",
        responses=shows(EXAMPLE, 404, 409, 412, status=202, location=True),
        response_model=RebuildBody,
    )
    async def begin(
        view: ViewName, caller: Operator, write: Annotated[Write, Depends(precondition(required=False))]
    ) -> JSONResponse:
        _known(rebuilds, view)
        outcome = await rebuilds.begin(view, write.cause(caller, _begun))
        return reply(outcome, _begun, location=f"/operations/rebuilds/{view}")

    @router.get(
        "/{view}",
        summary="How the latest rebuild of a view stands",
        description="`unreadable` names the records that a consumer would have parked.",
        responses=shows(FINISHED, 404),
        response_model=RebuildBody,
    )
    async def latest(view: ViewName, _caller: Operator) -> JSONResponse:
        _known(rebuilds, view)
        found = await rebuilds.latest(view)
        if found is None:
            raise NotFound(f"{view} has never been rebuilt", mend=f"POST /operations/rebuilds/{view} begins.")
        return shown(found, _body)

    return router


def _known(rebuilds: Rebuilds, view: str) -> None:
    if view not in rebuilds.names:
        raise NotFound(f"there is no view {view} here", mend=f"There are: {', '.join(rebuilds.names)}.")


def _body(stored: Stored[Rebuild]) -> RebuildBody:
    return RebuildBody(**stored.state.model_dump(exclude={"by", "under", "lease_until"}), version=stored.version)


_begun = rendered(_body, 202)
