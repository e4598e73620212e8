"""Documents in MongoDB. Decisions are written as whole documents; only plain numbers and an emptied outbox are ever set
by themselves. See `document` for why nothing else is pushed or set piecemeal.

Inserts and replacements that share a round trip are told apart by marks: every write adds one of its own to `writes`,
and the latest eight stay. So it is known which of several took effect, also when up to seven others came right after.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence, Set
from contextlib import AbstractAsyncContextManager
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.store.document import ALL_ASKED, Asked, Document
from shared.store.documents import Filter
from shared.store.gathering import Gatherer
from shared.store.indexes import indexes
from shared.store.reaching import reaching
from shared.store.size import refuse_too_large
from shared.store.uncancelled import uncancelled
from shared.store.unmarked import Unmarked

_DUPLICATE = 11000
WRITES_KEPT = 8
COUNTED_MOST = 10_000
"""Gauges count no further. A find by an index, not a count: the stand-in counts by reading the whole collection."""


class MongoDocuments:
    """One collection, by PyMongo's async client or Motor's: both offer the calls used here.

    Reads by id, inserts and replacements that come at the same time share a round trip. No call that was begun is
    cancelled (`uncancelled`). With `unmarked`, which the collections of a database share, every call raises
    HalfRestored where a restore of it has not ended.
    """

    def __init__(self, collection: Any, unmarked: Unmarked | None = None) -> None:
        self._collection = collection
        self._unmarked = unmarked
        self._get = Gatherer(self._get_together)
        self._insert = Gatherer(self._insert_together)
        self._replace = Gatherer(self._replace_together)
        self._confirm = Gatherer(self._confirm_together)

    @property
    def name(self) -> str:
        return str(self._collection.name)

    def _reaching(self, operation: str) -> AbstractAsyncContextManager[None]:
        return reaching(self._unmarked, f"{operation} of {self.name}")

    async def get(self, id_: str) -> Document | None:
        return await self._get(id_)

    async def _get_together(self, ids: Sequence[str]) -> Sequence[Document | None]:
        if len(ids) == 1:
            async with self._reaching("get"):
                return [await self._collection.find_one({"_id": ids[0]})]
        found = {row["_id"]: row for row in await self.get_many(sorted(set(ids)))}
        return [found.get(id_) for id_ in ids]

    @uncancelled
    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        async with self._reaching("get"):
            rows: list[Document] = await self._collection.find({"_id": {"$in": list(ids)}}).to_list(None)
            return rows

    async def insert(self, document: Document) -> bool:
        refuse_too_large(document)
        return await self._insert(_marked(document))

    async def _insert_together(self, documents: Sequence[Document]) -> Sequence[bool]:
        taken = await self._insert_many(documents)
        if not taken:
            return [True] * len(documents)
        # a document that was taken may be our own: inserted by a round trip that failed for another's sake
        marks = await self._marks([documents[place] for place in taken])
        return [
            place not in taken or _mark(document) in marks.get(document["_id"], ())
            for place, document in enumerate(documents)
        ]

    async def _marks(self, documents: Sequence[Document]) -> dict[str, Sequence[str]]:
        ids = sorted({document["_id"] for document in documents})
        return {row["_id"]: row.get("writes", ()) for row in await self.get_many(ids)}

    async def _insert_many(self, documents: Sequence[Document]) -> set[int]:
        """Insert what can be inserted; the places of the documents whose id was taken."""
        async with self._reaching("insert"):
            try:
                await self._collection.insert_many(list(documents), ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                faults = details.get("writeErrors", [])
                if details.get("writeConcernErrors") or any(fault.get("code") != _DUPLICATE for fault in faults):
                    raise
                return {int(fault["index"]) for fault in faults}
            return set()

    @uncancelled
    async def insert_new(self, documents: Sequence[Document]) -> int:
        for document in documents:
            refuse_too_large(document)
        return len(documents) - len(await self._insert_many(documents)) if documents else 0

    async def replace(self, document: Document, revision: int) -> bool:
        refuse_too_large(document)
        return await self._replace((_marked(document), revision))

    async def _replace_together(self, wanted: Sequence[tuple[Document, int]]) -> Sequence[bool]:
        writes = [ReplaceOne({"_id": document["_id"], "revision": revision}, document) for document, revision in wanted]
        async with self._reaching("replace"):
            matched = (await self._collection.bulk_write(writes, ordered=False)).matched_count
        if matched == len(wanted):
            return [True] * len(wanted)
        # how many were replaced is told, not which; and what was not may have been, by a round trip that failed for
        # another's sake: so a lone one is looked at as well, which costs whoever lost a race one read more
        marks = await self._marks([document for document, _ in wanted])
        return [_mark(document) in marks.get(document["_id"], ()) for document, _ in wanted]

    @uncancelled
    async def delete(self, id_: str, revision: int) -> bool:
        async with self._reaching("delete"):
            result = await self._collection.delete_one({"_id": id_, "revision": revision})
            return bool(result.deleted_count == 1)

    async def find(
        self,
        keys: Filter,
        *,
        after: tuple[int, str] | None,
        limit: int,
        newest_first: bool,
        several: Set[str] = frozenset(),
    ) -> list[Document]:
        where: dict[str, Any] = {f"keys.{k}": _wanted(v, k in several) for k, v in keys.items()}
        if after is not None:
            beyond = "$lt" if newest_first else "$gt"
            where["$or"] = [
                {"created_at": {beyond: after[0]}},
                {"created_at": after[0], "id": {beyond: after[1]}},
            ]
        direction = -1 if newest_first else 1
        return await self._list(where, [("created_at", direction), ("id", direction)], limit)

    @uncancelled
    async def _list(self, where: dict[str, Any], order: list[tuple[str, int]], limit: int) -> list[Document]:
        async with self._reaching("find"):
            rows: list[Document] = await self._collection.find(where).sort(order).limit(limit).to_list(None)
            return rows

    async def changed_since(self, ms: int, limit: int) -> list[Document]:
        return await self._list({"updated_at": {"$gte": ms}}, [("updated_at", 1), ("id", 1)], limit)

    @uncancelled
    async def versions(self) -> dict[str, int]:
        async with self._reaching("find"):
            rows = await self._collection.find({}, {"version": 1}).to_list(None)
            return {row["_id"]: row["version"] for row in rows}

    async def pending(self, *, older_than_ms: int, limit: int) -> list[Document]:
        # a range on one field: the stand-in finds {pending: 1} by reading the whole collection, index or not
        where = {"pending_since": {"$gt": 0, "$lte": older_than_ms}}
        return await self._list(where, [("pending_since", 1)], limit)

    async def pending_depth(self) -> tuple[int, int | None]:
        waiting = await self._values("pending_since", {"$gt": 0})
        return len(waiting), waiting[0] if waiting else None

    @uncancelled
    async def _values(self, field: str, among: dict[str, int]) -> list[int]:
        """The values of an indexed field within a range, smallest first, up to COUNTED_MOST."""
        async with self._reaching("find"):
            cursor = self._collection.find({field: among}, {field: 1}).sort([(field, 1)]).limit(COUNTED_MOST)
            return [row[field] for row in await cursor.to_list(None)]

    async def confirm(self, id_: str, revision: int) -> bool:
        return await self._confirm((id_, revision))

    async def _confirm_together(self, wanted: Sequence[tuple[str, int]]) -> Sequence[bool]:
        """Where not all were confirmed none is said to be: the relay then looks at each document again."""
        emptied = {"outbox": [], "pending": 0, "pending_since": 0}
        writes = [
            UpdateOne({"_id": id_, "revision": revision}, {"$set": {**emptied, "revision": revision + 1}})
            for id_, revision in wanted
        ]
        async with self._reaching("confirm"):
            matched = (await self._collection.bulk_write(writes, ordered=False)).matched_count
        return [matched == len(wanted)] * len(wanted)

    @uncancelled
    async def claim_due(self, *, now_ms: int, until_ms: int) -> Document | None:
        async with self._reaching("claim"):
            claimed: Document | None = await self._collection.find_one_and_update(
                {"next_deadline": {"$lte": now_ms, "$gt": 0}, "claimed_until": {"$lte": now_ms}},
                {"$set": {"claimed_until": until_ms}},
                sort=[("next_deadline", 1)],
            )
            return claimed

    async def due_count(self, *, before_ms: int) -> int:
        return len(await self._values("next_deadline", {"$lt": before_ms, "$gt": 0}))

    async def answered(self, *, until_ms: int, limit: int) -> list[Document]:
        return await self._list({"answers_since": {"$gt": 0, "$lte": until_ms}}, [("answers_since", 1)], limit)

    @uncancelled
    async def count(self, keys: Filter) -> int:
        where = {f"keys.{k}": _wanted(v, in_list=False) for k, v in keys.items()}
        async with self._reaching("count"):
            return len(await self._collection.find(where, {"_id": 1}).limit(COUNTED_MOST).to_list(None))

    @uncancelled
    async def ensure_indexes(self, keys: Sequence[str], *, asked: Set[Asked] = ALL_ASKED) -> None:
        async with self._reaching("make indexes"):
            for fields in indexes(keys, asked):
                await self._collection.create_index([(field, 1) for field in fields])

    @uncancelled
    async def drop(self) -> None:
        async with self._reaching("drop"):
            await self._collection.drop()

    @uncancelled
    async def ping(self) -> None:
        async with self._reaching("ping"):
            await self._collection.database.command("ping")


def _wanted(value: Any, in_list: bool) -> Any:
    """The condition on one key. The stand-in finds nothing for {list_field: value} once the field is indexed, and
    reads the whole collection for `$in`: so a list is asked with `$in`, and a single value by equality."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    return {"$in": values} if in_list or len(values) != 1 else values[0]


def _marked(document: Document) -> Document:
    """The document with the mark of this write."""
    return {**document, "writes": [*document.get("writes", ()), secrets.token_hex(6)][-WRITES_KEPT:]}


def _mark(document: Document) -> str:
    return str(document["writes"][-1])
