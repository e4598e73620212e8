"""A database that is away is reported as such within 5 seconds, and nothing else is."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy.embedded import store as stand_in
from deploy.embedded.process import Child, free_port
from shared.store import Documents, MemoryDocuments, MongoDocuments, Store, StoreAway
from shared.store.client import Driver, close, connect
from shared.store.gathering import LANES
from tests.support.sample_case import Case, case_store, noting, step

WITHIN = 5.0  # seconds
DRIVERS: tuple[Driver, ...] = ("pymongo", "motor")


def every_call(documents: Documents) -> dict[str, Callable[[], Awaitable[Any]]]:
    document = {"_id": "case_1", "revision": 1}
    return {
        "get": lambda: documents.get("case_1"),
        "get_many": lambda: documents.get_many(["case_1"]),
        "insert": lambda: documents.insert(document),
        "insert_new": lambda: documents.insert_new([document]),
        "replace": lambda: documents.replace(document, 1),
        "delete": lambda: documents.delete("case_1", 1),
        "find": lambda: documents.find({}, after=None, limit=1, newest_first=True),
        "versions": documents.versions,
        "changed_since": lambda: documents.changed_since(0, 1),
        "pending": lambda: documents.pending(older_than_ms=0, limit=1),
        "pending_depth": lambda: documents.pending_depth(),
        "confirm": lambda: documents.confirm("case_1", 1),
        "claim_due": lambda: documents.claim_due(now_ms=0, until_ms=0),
        "due_count": lambda: documents.due_count(before_ms=0),
        "answered": lambda: documents.answered(until_ms=0, limit=1),
        "ensure_indexes": lambda: documents.ensure_indexes(["status"]),
        "ping": lambda: documents.ping(),
    }


@asynccontextmanager
async def opened(uri: str, driver: Driver, **options: Any) -> AsyncIterator[MongoDocuments]:
    client = connect(uri, driver=driver, **options)
    try:
        yield MongoDocuments(client["away"]["cases"])
    finally:
        await close(client)


async def refused_in(call: Callable[[], Awaitable[Any]]) -> float:
    """Seconds until StoreAway was raised."""
    began = time.monotonic()
    with pytest.raises(StoreAway):
        await call()
    return time.monotonic() - began


async def one_after_another(store: Store[Case]) -> list[asyncio.Task[float]]:
    """Callers that find every lane taken: each must hear in its own time, not after those before it."""
    callers = []
    for _ in range(2 * LANES + 1):
        callers.append(asyncio.create_task(refused_in(lambda: store.read("case_1"))))
        for _ in range(3):  # its round trip goes out before the next one comes
            await asyncio.sleep(0)
    return callers


async def test_memory_switched_off_is_away_for_every_call() -> None:
    documents = MemoryDocuments("cases")
    store = case_store(documents)
    await store.change("case_1", step(), noting("a"))
    documents.away = True
    for name, call in every_call(documents).items():
        assert await refused_in(call) < 1, name
    documents.away = False
    read = await store.read("case_1")
    assert read is not None
    assert read.state.notes == ("a",)


@pytest.mark.parametrize("driver", DRIVERS)
async def test_an_unreachable_server_is_away_within_5_seconds(driver: Driver) -> None:
    async with opened(stand_in.uri(free_port()), driver) as documents:
        assert await refused_in(lambda: case_store(documents).change("case_1", step(), noting("a"))) < WITHIN


@pytest.mark.parametrize("driver", DRIVERS)
async def test_an_unreachable_server_is_away_for_every_call(driver: Driver) -> None:
    async with opened(stand_in.uri(free_port()), driver, timeout_ms=100) as documents:
        calls = every_call(documents)
        took = await asyncio.gather(*(refused_in(call) for call in calls.values()))
        assert max(took) < WITHIN, dict(zip(calls, took, strict=True))


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_server_killed_meanwhile_is_away_and_comes_back(driver: Driver, own_server: tuple[Child, str]) -> None:
    child, uri = own_server
    async with opened(uri, driver) as documents:
        store = case_store(documents)
        await store.change("case_1", step(), noting("a"))
        child.kill()
        changing = refused_in(lambda: store.change("case_1", step(), noting("b")))
        reading = refused_in(lambda: store.read("case_1"))
        assert max(await asyncio.gather(changing, reading)) < WITHIN
        child.start()
        child.wait_ready(30)
        outcome = await store.change("case_1", step(), noting("c"))
        assert outcome.stored is not None
        assert outcome.stored.state.notes == ("a", "c")


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_server_that_hangs_is_away_within_5_seconds(driver: Driver, own_server: tuple[Child, str]) -> None:
    """It takes connections and never answers, as a stopped or overloaded machine does."""
    child, uri = own_server
    async with opened(uri, driver) as documents:
        store = case_store(documents)
        await store.change("case_1", step(), noting("a"))
        child.send(signal.SIGSTOP)
        try:
            changing = refused_in(lambda: store.change("case_1", step(), noting("b")))
            reading = refused_in(lambda: store.read("case_1"))
            assert max(await asyncio.gather(changing, reading, *await one_after_another(store))) < WITHIN
        finally:
            child.send(signal.SIGCONT)
        read = await store.read("case_1")
        assert read is not None
        assert read.state.notes[0] == "a"
