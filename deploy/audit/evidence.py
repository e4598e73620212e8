"""What the auditor looks at: every record of every topic, every stored document, every mail. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesHeaderParser
from heapq import merge
from pathlib import Path
from typing import Any

from deploy.audit.progress import Progress, headless, read_progress
from deploy.audit.reading import heard, key_of, scan
from deploy.services import SERVICES
from shared.contracts.topics import TOPICS, Retention
from shared.ids import derived_id
from shared.store.client import close, connect

STORE_MS = 10_000

STATES_READ: Mapping[str, frozenset[str]] = {
    "registration": frozenset({"actions", "parked", "timelines"}),
    "matching": frozenset({"calendars", "institutions", "parked", "positions", "roster", "searches", "teams"}),
    "notifications": frozenset({"cases", "contacts", "deliveries", "parked"}),
}
"""Collections, by service, of which the auditor reads the state too; of all others guard, sequences and outbox are
enough."""

UNREAD: Mapping[str, tuple[str, ...]] = {"searches": ("state.ranking",)}
"""The bulk of a state, of which nothing is judged."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on a topic. `event` is None for a tombstone and for what its consumers would park:
    `unreadable` is then why. `published` is its producer's instant, in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: str
    event: dict[str, Any] | None
    sequence: int
    event_id: str
    published: int = 0
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was handed over."""

    message_id: str
    event_id: str
    to: str


@dataclass(slots=True)
class Evidence:
    """Everything, read once. `documents` is service -> collection -> documents. `progress` is how far everybody had
    come before anything was read; None for a system at rest, of which nothing is on its way. `headless` are the topics
    of which records were deleted from the beginning."""

    records: list[Record] = field(default_factory=list)
    documents: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    progress: Progress | None = None
    headless: frozenset[str] = frozenset()

    def decided(self, record: Record) -> bool:
        """Whether the documents that were read must hold the decision behind this record."""
        return self.progress is None or record.offset < self.progress.ends.get((record.topic, record.partition), 0)

    def reached(self, group: str, record: Record) -> bool:
        """Whether the effects this consumer group has of the record must stand in the documents that were read."""
        if self.progress is None:
            return True
        committed = self.progress.committed.get(group, {})
        return record.offset < committed.get((record.topic, record.partition), 0)

    def discarded(self, group: str, topic: str, key: str) -> set[int]:
        """The sequences of a key that an operator has discarded for this group: their effects are nobody's loss."""
        return {
            sequence
            for document in self.collection(group.partition(".")[0], "parked")
            for sequence in (document["state"] or {}).get("discarded", ())
            if (document["state"]["group"], document["state"]["topic"], document["state"]["key"]) == (group, topic, key)
        }

    def parked_keys(self) -> set[tuple[str, str, str]]:
        """(group, topic, key) of everything that waits for an operator: told as such, and not lost besides. At rest a
        parked event is both: an audit that must come out clean names its effects too."""
        if self.progress is None:
            return set()
        states = [d["state"] or {} for s in SERVICES for d in self.collection(s, "parked")]
        return {(state["group"], state["topic"], state["key"]) for state in states if state.get("events")}

    def announced(self) -> Iterator[tuple[str, dict[str, Any], int]]:
        """(topic, document, last sequence issued) of every document on every topic it announces on."""
        for service in SERVICES:
            for documents in self.documents.get(service, {}).values():
                for document in documents:
                    for topic, last in document.get("sequences", {}).items():
                        yield topic, document, last

    def issued(self) -> dict[tuple[str, str], int]:
        """(topic, key) -> the last sequence that a document has issued."""
        found: dict[tuple[str, str], int] = {}
        for topic, document, last in self.announced():
            found[topic, document["_id"]] = max(last, found.get((topic, document["_id"]), 0))
        return found

    def on(self, topic: str) -> list[Record]:
        """The records of one topic that can be read, in the order in which `records` has them."""
        return [record for record in self.records if record.topic == topic and not record.unreadable]

    def collection(self, service: str, name: str) -> list[dict[str, Any]]:
        """The documents of one collection; empty where there is none."""
        return self.documents.get(service, {}).get(name, [])


def in_order(records: Iterable[Record]) -> list[Record]:
    """The records, those of each key in the order in which they came.

    Within one partition that is the order of offsets. Between the partitions of a key, which moves when partitions are
    raised, it is that of their producers' instants; equal instants say nothing, and are taken as the sequences are.
    """
    keys: dict[tuple[str, str], dict[int, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in sorted(records, key=lambda r: (r.topic, r.partition, r.offset)):
        keys[record.topic, record.key][record.partition].append(record)
    return [
        record
        for partitions in keys.values()
        for record in merge(*partitions.values(), key=lambda r: (r.published, r.sequence))
    ]


async def read_topics(kafka: list[str], names: Iterable[str] = tuple(TOPICS)) -> list[Record]:
    """Every record of the topics up to their ends now. HeadOfTopicMissing where the beginning is gone."""
    return await scan(kafka, names, _record)


def _record(raw: Any) -> Record:
    said = heard(raw)
    return Record(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        key=key_of(raw),
        event=said.event,
        sequence=said.sequence,
        event_id=said.event_id,
        published=raw.timestamp,
        unreadable=said.unreadable,
    )


def listed(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list of a content or a state; none where it is no list: a record may hold anything."""
    found = content.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def known_events(evidence: Evidence, records: Iterable[Record]) -> set[str]:
    """The ids of all events on the topics; of a compacted one also of those whose place a newer one has taken, as far
    as they were decided: a record may bear any number."""
    issued = evidence.issued()
    known: set[str] = set()
    last: dict[tuple[str, str], int] = {}
    for record in records:
        known.add(record.event_id)
        if TOPICS[record.topic].retention is Retention.COMPACTED:
            last[record.topic, record.key] = max(record.sequence, last.get((record.topic, record.key), 0))
    for (topic, key), sequence in last.items():
        before = min(sequence, issued.get((topic, key), 0) + 1)
        known.update(derived_id("evt", topic, key, str(n)) for n in range(1, before))
    return known


async def read_databases(mongodb: str, databases: dict[str, str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Every document of every collection, without recorded answers; `databases` is service -> database name.

    Parking lots come first: an event that waited there and was handled meanwhile has left its effect in the rest. Each
    batch may take `STORE_MS`, and a collection as many batches as it has.
    """
    client = connect(mongodb, timeout_ms=STORE_MS)
    try:
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for service, database in databases.items():
            found[service] = {
                name: [document async for document in client[database][name].find({}, _fields(service, name))]
                for name in sorted(await client[database].list_collection_names(), key=lambda n: (n != "parked", n))
            }
        return found
    finally:
        await close(client)


def _fields(service: str, collection: str) -> dict[str, int]:
    judged = collection in STATES_READ.get(service, ())
    return dict.fromkeys(("answers", "keys", *(UNREAD.get(collection, ()) if judged else ("state",))), 0)


def read_mails(mailbox: Path) -> list[Mail]:
    """Every mail the catcher kept. Only headers are read, as they were sent: twenty times as fast."""
    mails = []
    parser = BytesHeaderParser(policy=policy.compat32)
    for path in sorted(mailbox.glob("*.eml")):
        message = parser.parsebytes(path.read_bytes())
        mails.append(
            Mail(
                message_id=str(message["Message-ID"] or "").strip(),
                event_id=str(message["X-Entente-Event"] or ""),
                to=str(message["To"] or ""),
            )
        )
    return mails


async def gather(kafka: list[str], mongodb: str, databases: dict[str, str], mailbox: Path | None) -> Evidence:
    """Read everything. Documents first, topics after: what a document announced meanwhile is then on its topic."""
    documents = await read_databases(mongodb, databases)
    return Evidence(
        records=await read_topics(kafka),
        documents=documents,
        mails=read_mails(mailbox) if mailbox else [],
        headless=await headless(kafka),
    )


async def gather_live(kafka: list[str], mongodb: str, databases: dict[str, str]) -> Evidence:
    """Read a system at work: offsets first, then documents, then topics. Without mails: they cannot be read at once
    with the rest, and a real mail server shows none."""
    progress = await read_progress(kafka)
    documents = await read_databases(mongodb, databases)
    records = await read_topics(kafka)
    return Evidence(records=records, documents=documents, progress=progress, headless=await headless(kafka))
