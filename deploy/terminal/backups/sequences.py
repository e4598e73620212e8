"""Moving each aggregate's sequence past what its topic holds beyond a backup. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deploy.audit.announcements import RESTORED
from deploy.terminal.backups.since import Place
from shared.contracts.envelope import Actor
from shared.store import Origin, Step
from shared.store.said import SAID, Entry
from shared.store.writing import blank

RESTORING = Step(origin=Origin(actor=Actor(kind="system", id="entente", role="system"), correlation_id=RESTORED))
"""Why a document is there that no backup held."""


def known_of(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[Place, int]:
    """The last sequence of each aggregate on each topic, as the backup has it."""
    return {
        (topic, document["_id"]): int(sequence)
        for _, document in documents
        for topic, sequence in document.get("sequences", {}).items()
    }


def moved(
    document: dict[str, Any],
    topics: Iterable[str],
    highest: Mapping[Place, int],
    said: Mapping[Place, Sequence[Entry]] | None = None,
) -> dict[str, Any]:
    """The document with its sequences past what its topics hold, and nothing to be announced that lies there already.

    `topics` are those its collection announces on. `said` is what may be decided again, and then goes out as it was.
    """
    if "sequences" not in document:
        return document
    id_ = document["_id"]
    there = {t: highest[t, id_] for t in {*topics, *document["sequences"]} if (t, id_) in highest}
    ahead = {t: last for t, last in there.items() if last > document["sequences"].get(t, 0)}
    outbox = [entry for entry in document["outbox"] if entry["sequence"] > there.get(entry["topic"], 0)]
    if not ahead and len(outbox) == len(document["outbox"]):
        return document
    return {
        **document,
        "revision": document["revision"] + 1,
        "sequences": {**document["sequences"], **ahead},
        "outbox": outbox,
        "pending": 1 if outbox else 0,
        "pending_since": document["pending_since"] if outbox else 0,
        **_remembered(id_, there, said or {}, document.get(SAID, ())),
    }


def _remembered(
    id_: str, topics: Iterable[str], said: Mapping[Place, Sequence[Entry]], before: Sequence[Entry] = ()
) -> dict[str, Any]:
    entries = [*before, *(dict(entry) for topic in topics for entry in said.get((topic, id_), ()))]
    return {SAID: entries} if entries else {}


def guards(
    announces: Iterable[tuple[str, str]],
    known: Iterable[tuple[str, str]],
    highest: Mapping[Place, int],
    said: Mapping[Place, Sequence[Entry]] | None = None,
    cases: Mapping[Place, str] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Collection -> documents without a state for aggregates that the backup does not know, such as were made since.

    Many ids are derived: such an aggregate may be made again, and must not begin at 1 then. `known` are collection and
    id of every document in the backup. Where several collections announce on one topic and nothing tells whose an
    aggregate was, each gets one: a document without a state is on no list. `cases` are the correlations the aggregates
    began with: what is announced of one that is made again belongs to the case it belonged to.
    """
    homes: dict[str, set[str]] = defaultdict(set)
    for collection, topic in announces:
        homes[topic].add(collection)
    present, kinds = set[tuple[str, str]](), defaultdict[str, set[str]](set)
    for collection, id_ in known:
        present.add((collection, id_))
        kinds[_prefix(id_)].add(collection)
    wanted: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (topic, id_), last in highest.items():
        there = homes[topic]
        if any((collection, id_) in present for collection in there):
            continue
        for collection in (there & kinds[_prefix(id_)]) or there:
            wanted[collection, id_][topic] = last
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (collection, id_), sequences in sorted(wanted.items()):
        case = next((of for topic in sequences if (of := (cases or {}).get((topic, id_)))), RESTORED)
        empty = {**blank(id_, RESTORING, datetime.now(UTC)), "correlation_id": case}
        remembered = _remembered(id_, sequences, said or {})
        made[collection].append({**empty, "revision": 1, "sequences": sequences, RESTORED: True, **remembered})
    return dict(made)


def _prefix(id_: str) -> str:
    return id_.partition("_")[0]
