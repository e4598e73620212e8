"""A database that a restore has left half written: no service works on it, doctor tells it, a restore may clear it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from deploy.terminal.backups import restoring
from deploy.terminal.backups.file import FORMAT, Head, Whole
from deploy.terminal.backups.restoring import _emptied
from deploy.terminal.failing import Exit, Failed
from deploy.terminal.looks.finding import State
from deploy.terminal.looks.store import look_at_store
from deploy.terminal.settings import TerminalSettings
from shared.clock import ManualClock
from shared.errors import CannotRun
from shared.runtime.background import Database
from shared.store import MongoDocuments, StoreAway
from shared.store.unmarked import MARK, MARKED, HalfRestored, Unmarked, mark_of
from tests.support.sample_case import KEYS, START, case_store

LEFT = {"file": "matching-1.backup", "sha256": "ab"}
AGAIN = {"file": "matching-2.backup", "sha256": "cd"}


class Rows:
    """What a cursor would give."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    async def to_list(self, _: None) -> list[dict[str, Any]]:
        return self._rows


class Collection:
    """One collection of the store below."""

    def __init__(self, store: Mongo, name: str) -> None:
        self._store, self.name = store, name

    async def find_one(self, where: dict[str, Any], _: Any = None) -> dict[str, Any] | None:
        self._store.asked.append(self.name)
        if self._store.away:
            raise ServerSelectionTimeoutError("no server")
        rows = self._store.rows.get(self.name, {})
        return rows.get(where["_id"]) if where else next(iter(rows.values()), None)

    async def replace_one(self, where: dict[str, Any], row: dict[str, Any], *, upsert: bool) -> None:
        assert upsert
        self._store.rows.setdefault(self.name, {})[where["_id"]] = row

    async def insert_many(self, rows: list[dict[str, Any]], *, ordered: bool) -> None:
        assert not ordered
        self._store.rows.setdefault(self.name, {}).update({row["_id"]: row for row in rows})

    async def create_index(self, fields: list[tuple[str, int]]) -> None:
        self._store.rows.setdefault(self.name, {})
        self._store.indexes.setdefault(self.name, []).append(dict(fields))

    async def list_indexes(self) -> Rows:
        return Rows([{"key": key} for key in ({"_id": 1}, *self._store.indexes.get(self.name, ()))])

    async def drop(self) -> None:
        self._store.rows.pop(self.name, None)
        self._store.indexes.pop(self.name, None)


class Mongo:
    """Client and its one database."""

    name = "m"

    def __init__(self, **rows: dict[str, dict[str, Any]]) -> None:
        self.rows, self.indexes = rows, dict[str, list[dict[str, int]]]()
        self.asked: list[str] = []
        self.away = False
        self.admin = self

    def __getitem__(self, name: str) -> Any:
        return self if name == self.name else Collection(self, name)

    async def command(self, name: str, **_: Any) -> dict[str, Any]:
        if name == "hello":
            return {"localTime": datetime.now(UTC), "setName": "rs0"}
        raise OperationFailure("no", 59)

    async def list_collection_names(self) -> list[str]:
        return list(self.rows)


def half_restored() -> Mongo:
    return Mongo(restoring={MARKED: {"_id": MARKED, **LEFT}}, positions={"pos_1": {"_id": "pos_1"}})


def started_on(mongo: Mongo) -> Database:
    cases = case_store(MongoDocuments(mongo["cases"], Unmarked(mongo)), ManualClock(START))
    return Database([(cases, KEYS)], None)


async def test_no_service_starts_on_it() -> None:
    mongo = half_restored()
    with pytest.raises(CannotRun) as refused:
        await started_on(mongo).start()
    assert "the database m is half restored: a restore of matching-1.backup has not ended" in refused.value.lines
    assert "run `entente restore` again to its end, or give an empty database" in refused.value.lines[1]
    assert mongo.indexes == {}, "a service that made its indexes has worked on it"


async def test_a_command_that_comes_before_the_refusal_writes_nothing() -> None:
    mongo = half_restored()
    documents = MongoDocuments(mongo["cases"], Unmarked(mongo))
    for write in (documents.insert({"_id": "a"}), documents.insert_new([{"_id": "a"}])):
        with pytest.raises(HalfRestored, match="its restore has not ended"):
            await write
    assert "cases" not in mongo.rows


async def test_the_mark_is_looked_for_once() -> None:
    mongo = Mongo()
    unmarked = Unmarked(mongo)
    cases, people = (MongoDocuments(mongo[name], unmarked) for name in ("cases", "people"))
    mongo.away = True
    for _ in range(2):
        with pytest.raises(StoreAway):
            await cases.get("a")
    assert mongo.asked == [MARK, MARK], "asked again while nothing is known"
    mongo.away, mongo.asked = False, []
    await asyncio.gather(*(held.insert_new([{"_id": str(n)}]) for n in range(5) for held in (cases, people)))
    assert await cases.get("3") is not None
    assert mongo.asked == [MARK, "cases"]


async def test_doctor_tells_it() -> None:
    wrong = [f for f in await look_at_store(half_restored(), {"matching": "m"}) if f.area == "mongodb"][1:]
    assert [finding.state for finding in wrong] == [State.WRONG]
    assert "m of matching is half restored: a restore of matching-1.backup has not ended" in wrong[0].what
    assert "run entente restore again to its end" in wrong[0].mend
    whole = Mongo(positions={}, restoring={})
    assert [f.state for f in await look_at_store(whole, {"matching": "m"}) if f.area == "mongodb"] == [State.OK]


@pytest.mark.parametrize("mongo", [Mongo(), Mongo(positions={}, restoring={}), half_restored()])
async def test_what_nobody_has_worked_on_is_cleared_and_marked(mongo: Mongo) -> None:
    await _emptied(mongo, mongo, AGAIN)
    assert mongo.rows == {MARK: {MARKED: {"_id": MARKED, **AGAIN}}}


async def test_indexes_left_in_an_emptied_database_stop_no_restore_that_is_begun_again() -> None:
    mongo = Mongo()
    await started_on(mongo).start()
    await _emptied(mongo, mongo, LEFT)
    await mongo["cases"].insert_many([{"_id": "a"}], ordered=False)
    await _emptied(mongo, mongo, AGAIN)
    assert "cases" not in mongo.rows


async def test_what_a_service_was_started_on_is_not_cleared() -> None:
    mongo = half_restored()
    await mongo["positions"].create_index([("keys.state", 1)])
    with pytest.raises(Failed, match=r"a service was started on it since \(positions has its indexes\)") as refused:
        await _emptied(mongo, mongo, AGAIN)
    assert refused.value.code is Exit.REFUSED
    assert await mark_of(mongo) == {"_id": MARKED, **LEFT}
    assert list(mongo.rows["positions"]) == ["pos_1"]


async def test_what_is_not_marked_is_not_cleared() -> None:
    mongo = Mongo(positions={"pos_1": {"_id": "pos_1"}}, restoring={"other": {"_id": "other"}})
    with pytest.raises(Failed, match=r"m is not empty \(positions\)"):
        await _emptied(mongo, mongo, AGAIN)
    assert len(mongo.rows) == 2


@pytest.mark.parametrize(("mongo", "marked"), [(Mongo(), False), (half_restored(), True)])
async def test_a_restore_that_fails_takes_away_no_mark_but_its_own(
    mongo: Mongo, marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another one was killed, what that one wrote is gone by then, and no service may start on nothing."""
    head = Head(format=FORMAT, service="matching", database="m", taken_at="", groups={}, ends={}, announces=[])

    async def nothing(*_: Any) -> None: ...

    async def members_left(*_: Any) -> None:
        raise Failed("matching.roster still has members")

    fakes = {
        "check": lambda _: Whole(head=head, counts={}, sha256="cd"),
        "documents_of": lambda _: [],
        "newer_groups": lambda *_: {},
        "connect": lambda *_, **__: mongo,
        "_put_all_back": members_left,
        **dict.fromkeys(("_stopped", "check_own", "check_places", "close"), nothing),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(restoring, name, fake)
    settings = TerminalSettings(kafka=["kafka:9092"], mongodb="mongodb://127.0.0.1:9")
    with pytest.raises(Failed, match="still has members"):
        await restoring.restore(settings, Path("matching-2.backup"), "m", verify=False, look_only=False)
    assert mongo.rows == ({MARK: {MARKED: {"_id": MARKED, **AGAIN}}} if marked else {})
