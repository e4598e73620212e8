"""The topics: one per aggregate type, keyed by the aggregate's id. Partitions are a setting of the deployment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Retention(StrEnum):
    """How long a topic keeps a record, and what its consumers may therefore rely on."""

    FOR_EVER = "for_ever"
    """Every record stays. Sequences are contiguous for a reader: a gap is an error."""
    BY_TIME = "by_time"
    """Records stay for `Topic.kept_days`. For news that are of no use later; gaps at the beginning are normal."""
    COMPACTED = "compacted"
    """The newest record per key stays and carries the full state. Newer wins, gaps are normal, a tombstone erases.
    Every record stays for `COMPACTED_AFTER_DAYS`, the older ones of a key too."""


_DAY_MS = 86_400_000
COMPACTED_AFTER_DAYS = 14
"""How old a record on a compacted topic is before a newer one of its key may replace it.

A consumer that acts on what happened, such as the notice that an institution was verified, must meet every record and
not the newest state alone. 14 days are the end-of-year closure of an office plus days to mend, and twice the 7 days
after which Kafka forgets where an idle consumer stood (`offsets.retention.minutes`): one that still knows its place has
lost nothing. With the 7 days until Kafka closes a segment (`segment.ms`), what was erased is still gone within a month.
"""


AS_PRODUCED = {"compression.type": "producer"}
"""A broker that packs every batch anew pays for it, and hands out codecs that none of the services writes."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, the aggregate whose events it carries and the service that alone writes to it."""

    name: str
    aggregate: str
    producer: str
    retention: Retention
    holds_people: bool = False
    kept_days: int | None = None

    def __post_init__(self) -> None:
        if (self.kept_days is not None) != (self.retention is Retention.BY_TIME):
            raise ValueError(f"{self.name}: days are stated for topics that are kept by time, and only for them")

    @property
    def contiguous(self) -> bool:
        """Whether a reader may insist on sequence n+1 after n."""
        return self.retention is Retention.FOR_EVER

    @property
    def kept(self) -> str:
        """How long a record stays, and what follows for a reader, in words."""
        if self.retention is Retention.COMPACTED:
            return (
                "compacted: the newest record per key stays and carries the full state; "
                f"the older ones stay for {COMPACTED_AFTER_DAYS} days, then gaps are normal; "
                "a record without a value erases the key"
            )
        if self.retention is Retention.BY_TIME:
            return f"kept for {self.kept_days} days; gaps at the beginning are normal"
        return "kept for ever; a missing sequence is an error"

    def configuration(self) -> dict[str, str]:
        """Its settings on a cluster, as Kafka names them: how long its records are promised to stay, and that they stay
        as produced."""
        if self.retention is Retention.COMPACTED:
            lag = {"min.compaction.lag.ms": str(COMPACTED_AFTER_DAYS * _DAY_MS)}
            return {"cleanup.policy": "compact", **lag, **AS_PRODUCED}
        kept_ms = -1 if self.kept_days is None else self.kept_days * _DAY_MS
        return {"cleanup.policy": "delete", "retention.ms": str(kept_ms), "retention.bytes": "-1", **AS_PRODUCED}


def _topic(name: str, aggregate: str, retention: Retention, *, holds_people: bool = False) -> Topic:
    return Topic(name, aggregate, name.split(".", 1)[0], retention, holds_people)


INSTITUTIONS = _topic("registration.institutions", "institution", Retention.COMPACTED)
CONTACTS = _topic("registration.contacts", "contact", Retention.COMPACTED, holds_people=True)
EXPERTS = _topic("registration.experts", "expert", Retention.COMPACTED)
REQUESTS = _topic("registration.requests", "request", Retention.FOR_EVER)
ACTIONS = _topic("registration.actions", "action", Retention.FOR_EVER)
TERMS_OF_REFERENCE = _topic("registration.terms_of_reference", "terms_of_reference", Retention.FOR_EVER)
SEARCHES = _topic("matching.searches", "search", Retention.FOR_EVER)
POSITIONS = _topic("matching.positions", "position", Retention.FOR_EVER)
CALENDARS = _topic("matching.calendars", "calendar", Retention.FOR_EVER)
TEAMS = _topic("matching.teams", "team", Retention.FOR_EVER)
EVALUATIONS = _topic("delivery.evaluations", "evaluation", Retention.FOR_EVER)

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        INSTITUTIONS,
        CONTACTS,
        EXPERTS,
        REQUESTS,
        ACTIONS,
        TERMS_OF_REFERENCE,
        SEARCHES,
        POSITIONS,
        CALENDARS,
        TEAMS,
        EVALUATIONS,
    )
}
