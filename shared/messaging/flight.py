"""One document on its way to Kafka."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile

from shared.messaging.outbox import Entry, Snapshot
from shared.store import Documents

Place = tuple[str, str]
"""Collection and id of a document."""


class Flight:
    """Holds the newest state its writers handed over and that has not been taken up, and which of the announcements
    this process has written, or taken over: those are its own to publish."""

    def __init__(
        self, documents: Documents, id_: str, snapshot: Snapshot | None, since: float, own: Collection[str] = ()
    ) -> None:
        self.documents = documents
        self.id = id_
        self.newest = snapshot
        self.since = since
        self.own = set(own)

    def hand_over(self, snapshot: Snapshot, announced: Collection[str]) -> None:
        """Its writer has a state, in which it has announced these; an older state than is held is of no use."""
        self.own.update(announced)
        if self.newest is None or self.newest.revision < snapshot.revision:
            self.newest = snapshot

    def due(self, snapshot: Snapshot) -> tuple[Entry, ...]:
        """What this process may publish next: up to the first announcement that is another's."""
        return tuple(takewhile(lambda entry: entry.event_id in self.own, snapshot.entries))

    def has_more(self, snapshot: Snapshot) -> bool:
        """Whether anything of this process's own waits there."""
        return any(entry.event_id in self.own for entry in snapshot.entries)

    def take(self) -> Snapshot | None:
        """The newest state, once."""
        newest, self.newest = self.newest, None
        return newest
