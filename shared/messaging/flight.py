"""One document on its way to Kafka."""

from __future__ import annotations

from shared.messaging.outbox import Snapshot
from shared.store import Documents

Place = tuple[str, str]
"""Collection and id of a document."""


class Flight:
    """Holds the newest state its writers handed over and that has not been taken up."""

    def __init__(self, documents: Documents, id_: str, snapshot: Snapshot | None, since: float) -> None:
        self.documents = documents
        self.id = id_
        self.newest = snapshot
        self.since = since

    def hand_over(self, snapshot: Snapshot) -> None:
        """Its writer has a state; an older one than is held is of no use."""
        if self.newest is None or self.newest.revision < snapshot.revision:
            self.newest = snapshot

    def take(self) -> Snapshot | None:
        """The newest state, once."""
        newest, self.newest = self.newest, None
        return newest
