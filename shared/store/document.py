"""The one shape of every stored document, and the values that go in and out of the store.

Instants inside a document are whole milliseconds since 1970 UTC and flags are 0 or 1: the embedded stand-in turns a
datetime or a boolean that is set by an update into a string or a number, and an indexed field must compare the same
everywhere. The aggregate's own state is kept as JSON values. `id` repeats `_id` because lists are ordered by it behind
an instant, and the stand-in takes no insert any more once `_id` is part of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from shared.contracts.envelope import EventData
from shared.contracts.topics import Topic
from shared.store.causes import Answer

S = TypeVar("S", bound=BaseModel)
Document = dict[str, Any]
Key = str | int | None | tuple[str, ...]
Asked = Literal["pending", "deadlines", "changes", "answers"]
ALL_ASKED: frozenset[Asked] = frozenset({"pending", "deadlines", "changes", "answers"})
"""What a collection may be asked for beside its lists: what waits to be announced, what is due, what has changed, which
recorded answers are over."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970, UTC, rounded down."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def to_ms_after(instant: datetime) -> int:
    """Whole milliseconds since 1970, UTC, rounded up: a deadline that fires a part of one too early would find nothing
    due, and never come back."""
    ms = to_ms(instant)
    return ms if from_ms(ms) >= instant else ms + 1


def from_ms(ms: int) -> datetime:
    """The instant of `to_ms`, UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def seen_of(document: Document | None, source: str) -> int:
    """The last sequence of this source that the document has taken in; 0 for none."""
    return int(document["seen"].get(source, [0])[0]) if document else 0


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Announces that everything said about this key on a compacted topic is to be forgotten."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Restated:
    """Says the current state again, as a new event with the next sequence: consumers that keep it take it in, those
    that act on what happens do nothing."""

    data: EventData


@dataclass(frozen=True, slots=True)
class OfCase:
    """An event of the case `correlation_id`, whatever the case its document was made in: of a document that serves
    several, such as an expert's calendar."""

    data: EventData
    correlation_id: str


Announcement = EventData | Tombstone | Restated | OfCase


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """What was decided: the new state and what must be announced, in order."""

    state: S | None
    announcements: tuple[Announcement, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored(Generic[S]):
    """An aggregate as it stands. `version` counts its decisions and is its ETag, `updated_at` is when the last of them
    was made; `document` is where it was read from, so that a change that follows at once need not read it again."""

    id: str
    state: S
    version: int
    correlation_id: str
    created_at: datetime
    updated_at: datetime
    document: Document = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """The aggregate after a change. `applied` is False where the cause had been applied before (or was passed over
    without effect); `answer` is the recorded answer of a repeated command."""

    stored: Stored[S] | None
    applied: bool
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Created(Generic[S]):
    """What a creation of many came to: how many were new, and all of them where none existed before."""

    new: int
    stored: tuple[Stored[S], ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[S]):
    """Some of the aggregates found, and the cursor to ask for the next ones."""

    items: tuple[Stored[S], ...]
    next: str | None


def _no_deadlines(_state: Any) -> Mapping[str, datetime]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind(Generic[S]):
    """How one aggregate type is stored. `keys` are the flat values lists are filtered by, `deadlines` the instants
    at which it wants to be woken, by name; both are derived from the state at every write. `several` names the keys
    that hold several values at once (tuples): a filter matches any of them. A kind that never `announces` has no outbox
    to look after; one that is `followed` is asked what has changed; one that no command under a key changes keeps no
    `answers`. What is not asked for costs no index."""

    name: str
    aggregate: str
    model: type[S]
    keys: Callable[[S], Mapping[str, Key]] = field(default=lambda _: {})
    deadlines: Callable[[S], Mapping[str, datetime]] = field(default=_no_deadlines)
    several: frozenset[str] = frozenset()
    prune: Callable[[S, datetime], S] = field(default=lambda state, _: state)
    announces: bool = True
    followed: bool = False
    answers: bool = True

    @property
    def asked(self) -> frozenset[Asked]:
        """What its collection is asked for beside its lists."""
        wanted: dict[Asked, bool] = {
            "pending": self.announces,
            "deadlines": self.deadlines is not _no_deadlines,
            "changes": self.followed,
            "answers": self.answers,
        }
        return frozenset(query for query, is_wanted in wanted.items() if is_wanted)
