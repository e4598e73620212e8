"""What was decided against what lies on the topics: each announcement must be there, and none that nobody decided."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from deploy.audit.evidence import Evidence, Record
from deploy.audit.findings import Findings
from shared.contracts.topics import COMPACTED_AFTER_DAYS, TOPICS, Retention
from shared.store.document import to_ms

RESTORED = "restored"
"""Field of a document that a restore made for an aggregate its backup did not know: what that aggregate had announced
is older than the document."""

CERTAINLY_KEPT = timedelta(days=COMPACTED_AFTER_DAYS - 1)
"""A day less than the topics promise: the clocks of services, brokers and auditor differ."""


def judge_announcements(evidence: Evidence, first: list[Record], findings: Findings, now: datetime) -> None:
    """Add what was decided and is not on its topic, and what is there and no document has decided.

    Of a topic that is kept for ever each sequence must be there. Of a compacted one each from the newest on that says
    the state again (`entente republish` mends what lacks before it), where the document is younger than any record that
    may have been compacted. Only the last is asked for where that is not known: of older documents, of those that a
    restore has made, of topics whose beginning was deleted.
    """
    on_topic: dict[tuple[str, str], set[int]] = defaultdict(set)
    young: set[tuple[str, str]] = set()
    said_again: dict[tuple[str, str], int] = {}
    for record in first:
        place = record.topic, record.key
        on_topic[place].add(record.sequence)
        if not evidence.decided(record):
            young.add(place)
        if record.event and record.event.get("restated") and TOPICS[record.topic].retention is Retention.COMPACTED:
            said_again[place] = max(record.sequence, said_again.get(place, 0))
    issued = evidence.issued()
    for topic, document, last in evidence.announced():
        place = topic, document["_id"]
        there = on_topic.get(place, set())
        waiting = {e["sequence"] for e in document.get("outbox", ()) if e["topic"] == topic}
        whole = _kept_whole(evidence, topic, document, now)
        for sequence in range(said_again.get(place, 1), last + 1) if whole else (last,):
            if sequence in there or (not whole and max(there, default=0) > sequence):
                continue
            kind = findings.pending if sequence in waiting else findings.lost
            kind.append(f"{topic}/{place[1]} #{sequence} was decided and is not on its topic")
    for place, sequences in on_topic.items():
        if (last := max(sequences)) > issued.get(place, 0):
            kind = findings.pending if place in young else findings.lost
            kind.append(f"{'/'.join(place)} #{last} is on its topic and no document has decided it")


def _kept_whole(evidence: Evidence, topic: str, document: dict[str, Any], now: datetime) -> bool:
    """Whether every record of the document must lie on the topic still: each was published after it was made."""
    retention = TOPICS[topic].retention
    if retention is not Retention.COMPACTED or topic in evidence.headless or document.get(RESTORED):
        return retention is Retention.FOR_EVER
    made: int = document.get("created_at", 0)
    return made > to_ms(now - CERTAINLY_KEPT)
