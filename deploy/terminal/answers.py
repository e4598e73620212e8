"""What the terminal relies on of each answer of a service: whatever answers otherwise is not that service."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError


class _Read(BaseModel):
    model_config = ConfigDict(strict=True)


class _Settings(_Read):
    database: str
    kafka_partitions: str


class _Index(_Read):
    collection: str
    fields: list[str]


class _Consumes(_Read):
    group: str
    topic: str


class _Announces(_Read):
    collection: str
    topic: str


class _Setup(_Read):
    service: str
    settings: _Settings
    indexes: list[_Index]
    consumes: list[_Consumes]
    announces: list[_Announces]


class _Parked(_Read):
    id: str
    group: str
    topic: str
    partition: int
    offset: int
    key: str | None
    event_type: str | None
    sequence: int | None
    reason: str
    parked_at: str
    waiting: int


class _Page(_Read):
    items: list[_Parked]
    next: str | None


class _Step(_Read):
    at: str
    what: str


class _ParkedInFull(_Parked):
    payload: str | None
    error: str
    attempts: int
    history: list[_Step]


class _Act(_Read):
    at: str
    what: str
    who: str
    reason: str
    partition: int
    offset: int
    event_id: str | None
    sequence: int | None
    came_of: str


class _Done(_Read):
    act: _Act
    left: int


class _Redriven(_Read):
    handled: int
    left: int
    reason: str | None


class _Said(_Read):
    topic: str
    type: str
    sequence: int


class _Republished(_Read):
    aggregate: str
    said: list[_Said]


class _Rebuild(_Read):
    view: str
    state: str
    step: str
    started_at: str
    records: int
    documents: int
    differed: int
    missing: int
    erased: int
    newer: int
    discarded: int = 0
    unreadable: list[str]
    error: str


SHAPES: tuple[tuple[re.Pattern[str], TypeAdapter[Any]], ...] = tuple(
    (re.compile(call), TypeAdapter(shape))
    for call, shape in (
        (r"GET /operations/setup", _Setup),
        (r"GET /operations/parked\?.*", _Page),
        (r"GET /operations/parked/[^/]+", _ParkedInFull),
        (r"GET /operations/parked/[^/]+/acts", list[_Act]),
        (r"POST /operations/parked/[^/]+/redrive", _Redriven),
        (r"POST /operations/parked/[^/]+/(mend|discard)", _Done),
        (r"POST /operations/republish", _Republished),
        (r"(GET|POST) /operations/rebuilds/[^/]+", _Rebuild),
    )
)
"""By the call, as method and path."""


def fits(method: str, path: str, answer: Any) -> bool:
    """Whether an answer holds all that its call is made for. LookupError for a call that stands in no row."""
    for call, shape in SHAPES:
        if call.fullmatch(f"{method} {path}"):
            try:
                shape.validate_python(answer)
            except ValidationError:
                return False
            return True
    raise LookupError(f"no shape for the answer to {method} {path}")
