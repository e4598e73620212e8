"""Documents in MongoDB. Only whole documents are written: see `document` for why nothing is pushed or set piecemeal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from shared.store.document import Document
from shared.store.documents import Filter
from shared.store.errors import StoreAway

_AWAY = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)
_DUPLICATE = 11000
_RETRYABLE = "RetryableWriteError"
COUNTED_MOST = 10_000
"""Gauges count no further. A find by an index, not a count: the stand-in counts by reading the whole collection."""


@asynccontextmanager
async def _reaching() -> AsyncIterator[None]:
    """Turn every way in which a database can be away into StoreAway."""
    try:
        yield
    except _AWAY as error:
        raise StoreAway(
            str(error)[:300], mend="Repeat the call in a few seconds with the same Idempotency-Key."
        ) from error
    except OperationFailure as error:
        if error.has_error_label(_RETRYABLE):
            raise StoreAway(str(error)[:300]) from error
        raise


class MongoDocuments:
    """One collection, by PyMongo's async client or Motor's: both offer the calls used here."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    @property
    def name(self) -> str:
        return str(self._collection.name)

    async def get(self, id_: str) -> Document | None:
        async with _reaching():
            found: Document | None = await self._collection.find_one({"_id": id_})
            return found

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        async with _reaching():
            rows: list[Document] = await self._collection.find({"_id": {"$in": list(ids)}}).to_list(None)
            return rows

    async def insert(self, document: Document) -> bool:
        async with _reaching():
            try:
                await self._collection.insert_one(document)
            except DuplicateKeyError:
                return False
            return True

    async def insert_new(self, documents: Sequence[Document]) -> int:
        if not documents:
            return 0
        async with _reaching():
            try:
                await self._collection.insert_many(list(documents), ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                others = [e for e in details.get("writeErrors", []) if e.get("code") != _DUPLICATE]
                if others or details.get("writeConcernErrors"):
                    raise StoreAway(f"bulk insert failed: {(others or details)!r:.300}") from error
                return int(details.get("nInserted", 0))
            return len(documents)

    async def replace(self, document: Document, revision: int) -> bool:
        async with _reaching():
            result = await self._collection.replace_one({"_id": document["_id"], "revision": revision}, document)
            return bool(result.matched_count == 1)

    async def delete(self, id_: str, revision: int) -> bool:
        async with _reaching():
            result = await self._collection.delete_one({"_id": id_, "revision": revision})
            return bool(result.deleted_count == 1)

    async def find(
        self, keys: Filter, *, after: tuple[int, str] | None, limit: int, newest_first: bool
    ) -> list[Document]:
        # `$in` for single values too: the stand-in finds nothing for {list_field: value} once the field is indexed
        where: dict[str, Any] = {
            f"keys.{k}": {"$in": list(v) if isinstance(v, list | tuple) else [v]} for k, v in keys.items()
        }
        if after is not None:
            beyond = "$lt" if newest_first else "$gt"
            where["$or"] = [
                {"created_at": {beyond: after[0]}},
                {"created_at": after[0], "id": {beyond: after[1]}},
            ]
        direction = -1 if newest_first else 1
        return await self._list(where, [("created_at", direction), ("id", direction)], limit)

    async def _list(self, where: dict[str, Any], order: list[tuple[str, int]], limit: int) -> list[Document]:
        async with _reaching():
            rows: list[Document] = await self._collection.find(where).sort(order).limit(limit).to_list(None)
            return rows

    async def changed_since(self, ms: int, limit: int) -> list[Document]:
        return await self._list({"updated_at": {"$gte": ms}}, [("updated_at", 1), ("id", 1)], limit)

    async def pending(self, *, older_than_ms: int, limit: int) -> list[Document]:
        # a range on one field: the stand-in finds {pending: 1} by reading the whole collection, index or not
        where = {"pending_since": {"$gt": 0, "$lte": older_than_ms}}
        return await self._list(where, [("pending_since", 1)], limit)

    async def pending_depth(self) -> tuple[int, int | None]:
        waiting = await self._values("pending_since", {"$gt": 0})
        return len(waiting), waiting[0] if waiting else None

    async def _values(self, field: str, among: dict[str, int]) -> list[int]:
        """The values of an indexed field within a range, smallest first, up to COUNTED_MOST."""
        async with _reaching():
            cursor = self._collection.find({field: among}, {field: 1}).sort([(field, 1)]).limit(COUNTED_MOST)
            return [row[field] for row in await cursor.to_list(None)]

    async def confirm(self, id_: str, revision: int) -> bool:
        async with _reaching():
            result = await self._collection.update_one(
                {"_id": id_, "revision": revision},
                {"$set": {"outbox": [], "pending": 0, "pending_since": 0, "revision": revision + 1}},
            )
            return bool(result.matched_count == 1)

    async def claim_due(self, *, now_ms: int, until_ms: int) -> Document | None:
        async with _reaching():
            claimed: Document | None = await self._collection.find_one_and_update(
                {"next_deadline": {"$lte": now_ms, "$gt": 0}, "claimed_until": {"$lte": now_ms}},
                {"$set": {"claimed_until": until_ms}},
                sort=[("next_deadline", 1)],
            )
            return claimed

    async def due_count(self, *, before_ms: int) -> int:
        return len(await self._values("next_deadline", {"$lt": before_ms, "$gt": 0}))

    async def ensure_indexes(self, keys: Sequence[str]) -> None:
        async with _reaching():
            for fields in (
                [("pending_since", 1)],
                [("next_deadline", 1)],
                [("created_at", 1), ("id", 1)],
                [("updated_at", 1), ("id", 1)],
                *([(f"keys.{key}", 1)] for key in keys),
            ):
                await self._collection.create_index(fields)

    async def ping(self) -> None:
        async with _reaching():
            await self._collection.database.command("ping")
