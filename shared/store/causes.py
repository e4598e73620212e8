"""Why a document changes: a person's command, an event that happened, a deadline that passed, or the system itself.

A cause carries the guard against applying it twice. Use cases pass it on and never look inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.envelope import Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was answered with; kept with the document so that a repeat gets the same."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a change comes from, for the events it announces. `correlation_id` counts only for a new document:
    an existing one keeps the correlation it was created with, and an announcement that is `OfCase` has its own."""

    actor: Actor
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A caller's command. The same `key` with the same `fingerprint` is answered once and then repeated."""

    origin: Origin
    caller: str = field(default="", metadata={"doc": "scope of the key: who calls"})
    key: str | None = None
    fingerprint: str = ""
    expected_version: int | None = None
    render: Callable[[Any], Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event of another aggregate. Applied only if `sequence` is newer than what the document has seen of `source`;
    where the topic is kept for ever (`contiguous`) it must be the very next one, but for those an operator has
    `discarded`."""

    origin: Origin
    source: str
    sequence: int
    contiguous: bool
    discarded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """A deadline of the document itself. Applied only while the document still carries it at that instant."""

    origin: Origin
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a longer decision that is repeatable by itself, such as a hold under an offer's id: no guard."""

    origin: Origin


Cause = Command | Happened | DeadlinePassed | Step
