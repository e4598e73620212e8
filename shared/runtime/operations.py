"""What operators may see and do over HTTP: the parking lot of events that could not be handled."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from starlette.responses import JSONResponse

from shared.errors import NotFound
from shared.messaging.acts import By
from shared.messaging.operators import ParkedForOperators, RedriveReport
from shared.messaging.parked import ParkedKey
from shared.runtime import parked
from shared.runtime.http.answers import shows
from shared.runtime.http.bodies import body_limit
from shared.runtime.http.commands import Write, etag, precondition, rendered, reply
from shared.runtime.http.paging import Listed, Paging, paging
from shared.runtime.identity import Caller, Role, allow
from shared.runtime.parked import ActBody, Discarding, DoneBody, Mending, ParkedBody, ParkedDetail, Reason, RedriveBody
from shared.store import Answer, Outcome, Stored

MENDED_BYTES = 2_500_000
"""A record of Kafka's usual megabyte is JSON within JSON in a body here: each quote takes two bytes."""

ParkedId = Annotated[str, Path(max_length=200, description="id of the parked key, as the list shows it")]
Operator = Annotated[Caller, Depends(allow(Role.OPERATOR))]
Writing = Annotated[Write, Depends(precondition(required=False))]


def operations_router(parking: ParkedForOperators) -> APIRouter:
    """/operations/parked: list, read, acts, redrive, mend, discard; operators only."""
    router = APIRouter(prefix="/operations", tags=["operations"])

    @router.get(
        "/parked",
        summary="Events that wait for an operator, the longest parked first",
        description="One line per key, by the event that blocks it; later events of the key wait behind it in order.",
        responses=shows({"items": [parked.PARKED], "next": None}, etag=False),
    )
    async def list_parked(page: Annotated[Paging, Depends(paging)], _caller: Operator) -> Listed[ParkedBody]:
        found = await parking.list(page.limit, page.after)
        return Listed[ParkedBody](items=[ParkedBody.model_validate(item) for item in found.items], next=found.next)

    @router.get(
        "/parked/{id}",
        summary="One parked event with payload and history",
        description="The payload is hidden where records of the topic hold people's data.",
        responses=shows(parked.PARKED_IN_FULL, 404),
        response_model=ParkedDetail,
    )
    async def read_parked(id: ParkedId, _caller: Operator) -> JSONResponse:  # noqa: A002
        found = await parking.get(id)
        if found is None:
            raise _unknown(id)
        body = ParkedDetail.model_validate(found)
        return JSONResponse(body.model_dump(mode="json"), headers={"ETag": etag(body.version)})

    @router.get(
        "/parked/{id}/acts",
        summary="What operators did about a key, and why",
        description="The oldest first; also while nothing waits any more.",
        responses=shows([parked.ACT], 404, etag=False),
    )
    async def read_acts(id: ParkedId, _caller: Operator) -> list[ActBody]:  # noqa: A002
        found = await parking.acts(id)
        if found is None:
            raise _unknown(id)
        return [ActBody.model_validate(act) for act in found]

    @router.post(
        "/parked/{id}/redrive",
        summary="Handle a parked event again",
        description="And those of its key behind it, in order, until one fails again or none is left. Each effect "
        "happens once, however often this is asked for.",
        responses=shows(parked.REDRIVEN, 404, 409, 412),
        response_model=RedriveBody,
    )
    async def redrive(
        id: ParkedId,  # noqa: A002
        said: Annotated[Reason, Body(examples=[parked.REASON])],
        caller: Operator,
        write: Writing,
    ) -> JSONResponse:
        answer = await parking.redrive(id, _by(caller, said), write.cause(caller), _report)
        if answer is None:
            raise _unknown(id)
        return JSONResponse(answer.body, answer.status, headers={"ETag": etag(answer.body["version"])})

    @router.post(
        "/parked/{id}/mend",
        summary="Give the event that blocks a key another value",
        description="It stays the same event, by key, event_id and sequence; a redrive then handles it.",
        responses=shows(parked.DONE, 404, 409, 412),
        response_model=DoneBody,
    )
    @body_limit(MENDED_BYTES)
    async def mend(
        id: ParkedId,  # noqa: A002
        said: Annotated[Mending, Body(examples=[parked.MENDING])],
        caller: Operator,
        write: Writing,
    ) -> JSONResponse:
        command = write.cause(caller, _done)
        outcome = await parking.mend(id, (said.partition, said.offset), said.value, _by(caller, said), command)
        return _answered(id, outcome)

    @router.post(
        "/parked/{id}/discard",
        summary="Never handle the event that blocks a key",
        description="It leaves no gap: a redrive then goes on with the next one of its key.",
        responses=shows(parked.DONE, 404, 409, 412),
        response_model=DoneBody,
    )
    async def discard(
        id: ParkedId,  # noqa: A002
        said: Annotated[Discarding, Body(examples=[parked.DISCARDING])],
        caller: Operator,
        write: Writing,
    ) -> JSONResponse:
        command = write.cause(caller, _done)
        outcome = await parking.discard(id, (said.partition, said.offset), _by(caller, said), command)
        return _answered(id, outcome)

    return router


def _done_view(stored: Stored[ParkedKey]) -> DoneBody:
    act = ActBody.model_validate(stored.state.acts[-1])
    return DoneBody(act=act, left=len(stored.state.events), version=stored.version)


_done = rendered(_done_view)


def _report(report: RedriveReport) -> Answer:
    return Answer(200, RedriveBody.model_validate(report).model_dump(mode="json"))


def _answered(id_: str, outcome: Outcome[ParkedKey]) -> JSONResponse:
    if outcome.stored is None:
        raise _unknown(id_)
    return reply(outcome, _done)


def _by(caller: Caller, said: Reason) -> By:
    return By(who=caller.subject, role=caller.role.value, reason=said.reason)


def _unknown(id_: str) -> NotFound:
    return NotFound(f"no parked event {id_}", mend="List /operations/parked; it may have been redriven already.")
