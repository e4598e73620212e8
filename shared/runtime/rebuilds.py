"""Rebuilding a view over HTTP, for operators: 202 and a status to poll."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from shared.errors import NotFound
from shared.runtime.http.problems import problems
from shared.runtime.identity import Caller, Role, allow
from shared.runtime.rebuilding import Rebuild, Rebuilds

_operator = allow(Role.OPERATOR)
ViewName = Annotated[str, Path(max_length=80)]


class RebuildBody(BaseModel):
    """The latest rebuild of a view."""

    model_config = ConfigDict(from_attributes=True)

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
    unreadable: tuple[str, ...] = Field(description="records a consumer would have parked, the first 20")
    error: str


def rebuilds_router(rebuilds: Rebuilds) -> APIRouter:
    """POST and GET /operations/rebuilds/{view}; operators only."""
    router = APIRouter(prefix="/operations/rebuilds", tags=["operations"])

    @router.post(
        "/{view}",
        status_code=202,
        summary="Make a view again from its topic",
        description="The topic is read beside the live view, by the same handlers; then each document is taken over "
        "by itself, and only forward: what the live consumer applied meanwhile stays. Runs on after the answer. "
        "Refused (409) while one runs.",
        responses=problems(404, 409),
    )
    async def begin(view: ViewName, response: Response, _caller: Annotated[Caller, Depends(_operator)]) -> RebuildBody:
        _known(rebuilds, view)
        response.headers["Location"] = f"/operations/rebuilds/{view}"
        return _body(await rebuilds.begin(view))

    @router.get("/{view}", summary="How the latest rebuild of a view stands", responses=problems(404))
    async def latest(view: ViewName, _caller: Annotated[Caller, Depends(_operator)]) -> RebuildBody:
        _known(rebuilds, view)
        found = await rebuilds.latest(view)
        if found is None:
            raise NotFound(f"{view} has never been rebuilt", mend=f"POST /operations/rebuilds/{view} begins.")
        return _body(found)

    return router


def _known(rebuilds: Rebuilds, view: str) -> None:
    if view not in rebuilds.names:
        raise NotFound(f"there is no view {view} here", mend=f"There are: {', '.join(rebuilds.names)}.")


def _body(rebuild: Rebuild) -> RebuildBody:
    return RebuildBody.model_validate(rebuild)
