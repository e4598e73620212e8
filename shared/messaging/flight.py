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
    this process has written: those are its own to publish, unless another has taken them over."""

    def __init__(
        self, relay: str, documents: Documents, id_: str, snapshot: Snapshot | None, since: float, own: Collection[str]
    ) -> None:
        self.relay = relay
        self.documents = documents
        self.id = id_
        self.newest = snapshot
        self.since = since
        self.published: set[str] = set()
        self._own = set(own)

    def hand_over(self, snapshot: Snapshot, announced: Collection[str]) -> None:
        """Its writer has a state, in which it has announced these; an older state than is held is of no use."""
        self._own.update(announced)
        if self.newest is None or self.newest.revision < snapshot.revision:
            self.newest = snapshot

    def is_ours(self, entry: Entry) -> bool:
        """Whether this flight's relay publishes it."""
        return entry.holder == self.relay if entry.holder is not None else entry.event_id in self._own

    def due(self, snapshot: Snapshot) -> tuple[Entry, ...]:
        """What its relay may publish next: up to the first announcement that is another's."""
        return tuple(takewhile(self.is_ours, snapshot.entries))

    def take(self) -> Snapshot | None:
        """The newest state, once."""
        newest, self.newest = self.newest, None
        return newest

    def take_newer(self, revision: int) -> Snapshot | None:
        """The newest state, once, where it is newer than that."""
        newest = self.take()
        return newest if newest is not None and newest.revision > revision else None
