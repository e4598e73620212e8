"""The parking lot as operators are shown it over HTTP, and what they say when they do something about it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.given import Given


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
    version: int = Field(description="version of the key's document, its ETag")


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
    version: int = Field(description="version of the key's document, its ETag")


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

    act: ActBody
    left: int = Field(description="events of the key that wait now")
    version: int = Field(description="version of the key's document, its ETag")


class Reason(Given):
    """Why. It stays in the store, with who and when."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Discarding(Reason):
    """Which event, as it was looked at: where another blocks the key by now, nothing happens."""

    partition: int = Field(ge=0)
    offset: int = Field(ge=0)


class Mending(Discarding):
    """Which event, and its new value: an event of the topic with the same key, event_id and sequence."""

    value: str = Field(min_length=2, max_length=1_000_000)


PARKED: dict[str, Any] = {
    "id": "parked_5d1c7f0e7d6b5c439f0a0f6d2a3b9e11",
    "group": "notifications.requests",
    "topic": "registration.requests",
    "partition": 3,
    "offset": 17,
    "key": "req_sample",
    "event_type": "request.submitted",
    "event_id": "evt_sample",
    "sequence": 2,
    "reason": "malformed: data breaks its schema",
    "parked_at": "2031-01-10T09:00:00Z",
    "waiting": 2,
    "version": 1,
}
PARKED_IN_FULL: dict[str, Any] = {
    **PARKED,
    "payload": '{"event_id": "evt_sample"}',
    "error": "ValidationError: data.title: Field required",
    "attempts": 1,
    "history": [{"at": "2031-01-10T09:00:00Z", "what": "malformed: data breaks its schema"}],
}
ACT: dict[str, Any] = {
    "at": "2031-01-10T10:00:00Z",
    "what": "discard",
    "who": "per_operator",
    "role": "operator",
    "reason": "a test record, of no use here",
    "partition": 3,
    "offset": 17,
    "event_id": "evt_sample",
    "sequence": 2,
    "came_of": "discarded; 1 left",
}
DONE: dict[str, Any] = {"act": ACT, "left": 1, "version": 2}
REDRIVEN: dict[str, Any] = {"handled": 2, "left": 0, "reason": None, "version": 5}
REASON: dict[str, Any] = {"reason": "the release that knows the event is out"}
DISCARDING: dict[str, Any] = {"reason": "a test record, of no use here", "partition": 3, "offset": 17}
MENDING: dict[str, Any] = {**DISCARDING, "reason": "rebuilt from its draft", "value": PARKED_IN_FULL["payload"]}
"""Samples for the interface's documentation."""
