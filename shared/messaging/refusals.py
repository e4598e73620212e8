"""Announcements that Kafka will not take as they are: too large, or on a topic this service may not write.

They stay in their outboxes, and nothing of the same document overtakes them. Each is named in one log line and turns a
check red, because somebody must act: raise the topic's limit, grant the right. It is tried again every half minute.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import structlog

from shared.messaging.flight import Place
from shared.messaging.measuring import Metrics
from shared.messaging.outbox import Entry

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Refusal:
    event_id: str
    sentence: str
    again_at: float


class Refusals:
    """What is refused, by document. Instants are the caller's, in seconds of one clock."""

    def __init__(self, metrics: Metrics, every: float) -> None:
        self._metrics = metrics
        self._every = every
        self._refused: dict[Place, _Refusal] = {}

    def __contains__(self, place: Place) -> bool:
        return place in self._refused

    def note(self, place: Place, entry: Entry, why: str, now: float) -> None:
        """Kafka refused this entry; said in the log the first time."""
        collection, id_ = place
        type_ = dict(entry.headers).get("type", b"a tombstone").decode()
        sentence = f"Kafka refuses {type_} {entry.event_id} of {collection}/{id_} on {entry.topic}: {why}"
        before = self._refused.get(place)
        if before is None or before.event_id != entry.event_id:
            named = {"collection": collection, "id": id_, "event_id": entry.event_id, "type": type_}
            log.error("relay.refused", **named, topic=entry.topic, why=why)
        self._refused[place] = _Refusal(entry.event_id, sentence, now + self._every)
        self._measure(collection)

    def clear(self, place: Place, waiting: Collection[str] = ()) -> None:
        """Nothing of this document waits any more but these (event ids); what was refused may be among them still."""
        before = self._refused.get(place)
        if before is not None and before.event_id not in waiting:
            del self._refused[place]
            log.info("relay.accepted", collection=place[0], id=place[1])
            self._measure(place[0])

    def due(self, collection: str, now: float) -> list[str]:
        """Ids of the documents to be tried again."""
        return [id_ for (name, id_), it in self._refused.items() if name == collection and it.again_at <= now]

    def count(self, collection: str) -> int:
        """How many documents of it wait with a refused entry."""
        return sum(1 for name, _ in self._refused if name == collection)

    def check(self) -> str | None:
        """The first refusal in words, and how many there are besides; None where nothing is refused."""
        first = next(iter(self._refused.values()), None)
        if first is None:
            return None
        more = len(self._refused) - 1
        return f"{first.sentence} (and {more} more)" if more else first.sentence

    def _measure(self, collection: str) -> None:
        self._metrics.outbox_refused.labels(collection=collection).set(self.count(collection))
