"""From a document and a decision to the document that is written next: pure, no I/O."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.catalogue import contract_of
from shared.contracts.envelope import AggregateRef, Envelope, EventData
from shared.contracts.topics import Topic
from shared.ids import derived_id
from shared.store.causes import Answer, Cause, Command, DeadlinePassed, Happened
from shared.store.document import (
    Announcement,
    Decision,
    Document,
    Kind,
    OfCase,
    Restated,
    S,
    Stored,
    Tombstone,
    from_ms,
    to_ms,
    to_ms_after,
)
from shared.store.said import SAID, said_before, still_sayable
from shared.store.size import size_of

SEEN_KEPT_DAYS = 400
SEEN_ALWAYS_KEPT = 64
"""Rule for pruning the guard: of more than 64 sources, those not heard of for 400 days are forgotten. What comes from
such a source later is refused as a gap where the topic is kept for ever; only a replay from its first event is not."""

ANSWERS_KEPT_MOST = 100
ANSWERS_KEPT_BYTES = 1_000_000
"""At most this many answers, and this many bytes of them (BSON), are kept whole per document: the creation's and the
newest, those two whatever their size. Of an older one its key stays until its time is over, so that the command is
never done again. Every decision reads and writes the whole document: terms with every text full have 346 kB in Chinese,
and a hundred answers of theirs would be 35 MB, where MongoDB takes 16. A caller who repeats does so at once, and finds
the newest."""

KEYS_KEPT_MOST = 1000
"""At most this many keys per document within their time, in about 160 kB; further commands under a key are refused
until the oldest one's time is over. A draft saved every 30 seconds by one caller comes to it after 8 hours."""


def blank(id_: str, cause: Cause, now: datetime) -> Document:
    """The document before its first decision."""
    return {
        "_id": id_,
        "id": id_,
        "revision": 0,
        "version": 0,
        "correlation_id": cause.origin.correlation_id,
        "created_at": to_ms(now),
        "updated_at": to_ms(now),
        "state": None,
        "keys": {},
        "seen": {},
        "sequences": {},
        "outbox": [],
        "pending": 0,
        "pending_since": 0,
        "deadlines": {},
        "fired": {},
        "next_deadline": None,
        "claimed_until": 0,
        "answers": {},
        "answers_since": 0,
    }


def stored_of(kind: Kind[S], document: Document) -> Stored[S] | None:
    """The aggregate in a document; None where the document holds a guard only."""
    if document["state"] is None:
        return None
    return stored_as(document, kind.model.model_validate(document["state"]))


def stored_as(document: Document, state: S) -> Stored[S]:
    """The aggregate in a document whose state is known already."""
    return Stored(
        id=document["_id"],
        state=state,
        version=document["version"],
        correlation_id=document["correlation_id"],
        created_at=from_ms(document["created_at"]),
        updated_at=from_ms(document["updated_at"]),
        document=document,
    )


def written(
    before: Document, kind: Kind[S], cause: Cause, decision: Decision[S], now: datetime, answers_kept: timedelta
) -> Document:
    """The document after the decision: state, keys, deadlines, guard and announcements together. Version and
    `updated_at` move with what is decided, not with a guard or a kept answer: the same ETag is the same object."""
    state = None if decision.state is None else kind.prune(decision.state, now)
    dumped = None if state is None else state.model_dump(mode="json")
    wanted = {} if state is None else {name: to_ms_after(at) for name, at in kind.deadlines(state).items()}
    fired = _fired(before["fired"], cause, wanted)
    deadlines = {name: at for name, at in wanted.items() if fired.get(name) != at}
    answers = _fresh(before["answers"], now, answers_kept)
    decided = dumped != before["state"] or bool(decision.announcements)
    after = {
        **before,
        "revision": before["revision"] + 1,
        "version": before["version"] + (1 if decided else 0),
        "updated_at": to_ms(now) if decided else before["updated_at"],
        "state": dumped,
        "keys": {} if state is None else _plain(kind, kind.keys(state)),
        "seen": _seen(before["seen"], cause, now),
        "deadlines": deadlines,
        "fired": fired,
        "next_deadline": min(deadlines.values(), default=None),
        "answers": answers,
        "answers_since": _oldest(answers),
    }
    if deadlines != before["deadlines"]:
        after["claimed_until"] = 0
    if decision.announcements:
        if not kind.announces:
            raise TypeError(f"{kind.name} announces nothing: its outbox is not looked after")
        _announce(after, cause, decision.announcements, now)
    return after


def _plain(kind: Kind[S], keys: Any) -> dict[str, Any]:
    if undeclared := [name for name, value in keys.items() if isinstance(value, tuple) and name not in kind.several]:
        raise TypeError(f"{kind.name}: keys with several values must be declared as such: {undeclared}")
    return {name: list(value) if isinstance(value, tuple) else value for name, value in keys.items()}


def _seen(seen: dict[str, list[int]], cause: Cause, now: datetime) -> dict[str, list[int]]:
    if not isinstance(cause, Happened):
        return seen
    updated = {**seen, cause.source: [cause.sequence, to_ms(now)]}
    if len(updated) > SEEN_ALWAYS_KEPT:
        oldest = to_ms(now - timedelta(days=SEEN_KEPT_DAYS))
        updated = {source: entry for source, entry in updated.items() if entry[1] >= oldest}
    return updated


def _fired(fired: dict[str, int], cause: Cause, wanted: dict[str, int]) -> dict[str, int]:
    """The deadlines that have fired and that the state names still: they do not come back with the next change."""
    if isinstance(cause, DeadlinePassed):
        fired = {**fired, cause.name: to_ms(cause.at)}
    return {name: at for name, at in fired.items() if wanted.get(name) == at}


def _fresh(answers: dict[str, Any], now: datetime, kept: timedelta) -> dict[str, Any]:
    """The keys whose time is not over."""
    since = to_ms(now - kept)
    return {slot: answer for slot, answer in answers.items() if answer["at"] > since}


def _oldest(answers: dict[str, Any]) -> int:
    """When the first of the keys was used (ms); 0 where there is none. Flat, so that an index finds what is over."""
    return min((int(answer["at"]) for answer in answers.values()), default=0)


def without_old_answers(document: Document, now: datetime, kept: timedelta) -> Document:
    """The document without the keys and answers whose time is over, and otherwise as it was: no decision."""
    answers = _fresh(document["answers"], now, kept)
    return {
        **document,
        "revision": document["revision"] + 1,
        "answers": answers,
        "answers_since": _oldest(answers),
    }


def _with_room(answers: dict[str, Any], more: int) -> dict[str, Any]:
    """The answers with room for one more of so many bytes: the oldest are let go, their keys stay. The creation's is
    not pushed out by others: a repeat of it must find the object it made."""
    room = dict(answers)
    whole = {slot: _bytes_of(answer) for slot, answer in answers.items() if "body" in answer}
    oldest_first = sorted(whole, key=lambda slot: int(answers[slot]["at"]))
    for slot in (slot for slot in oldest_first if not answers[slot]["creates"]):
        if len(whole) < ANSWERS_KEPT_MOST and sum(whole.values()) + more <= ANSWERS_KEPT_BYTES:
            break
        room[slot] = {name: room[slot][name] for name in ("fingerprint", "at", "creates")}
        del whole[slot]
    return room


def _bytes_of(answer: dict[str, Any]) -> int:
    """Noted with it; measured where it was kept before that was done."""
    return int(answer["bytes"]) if "bytes" in answer else size_of(answer["body"])


def room_for_a_key(after: Document, now: datetime, kept: timedelta) -> timedelta:
    """How long until the document may keep one more key; zero where it may now."""
    if len(after["answers"]) < KEYS_KEPT_MOST:
        return timedelta()
    return from_ms(min(answer["at"] for answer in after["answers"].values())) + kept - now


def with_answer(after: Document, cause: Command, answer: Answer, now: datetime) -> Document:
    """The document with the recorded answer to the command's key, for which older ones may be let go."""
    size = size_of(answer.body)
    kept = {
        "fingerprint": cause.fingerprint,
        "status": answer.status,
        "body": answer.body,
        "bytes": size,
        "at": to_ms(now),
        "creates": after["revision"] == 1,
    }
    answers = {**_with_room(after["answers"], size), answer_slot(cause): kept}
    return {**after, "answers": answers, "answers_since": _oldest(answers)}


def answer_slot(command: Command) -> str:
    """Where the answer to a command's key is kept: per caller, and safe as a field name."""
    return hashlib.sha256(f"{command.caller}\x1f{command.key}".encode()).hexdigest()[:40]


def answer_of(document: Document, command: Command, now: datetime, kept: timedelta) -> dict[str, Any] | None:
    """The recorded answer to the command's key, if there is one and its time is not over."""
    if command.key is None:
        return None
    found: dict[str, Any] | None = document["answers"].get(answer_slot(command))
    return found if found is not None and found["at"] > to_ms(now - kept) else None


def _announce(after: Document, cause: Cause, announcements: tuple[Announcement, ...], now: datetime) -> None:
    after["sequences"] = dict(after["sequences"])
    after["outbox"] = list(after["outbox"])
    for announcement in announcements:
        topic = _topic_of(announcement)
        sequence = after["sequences"].get(topic.name, 0) + 1
        entry = _entry(after, cause, topic, sequence, announcement, now)
        known = said_before(after.get(SAID, ()), entry)
        if SAID in after:
            after[SAID] = still_sayable(after[SAID], topic.name, known)
        if known is None:
            after["sequences"][topic.name] = sequence
            after["outbox"].append(entry)
        else:
            after["outbox"].append({**known, "since": entry["since"]})
    if not after["pending"]:
        after["pending"], after["pending_since"] = 1, to_ms(now)


def _topic_of(announcement: Announcement) -> Topic:
    if isinstance(announcement, Tombstone):
        return announcement.topic
    return contract_of(type(_data_of(announcement))).topic


def _data_of(announcement: EventData | Restated | OfCase) -> EventData:
    return announcement.data if isinstance(announcement, Restated | OfCase) else announcement


def _entry(
    after: Document, cause: Cause, topic: Topic, sequence: int, announcement: Announcement, now: datetime
) -> dict[str, Any]:
    origin = cause.origin
    event_id = derived_id("evt", topic.name, after["_id"], str(sequence))
    correlation_id = announcement.correlation_id if isinstance(announcement, OfCase) else after["correlation_id"]
    headers = {"event_id": event_id, "correlation_id": correlation_id, "sequence": str(sequence)}
    if origin.traceparent:
        headers["traceparent"] = origin.traceparent
    value = None
    if not isinstance(announcement, Tombstone):
        said = _data_of(announcement)
        contract = contract_of(type(said))
        headers["type"] = contract.name
        value = Envelope(
            event_id=event_id,
            type=contract.name,
            version=contract.version,
            occurred_at=now,
            actor=origin.actor,
            aggregate=AggregateRef(type=topic.aggregate, id=after["_id"]),
            sequence=sequence,
            correlation_id=correlation_id,
            causation_id=origin.causation_id,
            traceparent=origin.traceparent,
            restated=isinstance(announcement, Restated),
            data=said.model_dump(mode="json"),
        ).model_dump_json()
    return {
        "event_id": event_id,
        "topic": topic.name,
        "key": after["_id"],
        "sequence": sequence,
        "value": value,
        "headers": headers,
        "since": to_ms(now),
    }
