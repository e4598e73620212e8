"""Saying the current state of an aggregate again, for operators: a new event with the next sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from shared.contracts.catalogue import contract_of
from shared.contracts.topics import Topic
from shared.errors import NotFound, Refused
from shared.given import Given
from shared.ids import derived_id
from shared.runtime.http.answers import shows
from shared.runtime.http.commands import Render, Write, precondition, reply
from shared.runtime.identity import Caller, Role, allow
from shared.store import Announced, Answer, Decision, Restated, Store, Stored
from shared.store.announced import Restate

_operator = allow(Role.OPERATOR)
_write = precondition(required=False)


class Wanted(Given):
    """What to announce again."""

    aggregate: str = Field(
        min_length=1, max_length=200, description="type/id, or the id alone for every topic it lives on"
    )


class Said(BaseModel):
    """One event that says the state again."""

    topic: str
    type: str
    sequence: int = Field(description="the next one of the aggregate on this topic")
    event_id: str


class Republished(BaseModel):
    """What was announced."""

    aggregate: str = Field(description="id of the aggregate")
    said: list[Said]
    version: int


REPUBLISHED: dict[str, Any] = {
    "aggregate": "ins_sample",
    "said": [
        {
            "topic": "registration.institutions",
            "type": "institution.verified",
            "sequence": 3,
            "event_id": "evt_5d1c7f0e7d6b5c439f0a0f6d2a3b9e11",
        }
    ],
    "version": 3,
}


def republishing_router(announced: Sequence[Announced]) -> APIRouter:
    """POST /operations/republish; operators only."""
    router = APIRouter(prefix="/operations", tags=["operations"])

    @router.post(
        "/republish",
        status_code=202,
        summary="Announce the current state of an aggregate again",
        description="A new event with the next sequence says the state as it stands, for consumers that keep it; "
        "nobody is told anything. Durable when answered. Refused (409) for what lives on a topic that is kept for "
        "ever: there every event still is, and none is said twice.",
        response_model=Republished,
        responses=shows(REPUBLISHED, 404, 409, 412, status=202),
    )
    async def republish(
        wanted: Annotated[Wanted, Body(examples=[{"aggregate": "institution/ins_sample"}])],
        caller: Annotated[Caller, Depends(_operator)],
        write: Annotated[Write, Depends(_write)],
    ) -> JSONResponse:
        type_, slash, id_ = wanted.aggregate.rpartition("/")
        store, stated = await _found(announced, type_ if slash else None, id_)
        render = _rendered(stated)

        def decide(state: BaseModel | None) -> Decision[BaseModel]:
            return Decision(state, tuple(Restated(restate(state)) for restate in stated.values()))

        return reply(await store.change(id_, write.cause(caller, render), decide), render)

    return router


async def _found(
    announced: Sequence[Announced], type_: str | None, id_: str
) -> tuple[Store[Any], dict[Topic, Restate]]:
    """Its store, and how to say it again by topic. NotFound where there is none; Refused where that may not be."""
    for row in announced:
        topics = {topic: restate for topic, restate in row.topics.items() if type_ in (None, topic.aggregate)}
        if not topics or await row.store.read(id_) is None:
            continue
        stated = {topic: restate for topic, restate in topics.items() if restate is not None}
        if not stated:
            name = next(iter(topics)).name
            raise Refused(
                f"{id_} lives on {name}, which is kept for ever: every event of it is still there, and to say one "
                "again would make its consequences twice.",
                mend="Where a consumer lacks one, look at its parking lot and redrive.",
            )
        return row.store, stated
    raise NotFound(
        f"there is no {type_ or 'aggregate'} {id_} here",
        mend=f"Known types: {', '.join(sorted({t.aggregate for row in announced for t in row.topics})) or 'none'}.",
    )


def _rendered(stated: dict[Topic, Restate]) -> Render[BaseModel]:
    def render(stored: Stored[BaseModel]) -> Answer:
        said = []
        for topic, restate in stated.items():
            sequence = stored.document["sequences"][topic.name]
            event_id = derived_id("evt", topic.name, stored.id, str(sequence))
            name = contract_of(type(restate(stored.state))).name
            said.append(Said(topic=topic.name, type=name, sequence=sequence, event_id=event_id))
        return Answer(202, Republished(aggregate=stored.id, said=said, version=stored.version).model_dump(mode="json"))

    return render
