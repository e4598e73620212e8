"""When an expert is free: written by the expert or an officer, read by both."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from starlette.responses import JSONResponse

from services.matching.application.declare_availability import declare_availability
from services.matching.application.stores import Stores
from services.matching.domain.calendar import MAX_ENTRIES, Calendar, Entry
from services.matching.domain.requirement import Window
from services.matching.entrypoints.http.reading import PathId, unknown
from shared.runtime.http.commands import Write, precondition, rendered, reply, shown
from shared.runtime.http.problems import problems
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

MODES = Literal["on_site", "remote", "hybrid"]
_readers = allow(Role.EXPERT, Role.OFFICER)


class PeriodBody(BaseModel):
    """A declared period; both days belong to it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "available", "first_day": "2027-02-01", "last_day": "2027-06-30", "modes": ["on_site"]}
            ]
        },
    )

    kind: Literal["available", "tentative", "unavailable"]
    first_day: date
    last_day: date
    modes: tuple[MODES, ...] = Field((), max_length=3, description="empty: every mode")
    excluded: tuple[Annotated[str, Field(min_length=2, max_length=40)], ...] = Field(
        (), max_length=60, description="countries or country groups not travelled to"
    )
    max_days: int | None = Field(None, ge=1, le=366, description="most working days within the period")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self


class AvailabilityBody(BaseModel):
    """Everything the expert declares; replaces what was declared before."""

    model_config = ConfigDict(extra="forbid")

    entries: tuple[PeriodBody, ...] = Field(max_length=MAX_ENTRIES)


class HoldView(BaseModel):
    """Days kept for an offer, until `expires_at`."""

    offer_id: str
    first_day: date
    last_day: date
    state: str
    expires_at: AwareDatetime


class AvailabilityView(BaseModel):
    """An expert's calendar."""

    expert_id: str
    version: int = Field(description="0 while nothing was declared or held")
    entries: list[PeriodBody]
    holds: list[HoldView]


def view(stored: Stored[Calendar]) -> AvailabilityView:
    """The calendar as it is shown."""
    calendar = stored.state
    return AvailabilityView(
        expert_id=calendar.expert_id,
        version=stored.version,
        entries=[
            PeriodBody(
                kind=e.kind,
                first_day=e.window.start,
                last_day=e.window.end,
                modes=e.modes,
                excluded=e.excluded,
                max_days=e.max_days,
            )
            for e in calendar.entries
        ],
        holds=[
            HoldView(
                offer_id=h.offer_id,
                first_day=h.window.start,
                last_day=h.window.end,
                state=h.state,
                expires_at=h.expires_at,
            )
            for h in calendar.holds
            if h.state != "released"
        ],
    )


def availability_router(stores: Stores) -> APIRouter:
    """GET and PUT /experts/{expert_id}/availability."""
    router = APIRouter(tags=["availability"])

    @router.get(
        "/experts/{expert_id}/availability",
        summary="When an expert is free",
        response_model=AvailabilityView,
        responses=problems(404),
    )
    async def read_availability(expert_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> JSONResponse:
        _own(expert_id, caller)
        if await stores.roster.read(expert_id) is None:
            raise unknown("expert", expert_id)
        stored = await stores.calendars.read(expert_id)
        if stored is not None:
            return shown(stored, view)
        empty = AvailabilityView(expert_id=expert_id, version=0, entries=[], holds=[])
        return JSONResponse(empty.model_dump(mode="json"), headers={"ETag": '"0"'})

    @router.put(
        "/experts/{expert_id}/availability",
        summary="Declare when an expert is free",
        description="Replaces everything declared before. Send If-Match once something has been declared or held.",
        response_model=AvailabilityView,
        responses=problems(404, 409, 412, 428),
    )
    async def write_availability(
        expert_id: PathId,
        body: AvailabilityBody,
        caller: Annotated[Caller, Depends(_readers)],
        write: Annotated[Write, Depends(precondition(required=False))],
        request: Request,
    ) -> JSONResponse:
        _own(expert_id, caller)
        render = rendered(view)
        entries = tuple(
            Entry(
                kind=p.kind,
                window=Window(start=p.first_day, end=p.last_day),
                modes=p.modes,
                excluded=p.excluded,
                max_days=p.max_days,
            )
            for p in body.entries
        )
        cause = write.cause(caller, render)
        any_version = "if-match" in request.headers and cause.expected_version is None
        outcome = await declare_availability(
            stores.roster, stores.calendars, cause, expert_id, entries, whatever_it_is=any_version
        )
        return reply(outcome, render)

    return router


def _own(expert_id: str, caller: Caller) -> None:
    if caller.role is Role.EXPERT and caller.expert_id != expert_id:
        raise unknown("expert", expert_id)
