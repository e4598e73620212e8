"""What operators may see and do over HTTP: the parking lot of events that could not be handled."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.errors import NotFound
from shared.runtime.http.paging import Listed, Paging, bad_cursor, paging
from shared.runtime.http.problems import problems
from shared.runtime.identity import Caller, Role, allow


class ParkingLot(Protocol):
    """Where events wait for an operator; what it gives has at least the attributes of the answers below."""

    async def list(self, limit: int, after: str | None) -> Any:
        """A page (`items` as in ParkedBody, `next`) of parked events, the longest parked first; ValueError for a
        cursor that is none."""
        ...

    async def get(self, id_: str) -> Any | None:
        """One parked event (as in ParkedDetail), or None."""
        ...

    async def redrive(self, id_: str) -> Any | None:
        """Handle the parked event, and those of its key behind it, again in order (a report as in RedriveBody);
        None where there is none of that id."""
        ...


class ParkedBody(BaseModel):
    """One parked event."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    group: str = Field(description="the consumer that could not handle it")
    topic: str
    partition: int
    offset: int
    key: str | None = Field(description="the aggregate; later events of it wait behind")
    event_type: str | None = Field(None, description="where the event could be read that far")
    reason: str = Field(description="why it was parked")
    parked_at: AwareDatetime
    waiting: int = Field(1, description="events of this key that wait, this one included")


class ParkedStep(BaseModel):
    """Something that happened to a parked event."""

    model_config = ConfigDict(from_attributes=True)

    at: AwareDatetime
    what: str


class ParkedDetail(ParkedBody):
    """One parked event with its payload and history."""

    payload: str | None = Field(description="the record's value as text; base64 where it is not UTF-8")
    error: str = Field("", description="the exception of the last attempt")
    attempts: int = Field(0, description="attempts made so far")
    history: list[ParkedStep] = Field(default_factory=list)


class RedriveBody(BaseModel):
    """What a redrive did."""

    model_config = ConfigDict(from_attributes=True)

    handled: int = Field(description="events handled, the parked one first")
    left: int = Field(description="events of the key that are still parked")
    reason: str | None = Field(None, description="why the next of them is parked still")


ParkedId = Annotated[str, Path(max_length=200)]
_operator = allow(Role.OPERATOR)


def operations_router(parking: ParkingLot) -> APIRouter:
    """GET /operations/parked, GET /operations/parked/{id}, POST /operations/parked/{id}/redrive; operators only."""
    router = APIRouter(prefix="/operations", tags=["operations"])

    @router.get("/parked", summary="Events that wait for an operator, the longest parked first")
    async def list_parked(
        page: Annotated[Paging, Depends(paging)], _caller: Annotated[Caller, Depends(_operator)]
    ) -> Listed[ParkedBody]:
        try:
            found = await parking.list(page.limit, page.after)
        except ValueError:
            raise bad_cursor() from None
        return Listed[ParkedBody](items=[ParkedBody.model_validate(item) for item in found.items], next=found.next)

    @router.get("/parked/{id}", summary="One parked event with payload and history", responses=problems(404))
    async def read_parked(id: ParkedId, _caller: Annotated[Caller, Depends(_operator)]) -> ParkedDetail:  # noqa: A002
        found = await parking.get(id)
        if found is None:
            raise _unknown(id)
        return ParkedDetail.model_validate(found)

    @router.post("/parked/{id}/redrive", summary="Handle a parked event again", responses=problems(404))
    async def redrive(id: ParkedId, _caller: Annotated[Caller, Depends(_operator)]) -> RedriveBody:  # noqa: A002
        report = await parking.redrive(id)
        if report is None:
            raise _unknown(id)
        return RedriveBody.model_validate(report)

    return router


def _unknown(id_: str) -> NotFound:
    return NotFound(f"no parked event {id_}", mend="List /operations/parked; it may have been redriven already.")
