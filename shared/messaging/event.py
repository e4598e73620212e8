"""From a raw record to a typed event, or to the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from shared.contracts.catalogue import contract_for
from shared.contracts.envelope import Actor, Envelope, EventData
from shared.contracts.topics import Retention, Topic
from shared.messaging.record import Record, shown, shown_name
from shared.store import Happened, Origin, Step
from shared.store.wording import explained

D = TypeVar("D", bound=EventData, covariant=True)

LONGEST_SEQUENCE = 15
"""Digits of a sequence that is believed. A database holds 18; no aggregate decides that often."""


def sequence_told(text: str) -> int | None:
    """The sequence a header tells; None where it tells none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_SEQUENCE else None


@dataclass(frozen=True, slots=True)
class Event(Generic[D]):
    """Something that happened to an aggregate, as this service hears it. `discarded` holds the sequences of the
    aggregate that an operator has discarded here: where only they are missing, nothing is."""

    topic: Topic
    service: str
    envelope: Envelope
    data: D
    discarded: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        """The id of the aggregate the event is about."""
        return self.envelope.aggregate.id

    def cause(self) -> Happened:
        """Why a document changes on this event; carries the guard against applying it twice."""
        return Happened(
            origin=Origin(
                actor=Actor(kind="system", id=self.service, role="system"),
                correlation_id=self.envelope.correlation_id,
                causation_id=self.envelope.event_id,
                traceparent=self.envelope.traceparent,
            ),
            source=source_of(self.topic, self.key),
            sequence=self.envelope.sequence,
            contiguous=self.topic.contiguous,
            discarded=self.discarded,
        )


class ErasedKey(str):
    """The key of a tombstone: everything said about it on a compacted topic is to be forgotten."""

    _topic: Topic
    _service: str
    _sequence: int
    _event_id: str | None
    _traceparent: str | None
    correlation_id: str

    def __new__(cls, key: str, topic: Topic, service: str, headers: dict[str, str]) -> ErasedKey:
        made = super().__new__(cls, key)
        sequence = headers.get("sequence", "")
        made._topic, made._service = topic, service
        made._sequence = sequence_told(sequence) or 0
        made._event_id, made._traceparent = headers.get("event_id"), headers.get("traceparent")
        made.correlation_id = headers.get("correlation_id") or key
        return made

    def cause(self) -> Happened | Step:
        """Why a document changes on this erasure: guarded by the tombstone's sequence, where it carries one."""
        origin = Origin(
            actor=Actor(kind="system", id=self._service, role="system"),
            correlation_id=self.correlation_id[:80],
            causation_id=self._event_id[:80] if self._event_id else None,
            traceparent=self._traceparent,
        )
        if self._sequence < 1:
            return Step(origin=origin)
        place = source_of(self._topic, str(self))
        return Happened(origin=origin, source=place, sequence=self._sequence, contiguous=False)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why a record is no event. `detail` names places and rules, never the values found there."""

    reason: str
    detail: str = ""


def source_of(topic: Topic, aggregate_id: str) -> str:
    """Names an aggregate on a topic within the guard of a document. Without dots: it becomes a field name."""
    safe_id = aggregate_id.replace("%", "%25").replace(".", "%2E")
    return f"{topic.name.replace('.', '-')}/{safe_id}"


def decode(record: Record, topic: Topic, service: str) -> Event[Any] | ErasedKey | Malformed:
    """Read one record of `topic`. Never raises: whatever is wrong with it becomes a reason."""
    if not record.key:
        return Malformed("empty key")
    try:
        key = record.key.decode()
    except UnicodeDecodeError:
        return Malformed("key is not UTF-8")
    headers: dict[str, str] = {}
    for name, raw in record.headers:
        try:
            name.encode()
            headers[name] = (raw or b"").decode()
        except UnicodeError:
            return Malformed("bad UTF-8 header", shown_name(name))
    if record.value is None:
        if topic.retention is Retention.COMPACTED:
            return ErasedKey(key, topic, service, headers)
        return Malformed("tombstone on a topic that is kept for ever")
    return _event(record.value, key, topic, service)


def _event(value: bytes, key: str, topic: Topic, service: str) -> Event[Any] | Malformed:
    try:
        envelope = Envelope.model_validate_json(value)
    except ValidationError as error:
        return Malformed("bad JSON" if _not_json(error) else "envelope breaks its schema", explained(error))
    contract = contract_for(topic.name, envelope.type, envelope.version)
    if contract is None:
        said = f"{shown(envelope.type.encode(errors='replace'))[:80]} v{envelope.version}"
        return Malformed("type or version is not in the catalogue", said)
    if envelope.aggregate.id != key:
        return Malformed("key differs from the aggregate's id")
    if envelope.aggregate.type != topic.aggregate:
        return Malformed("another aggregate type than the topic's")
    try:
        data = contract.model.model_validate(envelope.data)
    except ValidationError as error:
        return Malformed("data breaks its schema", explained(error))
    return Event(topic, service, envelope, data)


def _not_json(error: ValidationError) -> bool:
    return any(fault["type"] == "json_invalid" for fault in error.errors(include_url=False, include_input=False))
