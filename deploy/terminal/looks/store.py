"""MongoDB as an operator must know it: does it answer, is it a replica set in order, what indexes are there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReadPreference
from pymongo.errors import OperationFailure, PyMongoError

from deploy.terminal.looks.clock import judged, off_by
from deploy.terminal.looks.finding import Finding, State
from shared.store.indexes import Fields
from shared.store.unmarked import MARK, mark_of
from shared.store.wording import worded

BEHIND = timedelta(seconds=10)
"""A secondary this far behind is not about to catch up: while it is, a majority may hang on the others."""

NOT_ALLOWED, NOT_INITIATED = 13, 94
"""MongoDB's error codes."""

STAND_IN = "nx"
"""The embedded stand-in's process name begins so."""

HEALTHY = ("PRIMARY", "SECONDARY", "ARBITER")


async def look_at_store(client: Any, databases: Mapping[str, str]) -> list[Finding]:
    """Reachability, clock, replica set, and whether the services' databases are there and whole.

    Those are read from the primary: without one they are not looked at (UNKNOWN), and what was found before stands."""
    asked = datetime.now(UTC)
    try:
        hello = await _ask(client, "hello")
    except PyMongoError as error:
        return [away(error)]
    answered = datetime.now(UTC)
    told = hello["localTime"]
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    found = [Finding("mongodb", State.OK, "answers")]
    found.append(judged("MongoDB's clock", off_by(told, asked, answered, timedelta(milliseconds=1))))
    found += await _replica_set(client, hello)
    try:
        for service, database in databases.items():
            found += await _database(client[database], service, database)
    except PyMongoError as error:
        found.append(not_looked_at(error))
    return found


async def _database(database: Any, service: str, name: str) -> list[Finding]:
    if not (collections := await database.list_collection_names()):
        return [empty(service, name)]
    mark = await mark_of(database) if MARK in collections else None
    if mark is None:
        return []
    what = f"database {name} of {service} is half restored: a restore of {mark.get('file')} has not ended"
    mend = f"where none is at work, run entente restore again to its end; {service} does not start before"
    return [Finding("mongodb", State.WRONG, what, mend)]


def empty(service: str, database: str) -> Finding:
    """Nobody works on this database: a service has made its collections before it is ready."""
    mend = f"start {service}; where it runs, ENTENTE_DATABASES or its ENTENTE_DATABASE names another"
    return Finding("mongodb", State.WRONG, f"database {database} of {service} is empty", mend)


def not_looked_at(error: PyMongoError) -> Finding:
    """The databases could not be read, although a member of the store answers."""
    return Finding(
        "mongodb",
        State.UNKNOWN,
        f"databases and indexes not looked at: no primary answers ({type(error).__name__})",
        "see the replica set; they are looked at as soon as it has a primary",
    )


def away(error: Exception) -> Finding:
    """The store does not answer."""
    return Finding(
        "mongodb",
        State.AWAY,
        f"does not answer: {' '.join(worded(error).split())[:150]}",
        "start it, or correct ENTENTE_MONGODB; a set without a primary needs a majority of its members up",
    )


async def indexes_of(client: Any, database: str) -> dict[str, set[Fields]]:
    """The indexes of each collection, by their fields."""
    found: dict[str, set[Fields]] = {}
    for name in await client[database].list_collection_names():
        there = await (await client[database][name].list_indexes()).to_list(None)
        found[name] = {tuple(index["key"]) for index in there}
    return found


async def members_of(client: Any) -> list[dict[str, str]]:
    """Name and state of each member of the replica set; empty where there is none or the server does not tell."""
    try:
        status = await _ask(client, "replSetGetStatus")
    except OperationFailure:
        return []
    return [{"name": str(m["name"]), "state": str(m["stateStr"])} for m in status.get("members", ())]


async def _ask(client: Any, command: str) -> dict[str, Any]:
    """From any member: a set that has lost its primary is what must be told."""
    answer: dict[str, Any] = await client.admin.command(command, read_preference=ReadPreference.NEAREST)
    return answer


async def _replica_set(client: Any, hello: Mapping[str, Any]) -> list[Finding]:
    area = "replica set"
    if "setName" not in hello:
        if str((await _ask(client, "buildInfo")).get("process", "")).startswith(STAND_IN):
            return [
                Finding(area, State.NOTE, "the embedded stand-in is not one: for development, not for data you keep")
            ]
        return [
            Finding(
                area,
                State.WRONG,
                "MongoDB runs without one, or nobody has initiated it: what is acknowledged can be lost",
                "start each mongod with --replSet rs0, then once: mongosh --eval 'rs.initiate()'",
            )
        ]
    try:
        status = await _ask(client, "replSetGetStatus")
    except OperationFailure as error:
        if error.code == NOT_ALLOWED:
            mend = "grant the user of ENTENTE_MONGODB the role clusterMonitor to have it looked at"
            return [Finding(area, State.UNKNOWN, "this user may not look at it", mend)]
        return [Finding(area, State.WRONG, f"does not tell its state: {error.code}", "mongosh --eval 'rs.status()'")]
    return [*_members(area, status), *await _durability(client, area)]


def _members(area: str, status: Mapping[str, Any]) -> list[Finding]:
    members: list[Mapping[str, Any]] = status["members"]
    found = [
        Finding(
            area,
            State.WRONG,
            f"{m['name']} is {m['stateStr']}",
            f"start its mongod, and look into the log of {m['name']}",
        )
        for m in members
        if m["stateStr"] not in HEALTHY
    ]
    primary = next((m for m in members if m["stateStr"] == "PRIMARY"), None)
    if primary is None:
        mend = "bring a majority of the members up; they elect one within seconds"
        found.append(Finding(area, State.WRONG, "has no primary: nothing can be written", mend))
    else:
        for member in members:
            behind = primary["optimeDate"] - member["optimeDate"] if member["stateStr"] == "SECONDARY" else timedelta()
            if behind > BEHIND:
                what = f"{member['name']} is {behind.total_seconds():.0f} s behind {primary['name']}"
                found.append(Finding(area, State.WRONG, what, f"look at disk and network of {member['name']}"))
    if not found:
        found.append(Finding(area, State.OK, f"{len(members)} of {len(members)} members up, {primary['name']} leads"))  # type: ignore[index]
    if len(members) == 1:
        what = "has one member: with its disk everything since the last backup is lost"
        found.append(Finding(area, State.NOTE, what, "add two: mongosh --eval 'rs.add(\"HOST:27017\")'"))
    return found


async def _durability(client: Any, area: str) -> list[Finding]:
    """Whether a majority's acknowledgement means the journal, as the services take it to."""
    try:
        config = (await _ask(client, "replSetGetConfig"))["config"]
    except OperationFailure:
        return []
    if config.get("writeConcernMajorityJournalDefault", True):
        return []
    return [
        Finding(
            area,
            State.WRONG,
            "writeConcernMajorityJournalDefault is off: an acknowledged write can be lost with the power",
            "mongosh: c = rs.conf(); c.writeConcernMajorityJournalDefault = true; rs.reconfig(c)",
        )
    ]
