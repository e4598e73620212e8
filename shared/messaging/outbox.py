"""A document's outbox as the relay sees it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from shared.store.document import Document


@dataclass(frozen=True, slots=True)
class Entry:
    """One announcement as it goes to Kafka. `value` None is a tombstone. It is its writer's, or `holder`'s who took it
    over, `since` then (ms since 1970)."""

    event_id: str
    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    since: int
    holder: str | None = None

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Entry:
        """From its stored form."""
        return cls(
            event_id=raw["event_id"],
            topic=raw["topic"],
            key=raw["key"].encode(),
            value=None if raw["value"] is None else raw["value"].encode(),
            headers=tuple((name, text.encode()) for name, text in raw["headers"].items()),
            since=raw.get("taken_over", raw["since"]),
            holder=raw.get("taken_over_by"),
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The outbox of a document at a revision, in the order in which it must be published."""

    revision: int
    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, document: Document) -> Snapshot:
        """From a stored document."""
        return cls(document["revision"], tuple(Entry.of(raw) for raw in document["outbox"]))


def still_pending(snapshot: Snapshot, published: AbstractSet[str]) -> list[Entry]:
    """The entries that have not been published, in order."""
    return [entry for entry in snapshot.entries if entry.event_id not in published]


def taken_over(document: Document, ids: Collection[str], holder: str, now: int) -> Document:
    """The document with those entries taken over by this relay, at `now` (ms since 1970)."""
    taken = {"taken_over": now, "taken_over_by": holder}
    entries = [raw | taken if raw["event_id"] in ids else raw for raw in document["outbox"]]
    return {**document, "outbox": entries, "revision": document["revision"] + 1}


def without(document: Document, published: AbstractSet[str]) -> Document:
    """The document without exactly those entries, one revision on; nothing else of it changes."""
    rest = [raw for raw in document["outbox"] if raw["event_id"] not in published]
    return {
        **document,
        "outbox": rest,
        "pending": 1 if rest else 0,
        "pending_since": rest[0]["since"] if rest else 0,
        "revision": document["revision"] + 1,
    }
