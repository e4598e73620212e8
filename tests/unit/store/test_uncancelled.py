"""Whoever stops waiting for the database stops nothing: PyMongo never recovers from some calls that were cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shared.store import MongoDocuments, StoreAway
from shared.store.client import connect
from tests.support.eventually import eventually

TIMEOUT_MS = 1500
CALLS = 100
ONE_WAIT = 0.5
"""Seconds PyMongo waits for a primary before it looks again."""


async def never_answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes connections and says nothing: no news ends a wait for a primary."""
    await reader.read()
    writer.close()


async def cancelled_around_one_wait() -> tuple[int, int, BaseException | str | None]:
    """Of so many calls how many ended when they were cancelled, how many did not, and what a later one hears."""
    server = await asyncio.start_server(never_answered, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = connect(f"mongodb://{address}/?replicaSet=rs0", timeout_ms=TIMEOUT_MS)
    documents = MongoDocuments(client["entente"]["cases"])

    async def impatient(seconds: float) -> asyncio.Future[None]:
        call = asyncio.ensure_future(documents.ping())
        await asyncio.wait({call}, timeout=seconds)
        call.cancel()
        return call

    around = (ONE_WAIT - 0.002 + 0.032 * n / CALLS for n in range(CALLS))
    calls = await asyncio.gather(*(impatient(seconds) for seconds in around))
    done, stuck = await asyncio.wait(calls, timeout=10)
    later = asyncio.ensure_future(documents.ping())
    await asyncio.wait({later}, timeout=10)
    if not stuck and later.done():
        await client.close()
        server.close()
        if handlers := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(handlers, timeout=10)  # they end with their connections
    return len(done), len(stuck), later.exception() if later.done() else "it never ends"


def test_calls_cancelled_while_a_primary_is_looked_for_leave_the_client_as_it_was() -> None:
    """On a loop that is left as it is: what is stuck would never let it end."""
    done, stuck, later = asyncio.new_event_loop().run_until_complete(cancelled_around_one_wait())
    assert isinstance(later, StoreAway), later
    assert (done, stuck) == (CALLS, 0)


class Collection:
    """Of a driver that answers when it is let; what is called on it notes whether it came to its end."""

    name = "cases"

    def __init__(self) -> None:
        self.begun, self.ended = False, False
        self.let = asyncio.Event()
        self.database = self

    def find(self, *_: Any) -> Collection:
        return self

    sort = limit = find

    async def to_list(self, _: Any) -> list[Any]:
        await self._answer()
        return []

    async def _answer(self, *_: Any, **__: Any) -> Any:
        self.begun = True
        await self.let.wait()
        self.ended = True
        return self

    find_one = insert_many = bulk_write = delete_one = find_one_and_update = create_index = drop = command = _answer
    deleted_count = matched_count = 1


DOCUMENT = {"_id": "1"}
CALLED: dict[str, Callable[[MongoDocuments], Awaitable[Any]]] = {
    "get": lambda it: it.get("1"),
    "get_many": lambda it: it.get_many(["1", "2"]),
    "insert": lambda it: it.insert(DOCUMENT),
    "insert_new": lambda it: it.insert_new([DOCUMENT]),
    "replace": lambda it: it.replace(DOCUMENT, 1),
    "delete": lambda it: it.delete("1", 1),
    "find": lambda it: it.find({}, after=None, limit=1, newest_first=True),
    "changed_since": lambda it: it.changed_since(0, 1),
    "versions": lambda it: it.versions(),
    "pending": lambda it: it.pending(older_than_ms=0, limit=1),
    "pending_depth": lambda it: it.pending_depth(),
    "confirm": lambda it: it.confirm("1", 1),
    "claim_due": lambda it: it.claim_due(now_ms=0, until_ms=1),
    "due_count": lambda it: it.due_count(before_ms=0),
    "answered": lambda it: it.answered(until_ms=0, limit=1),
    "count": lambda it: it.count({}),
    "ensure_indexes": lambda it: it.ensure_indexes(["state"]),
    "drop": lambda it: it.drop(),
    "ping": lambda it: it.ping(),
}


@pytest.mark.parametrize("call", CALLED.values(), ids=CALLED)
async def test_a_call_goes_on_to_its_end_and_its_caller_does_not_wait(
    call: Callable[[MongoDocuments], Awaitable[Any]],
) -> None:
    collection = Collection()
    caller = asyncio.ensure_future(call(MongoDocuments(collection)))
    await eventually(lambda: collection.begun, what="the driver is called")
    caller.cancel()
    done, _ = await asyncio.wait({caller}, timeout=5)
    assert done
    assert caller.cancelled()
    collection.let.set()
    await eventually(lambda: collection.ended, what="the driver has answered")


def test_no_call_is_left_out() -> None:
    public = {name for name in vars(MongoDocuments) if not name.startswith("_")}
    assert public - {"name"} == CALLED.keys()
