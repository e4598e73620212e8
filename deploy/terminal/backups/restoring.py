"""A backup into an empty database, with the service stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.terminal.backups.file import Head, Whole, check, documents_of
from deploy.terminal.backups.newer import newer_groups
from deploy.terminal.backups.offsets import Offsets, beginnings_of, check_own, check_places, put_back
from deploy.terminal.backups.own import passed_over
from deploy.terminal.backups.sequences import guards, known_of, moved
from deploy.terminal.backups.since import Beyond, read_beyond
from deploy.terminal.backups.taking import STORE_MS
from deploy.terminal.failing import Exit, Failed, Misplaced
from deploy.terminal.looks.store import indexes_of
from deploy.terminal.settings import TerminalSettings, variable_of
from shared.messaging.parked import PARKED
from shared.store.client import close, connect
from shared.store.indexes import Fields
from shared.store.unmarked import MARK, MARKED, mark_of

AT_ONCE = 500
ELSEWHERE = "give an empty one with --into, and start the service with it as ENTENTE_DATABASE; nothing was changed"
ID: Fields = ("_id",)
"""The index that every collection has."""
NOBODY_BEHIND = (502, 503, 504)
"""What a proxy answers where no replica does; a service that lives answers otherwise."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to. `verified` counts the documents that were read back and compared; `newer` are the groups
    the backup does not know, each with the topic that it reads from the beginning."""

    whole: Whole
    database: str
    documents: int
    moved: int
    guarded: int
    verified: int | None
    beyond: Beyond
    newer: Mapping[str, str] = field(default_factory=dict)


async def restore(
    settings: TerminalSettings,
    path: Path,
    into: str | None,
    *,
    verify: bool,
    look_only: bool,
    tell_again: Collection[str] = (),
) -> Restored:
    """Check the file, put the groups back, write every document, read them back with `verify`.

    Failed, with nothing changed, for a file that is not whole, one of another database than the settings name where
    `into` names none, a service that still runs, topics that are not those of the backup, consumed or its own, a
    database that is not empty, a group the backup does not know that tells people and is not in `tell_again`. With
    `look_only` nothing is changed, and the service may run: whoever looks before they drop a database learns of other
    topics in time.
    """
    whole = check(path)
    head = whole.head
    if head.service not in settings.databases:
        raise Failed(f"{path} is a backup of {head.service}, a service this system does not have", Exit.USAGE)
    database = into or _same_database(settings, path, head)
    newer = newer_groups(head, tell_again)
    known = known_of(documents_of(path))
    if look_only:
        await _places(settings, head, newer)
        beyond = await read_beyond(list(settings.kafka), head.service, known)
        return Restored(whole, database, 0, 0, 0, None, beyond, newer)
    await _stopped(settings, head.service)
    client = connect(settings.mongodb.get_secret_value(), timeout_ms=STORE_MS)
    try:
        target = client[database]
        places = await _places(settings, head, newer)
        fresh = await _emptied(client, target, {"file": path.name, "sha256": whole.sha256})
        try:
            await _put_all_back(settings, places)
            beyond = await read_beyond(list(settings.kafka), head.service, known)
        except Exception:
            if fresh:
                await target[MARK].drop()  # nothing was there, and nothing is yet
            raise
        written = await _written(target, path, whole, beyond, places, verify=verify)
        return replace(written, newer=newer)
    finally:
        await close(client)


def _same_database(settings: TerminalSettings, path: Path, head: Head) -> str:
    """The service's database. Failed (usage) where the backup is of another one."""
    ours, variable = settings.databases[head.service], variable_of("databases")
    if head.database != ours:
        raise Failed(
            f"{path} is a backup of the database {head.database}, and {variable} names {ours} for {head.service}: "
            f"correct {variable}, or say with --into {ours} that it is meant; nothing was changed",
            Exit.USAGE,
        )
    return ours


async def _places(settings: TerminalSettings, head: Head, newer: Mapping[str, str]) -> dict[str, Offsets]:
    """Where each group is to read on, by group. Failed where the topics are not those of the backup."""
    await check_own(settings.kafka, head.ends, head.own_lasts)
    await check_places(settings.kafka, head.groups, head.lasts)
    beginnings = await beginnings_of(settings.kafka, sorted({*newer.values()})) if newer else {}
    return {**head.groups, **{group: {topic: beginnings[topic]} for group, topic in newer.items()}}


async def _put_all_back(settings: TerminalSettings, places: Mapping[str, Offsets]) -> None:
    """All groups side by side: each waits for the session of a member that was killed."""
    done = await asyncio.gather(
        *(put_back(settings.kafka, group, offsets) for group, offsets in places.items()), return_exceptions=True
    )
    for error in done:
        if error is not None:
            raise error


async def _written(
    target: Any, path: Path, whole: Whole, beyond: Beyond, groups: Mapping[str, Iterable[str]], *, verify: bool
) -> Restored:
    head = whole.head
    topics: dict[str, list[str]] = {}
    for collection, topic in head.announces:
        topics.setdefault(collection, []).append(topic)
    ahead, said = 0, beyond.said()
    lots = passed_over(head.service, groups, beyond, _of(PARKED.name, path), datetime.now(UTC))

    def wanted() -> Iterable[tuple[str, dict[str, Any], bool]]:
        for collection, document in documents_of(path):
            if collection == PARKED.name:
                yield collection, lots.get(document["_id"], document), False
                continue
            after = moved(document, topics.get(collection, ()), beyond.highest, said)
            yield collection, after, after is not document

    waiting: dict[str, list[dict[str, Any]]] = {}
    for collection, document, changed in wanted():
        ahead += changed
        rows = waiting.setdefault(collection, [])
        rows.append(document)
        if len(rows) == AT_ONCE:
            await target[collection].insert_many(waiting.pop(collection))
    places = ((collection, document["_id"]) for collection, document in documents_of(path))
    guarding = guards(head.announces, places, beyond.highest, said, beyond.cases())
    guarded = sum(map(len, guarding.values()))
    there = {document["_id"] for document in _of(PARKED.name, path)}
    if unknown := [row for id_, row in lots.items() if id_ not in there]:
        guarding[PARKED.name] = unknown
    for rest in (waiting, guarding):
        for collection, rows in rest.items():
            await target[collection].insert_many(rows)
    verified = None
    if verify:
        verified = await _verified(target, ((c, d) for c, d, _ in wanted()), whole, guarding)
    await target[MARK].drop()
    documents = sum(whole.counts.values())
    return Restored(whole, target.name, documents, ahead, guarded, verified, beyond)


def _of(wanted: str, path: Path) -> Iterable[dict[str, Any]]:
    return (document for collection, document in documents_of(path) if collection == wanted)


async def _verified(
    target: Any,
    wanted: Iterable[tuple[str, dict[str, Any]]],
    whole: Whole,
    guarding: dict[str, list[dict[str, Any]]],
) -> int:
    """Every document read back and compared, and the counts of every collection."""
    expected = Counter(whole.counts) + Counter({name: len(rows) for name, rows in guarding.items()})
    found = {name: await target[name].count_documents({}) for name in expected}
    if wrong := [name for name in expected if found[name] != expected[name]]:
        raise Failed(f"{wrong[0]} holds {found[wrong[0]]} documents, not {expected[wrong[0]]}: restore again")
    compared = 0
    batch: dict[str, dict[str, dict[str, Any]]] = {}
    for collection, document in wanted:
        rows = batch.setdefault(collection, {})
        rows[document["_id"]] = document
        if len(rows) == AT_ONCE:
            compared += await _same(target[collection], batch.pop(collection))
    for collection, rows in batch.items():
        compared += await _same(target[collection], rows)
    return compared


async def _same(collection: Any, wanted: dict[str, dict[str, Any]]) -> int:
    found = {row["_id"]: row for row in await collection.find({"_id": {"$in": list(wanted)}}).to_list(None)}
    if other := [id_ for id_, document in wanted.items() if found.get(id_) != document]:
        raise Failed(f"{collection.name}/{other[0]} was not read back as it was written: restore again")
    return len(wanted)


async def _stopped(settings: TerminalSettings, service: str) -> None:
    """Failed where the service still answers: it would write into what is being restored. Nobody listens there, or a
    proxy that finds nobody says so: then it is stopped, and the members of its groups are looked at besides."""
    url, who = settings.services[service], service
    try:
        async with httpx.AsyncClient(timeout=5.0) as http:
            answer = await http.get(f"{url.rstrip('/')}/health/live")
        said = answer.json() if answer.headers.get("content-type", "").startswith("application/") else {}
        ours = isinstance(said, dict) and said.get("status") == "alive"
        if answer.status_code in NOBODY_BEHIND and not ours:
            return
        who = str(said.get("service", service)) if ours else ""
    except httpx.ConnectError:
        return
    except (httpx.HTTPError, ValueError):
        pass  # it is there, and slow, or speaks in riddles
    if who != service:
        raise Misplaced(url, service, who)
    raise Failed(f"{service} still runs at {url}: stop every replica of it first; nothing was changed")


async def _emptied(client: Any, target: Any, mark: dict[str, str]) -> bool:
    """Nothing is there but the mark, from now on; whether it is the first. What a restore left that did not end is
    cleared away, but not where a service was started on it: that one has made its indexes, of which a restore makes
    none, and may have written."""
    names, left = await target.list_collection_names(), await mark_of(target)
    if left is None:
        for name in names:
            if await target[name].find_one({}, {"_id": 1}) is not None:
                raise Failed(f"the database {target.name} is not empty ({name}): {ELSEWHERE}")
    elif worked_on := [name for name, there in (await indexes_of(client, target.name)).items() if there - {ID}]:
        raise Failed(
            f"the database {target.name} is half restored from {left.get('file')}, and a service was started on it "
            f"since ({worked_on[0]} has its indexes): what it wrote there would be lost; {ELSEWHERE}"
        )
    await target[MARK].replace_one({"_id": MARKED}, {"_id": MARKED, **mark}, upsert=True)
    for name in names:
        if name != MARK:
            await target[name].drop()
    return left is None
