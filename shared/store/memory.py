"""Documents in memory: the twin for component tests, held to the same behaviour suite as MongoDB."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence, Set

from shared.store.document import ALL_ASKED, Asked, Document
from shared.store.documents import Filter
from shared.store.errors import StoreAway
from shared.store.size import refuse_too_large


class MemoryDocuments:
    """A collection in memory. `away` makes every call fail as an unreachable database would. Every call lets others
    run first, as a round trip does, so that racing writers meet here too; what it then does is one step."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: dict[str, str] = {}
        self.away = False

    @property
    def name(self) -> str:
        return self._name

    def _all(self) -> list[Document]:
        return [json.loads(row) for row in self._rows.values()]

    async def _reach(self) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise StoreAway("the memory store is switched off")

    async def get(self, id_: str) -> Document | None:
        await self._reach()
        row = self._rows.get(id_)
        return None if row is None else json.loads(row)

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        await self._reach()
        return [json.loads(self._rows[id_]) for id_ in ids if id_ in self._rows]

    async def insert(self, document: Document) -> bool:
        refuse_too_large(document)
        await self._reach()
        if document["_id"] in self._rows:
            return False
        self._rows[document["_id"]] = json.dumps(document)
        return True

    async def insert_new(self, documents: Sequence[Document]) -> int:
        for document in documents:
            refuse_too_large(document)
        await self._reach()
        new = {d["_id"]: json.dumps(d) for d in documents if d["_id"] not in self._rows}
        self._rows.update(new)
        return len(new)

    def _put_if(self, document: Document, revision: int) -> bool:
        row = self._rows.get(document["_id"])
        if row is None or json.loads(row)["revision"] != revision:
            return False
        self._rows[document["_id"]] = json.dumps(document)
        return True

    async def replace(self, document: Document, revision: int) -> bool:
        refuse_too_large(document)
        await self._reach()
        return self._put_if(document, revision)

    async def delete(self, id_: str, revision: int) -> bool:
        await self._reach()
        row = self._rows.get(id_)
        if row is None or json.loads(row)["revision"] != revision:
            return False
        del self._rows[id_]
        return True

    async def find(
        self,
        keys: Filter,
        *,
        after: tuple[int, str] | None,
        limit: int,
        newest_first: bool,
        several: Set[str] = frozenset(),
    ) -> list[Document]:
        await self._reach()

        def place(row: Document) -> tuple[int, str]:
            return (row["created_at"], row["_id"])

        rows = sorted(
            (row for row in self._all() if all(_matches(row["keys"].get(k), v) for k, v in keys.items())),
            key=place,
            reverse=newest_first,
        )
        if after is not None:
            rows = [row for row in rows if (place(row) < after if newest_first else place(row) > after)]
        return rows[:limit]

    def _where(self, wanted: Callable[[Document], bool], order: str, limit: int | None = None) -> list[Document]:
        rows = sorted((row for row in self._all() if wanted(row)), key=lambda row: (row[order], row["_id"]))
        return rows[:limit]

    async def changed_since(self, ms: int, limit: int) -> list[Document]:
        await self._reach()
        return self._where(lambda row: row["updated_at"] >= ms, "updated_at", limit)

    async def versions(self) -> dict[str, int]:
        await self._reach()
        return {row["_id"]: row["version"] for row in self._all()}

    async def pending(self, *, older_than_ms: int, limit: int) -> list[Document]:
        await self._reach()
        return self._where(lambda row: row["pending"] and row["pending_since"] <= older_than_ms, "pending_since", limit)

    async def pending_depth(self) -> tuple[int, int | None]:
        await self._reach()
        rows = self._where(lambda row: bool(row["pending"]), "pending_since")
        return len(rows), rows[0]["pending_since"] if rows else None

    async def confirm(self, id_: str, revision: int) -> bool:
        await self._reach()
        row = json.loads(self._rows.get(id_, "null"))
        if row is None:
            return False
        return self._put_if({**row, "outbox": [], "pending": 0, "pending_since": 0, "revision": revision + 1}, revision)

    async def claim_due(self, *, now_ms: int, until_ms: int) -> Document | None:
        await self._reach()

        def due(row: Document) -> bool:
            return (
                row["next_deadline"] is not None and row["next_deadline"] <= now_ms and row["claimed_until"] <= now_ms
            )

        rows = self._where(due, "next_deadline", 1)
        if not rows:
            return None
        row = {**rows[0], "claimed_until": until_ms}
        self._rows[row["_id"]] = json.dumps(row)
        return row

    async def due_count(self, *, before_ms: int) -> int:
        await self._reach()
        return len(
            self._where(lambda row: row["next_deadline"] is not None and row["next_deadline"] < before_ms, "_id")
        )

    async def answered(self, *, until_ms: int, limit: int) -> list[Document]:
        await self._reach()
        return self._where(lambda row: 0 < row.get("answers_since", 0) <= until_ms, "answers_since", limit)

    async def count(self, keys: Filter) -> int:
        await self._reach()
        return len([row for row in self._all() if all(_matches(row["keys"].get(k), v) for k, v in keys.items())])

    async def ensure_indexes(self, keys: Sequence[str], *, asked: Set[Asked] = ALL_ASKED) -> None:
        await self._reach()

    async def drop(self) -> None:
        await self._reach()
        self._rows.clear()

    async def ping(self) -> None:
        await self._reach()


def _matches(value: object, wanted: object) -> bool:
    accepted = wanted if isinstance(wanted, list | tuple) else [wanted]
    return any(v in accepted for v in (value if isinstance(value, list) else [value]))
