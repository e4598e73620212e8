"""The databases the one behaviour suite runs against: in memory, MongoDB by PyMongo, MongoDB by Motor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal

import pytest

from shared.clock import ManualClock
from shared.store import Documents, MemoryDocuments, MongoDocuments, Store
from shared.store.client import close, connect
from tests.support.sample_case import KEYS, START, Case, case_store

Open = Callable[[], Awaitable[Documents]]


@dataclass(frozen=True)
class Database:
    """Which kind of database, and where it is (nowhere for memory)."""

    kind: Literal["memory", "pymongo", "motor"]
    uri: str = ""
    name: str = ""


@pytest.fixture(
    params=[
        pytest.param("memory", marks=pytest.mark.stand_ins),
        pytest.param("pymongo", marks=pytest.mark.embedded),
        pytest.param("motor", marks=pytest.mark.embedded),
    ]
)
def database(request: pytest.FixtureRequest) -> Database:
    if request.param == "memory":
        return Database("memory")
    return Database(request.param, request.getfixturevalue("mongodb_uri"), request.getfixturevalue("database_name"))


@pytest.fixture
def patience_ms() -> int:
    """How long a client waits for the database: as a service does."""
    return 3000


@pytest.fixture
async def open_documents(database: Database, patience_ms: int) -> AsyncIterator[Open]:
    """Opens the same collection as another replica of the service would: with a client of its own."""
    memory = MemoryDocuments("cases")
    async with AsyncExitStack() as stack:

        async def open_() -> Documents:
            if database.kind == "memory":
                return memory
            client = connect(database.uri, driver=database.kind, timeout_ms=patience_ms)
            stack.push_async_callback(close, client)
            return MongoDocuments(client[database.name]["cases"])

        yield open_


@pytest.fixture
async def documents(open_documents: Open) -> Documents:
    opened = await open_documents()
    await opened.ensure_indexes(KEYS)
    return opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(documents: Documents, clock: ManualClock) -> Store[Case]:
    return case_store(documents, clock)
