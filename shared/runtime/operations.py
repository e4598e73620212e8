"""What operators may see and do over HTTP: the parking lot of events that could not be handled."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.errors import NotFound
from shared.messaging.acts import By, Place
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

    async def acts(self, id_: str) -> Any | None:
        """What operators did about a key (each as in ActBody), the oldest first, or None."""
        ...

    async def mend(self, id_: str, place: Place, value: str, by: By) -> Any | None:
        """Give the event at `place`, if that is what blocks the key, another value (a report as in DoneBody), or None.
        Refused or Invalid where that may not be."""
        ...

    async def discard(self, id_: str, place: Place, by: By) -> Any | None:
        """Take the event at `place`, if that is what blocks the key, out for good (as in DoneBody), or None. Refused
        where that may not be."""
        ...

    async def redrive(self, id_: str, by: By) -> Any | None:
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
    event_id: str | None = Field(None, description="where headers or value tell")
    sequence: int | None = Field(None, description="the event's number within its aggregate, where they tell")
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


class ActBody(BaseModel):
    """What an operator did about a key."""

    model_config = ConfigDict(from_attributes=True)

    at: AwareDatetime
    what: str = Field(description="redrive, mend or discard")
    who: str
    role: str
    reason: str
    partition: int = Field(description="with `offset`: the event that blocked the key then")
    offset: int
    event_id: str | None = None
    sequence: int | None = None
    came_of: str = Field(description="empty while a redrive is under way, or where its process died")


class DoneBody(BaseModel):
    """What was done to the event that blocked a key."""

    model_config = ConfigDict(from_attributes=True)

    act: ActBody
    left: int = Field(description="events of the key that wait now")


class Reason(BaseModel):
    """Why. It stays in the store, with who and when."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Discarding(Reason):
    """Which event, as it was looked at: where another blocks the key by now, nothing happens."""

    partition: int = Field(ge=0)
    offset: int = Field(ge=0)


class Mending(Discarding):
    """Which event, and its new value: an event of the topic with the same key, event_id and sequence."""

    value: str = Field(min_length=2, max_length=900_000)


ParkedId = Annotated[str, Path(max_length=200)]
_operator = allow(Role.OPERATOR)


def operations_router(parking: ParkingLot) -> APIRouter:
    """/operations/parked: list, read, acts, redrive, mend, discard; operators only."""
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

    @router.get("/parked/{id}/acts", summary="What operators did about a key, and why", responses=problems(404))
    async def read_acts(id: ParkedId, _caller: Annotated[Caller, Depends(_operator)]) -> list[ActBody]:  # noqa: A002
        found = await parking.acts(id)
        if found is None:
            raise _unknown(id)
        return [ActBody.model_validate(act) for act in found]

    @router.post("/parked/{id}/redrive", summary="Handle a parked event again", responses=problems(404))
    async def redrive(
        id: ParkedId,  # noqa: A002
        said: Reason,
        caller: Annotated[Caller, Depends(_operator)],
    ) -> RedriveBody:
        report = await parking.redrive(id, _by(caller, said))
        if report is None:
            raise _unknown(id)
        return RedriveBody.model_validate(report)

    @router.post(
        "/parked/{id}/mend",
        summary="Give the event that blocks a key another value",
        description="It stays the same event, by key, event_id and sequence; a redrive then handles it.",
        responses=problems(404, 409, 422),
    )
    async def mend(
        id: ParkedId,  # noqa: A002
        said: Mending,
        caller: Annotated[Caller, Depends(_operator)],
    ) -> DoneBody:
        done = await parking.mend(id, (said.partition, said.offset), said.value, _by(caller, said))
        if done is None:
            raise _unknown(id)
        return DoneBody.model_validate(done)

    @router.post(
        "/parked/{id}/discard",
        summary="Never handle the event that blocks a key",
        description="It leaves no gap: a redrive then goes on with the next one of its key.",
        responses=problems(404, 409),
    )
    async def discard(
        id: ParkedId,  # noqa: A002
        said: Discarding,
        caller: Annotated[Caller, Depends(_operator)],
    ) -> DoneBody:
        done = await parking.discard(id, (said.partition, said.offset), _by(caller, said))
        if done is None:
            raise _unknown(id)
        return DoneBody.model_validate(done)

    return router


def _by(caller: Caller, said: Reason) -> By:
    return By(who=caller.subject, role=caller.role.value, reason=said.reason)


def _unknown(id_: str) -> NotFound:
    return NotFound(f"no parked event {id_}", mend="List /operations/parked; it may have been redriven already.")
