"""When an expert is free and how much they will do: written by the expert or an officer, read by both."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from services.matching.application.declare_availability import declare_availability
from services.matching.application.read_availability import read_availability
from services.matching.application.stores import Stores
from services.matching.domain.calendar import MAX_ENTRIES, Calendar, Entry, EntryKind, OwnMaximum
from services.matching.domain.requirement import Window
from services.matching.entrypoints.http import examples
from services.matching.entrypoints.http.reading import PathId
from shared.contracts.events.terms_of_reference import Mode
from shared.given import Days, Different, Given
from shared.runtime.http.answers import shows
from shared.runtime.http.commands import Write, precondition, rendered, reply, shown
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored
from shared.vocabulary.codes import PlaceCode

_readers = allow(Role.EXPERT, Role.OFFICER)


class PeriodBody(Days):
    """A declared period; both days belong to it."""

    kind: EntryKind
    modes: Annotated[tuple[Mode, ...], Field(max_length=3, description="empty: every mode"), Different] = ()
    excluded: Annotated[
        tuple[PlaceCode, ...],
        Field(max_length=60, description="countries (ISO 3166-1 alpha-2) or country groups not travelled to"),
        Different,
    ] = ()
    max_days: int | None = Field(None, ge=1, le=366, strict=True, description="most working days within the period")


class OwnMaximumBody(Given):
    """What the expert will do at most; left out or null sets no limit."""

    days_12m: int | None = Field(
        None, ge=0, le=366, strict=True, description="working days of assignments in 12 months, this one included"
    )
    assignments: int | None = Field(
        None, ge=0, le=50, strict=True, description="accepted assignments at one time, this one included"
    )


class AvailabilityBody(Given):
    """Everything the expert declares; replaces what was declared before."""

    entries: tuple[PeriodBody, ...] = Field(max_length=MAX_ENTRIES)
    own_maximum: OwnMaximumBody = OwnMaximumBody()


class PeriodView(BaseModel):
    """A declared period, as it was taken when it was declared."""

    kind: EntryKind
    first_day: date
    last_day: date
    modes: tuple[Mode, ...]
    excluded: tuple[str, ...]
    max_days: int | None


class HoldView(BaseModel):
    """Days kept for an offer. While it is offered they are free again at `expires_at` by themselves; once accepted
    they stay kept, and `expires_at` is when clearance is due."""

    offer_id: str
    first_day: date
    last_day: date
    state: str
    expires_at: AwareDatetime


class AvailabilityView(BaseModel):
    """An expert's calendar."""

    expert_id: str
    version: int = Field(description="0 while nothing was declared or held")
    entries: list[PeriodView]
    own_maximum: OwnMaximum
    holds: list[HoldView]


def view(stored: Stored[Calendar]) -> AvailabilityView:
    """The calendar as it is shown."""
    calendar = stored.state
    return AvailabilityView(
        expert_id=calendar.expert_id,
        version=stored.version,
        entries=[
            PeriodView(
                kind=e.kind,
                first_day=e.window.start,
                last_day=e.window.end,
                modes=e.modes,
                excluded=e.excluded,
                max_days=e.max_days,
            )
            for e in calendar.entries
        ],
        own_maximum=calendar.own_maximum,
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


def _entry(period: PeriodBody) -> Entry:
    return Entry(
        kind=period.kind,
        window=Window(start=period.first_day, end=period.last_day),
        modes=period.modes,
        excluded=period.excluded,
        max_days=period.max_days,
    )


def availability_router(stores: Stores) -> APIRouter:
    """GET and PUT /experts/{expert_id}/availability."""
    router = APIRouter(tags=["availability"])

    @router.get(
        "/experts/{expert_id}/availability",
        summary="When an expert is free",
        description="What was declared, and the days kept for offers. Experts see their own only.",
        response_model=AvailabilityView,
        responses=shows(examples.AVAILABILITY_VIEW, 404),
    )
    async def read(expert_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> JSONResponse:
        stored = await read_availability(stores, caller, expert_id)
        if stored is not None:
            return shown(stored, view)
        empty = AvailabilityView(expert_id=expert_id, version=0, entries=[], own_maximum=OwnMaximum(), holds=[])
        return JSONResponse(empty.model_dump(mode="json"), headers={"ETag": '"0"'})

    @router.put(
        "/experts/{expert_id}/availability",
        summary="Declare when an expert is free and how much they will do",
        description="Replaces everything declared before. Send If-Match once something has been declared or held. "
        "Announces `availability.declared`.",
        response_model=AvailabilityView,
        responses=shows(examples.AVAILABILITY_VIEW, 404, 409, 412, 428),
    )
    async def declare(
        expert_id: PathId,
        body: Annotated[AvailabilityBody, Body(examples=[examples.AVAILABILITY])],
        caller: Annotated[Caller, Depends(_readers)],
        write: Annotated[Write, Depends(precondition(required=False))],
        request: Request,
    ) -> JSONResponse:
        render = rendered(view)
        cause = write.cause(caller, render)
        any_version = "if-match" in request.headers and cause.expected_version is None
        outcome = await declare_availability(
            stores,
            caller,
            cause,
            expert_id,
            tuple(_entry(period) for period in body.entries),
            OwnMaximum(**body.own_maximum.model_dump()),
            whatever_it_is=any_version,
        )
        return reply(outcome, render)

    return router
