"""Documents with a say before and after each call: to hold a writer back, or to let the database go away around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence, Set
from typing import Any, TypeVar

from shared.store import Documents
from shared.store.document import ALL_ASKED, Asked, Document
from shared.store.documents import Filter

T = TypeVar("T")
Hook = Callable[[str, str], Awaitable[None]]


async def _nothing(operation: str, id_: str) -> None:
    """The hook that is used where none is given."""


class Intercepted:
    """Passes every call on to `inner`; `before` and `after` are awaited with the operation's name and the id around
    each single-document read and write, and may raise in its place. After `after` raised, the effect stands."""

    def __init__(self, inner: Documents, *, before: Hook = _nothing, after: Hook = _nothing) -> None:
        self.inner = inner
        self.before = before
        self.after = after

    @property
    def name(self) -> str:
        return self.inner.name

    async def _around(self, operation: str, id_: str, call: Callable[[], Awaitable[T]]) -> T:
        await self.before(operation, id_)
        result = await call()
        await self.after(operation, id_)
        return result

    async def get(self, id_: str) -> Document | None:
        return await self._around("get", id_, lambda: self.inner.get(id_))

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        return await self.inner.get_many(ids)

    async def insert(self, document: Document) -> bool:
        return await self._around("insert", document["_id"], lambda: self.inner.insert(document))

    async def insert_new(self, documents: Sequence[Document]) -> int:
        return await self.inner.insert_new(documents)

    async def replace(self, document: Document, revision: int) -> bool:
        return await self._around("replace", document["_id"], lambda: self.inner.replace(document, revision))

    async def delete(self, id_: str, revision: int) -> bool:
        return await self._around("delete", id_, lambda: self.inner.delete(id_, revision))

    async def confirm(self, id_: str, revision: int) -> bool:
        return await self._around("confirm", id_, lambda: self.inner.confirm(id_, revision))

    async def find(
        self,
        keys: Filter,
        *,
        after: tuple[int, str] | None,
        limit: int,
        newest_first: bool,
        several: Set[str] = frozenset(),
    ) -> list[Document]:
        return await self.inner.find(keys, after=after, limit=limit, newest_first=newest_first, several=several)

    async def changed_since(self, ms: int, limit: int) -> list[Document]:
        return await self.inner.changed_since(ms, limit)

    async def versions(self) -> dict[str, int]:
        return await self.inner.versions()

    async def pending(self, *, older_than_ms: int, limit: int) -> list[Document]:
        return await self.inner.pending(older_than_ms=older_than_ms, limit=limit)

    async def pending_depth(self) -> tuple[int, int | None]:
        return await self.inner.pending_depth()

    async def claim_due(self, *, now_ms: int, until_ms: int) -> Document | None:
        return await self.inner.claim_due(now_ms=now_ms, until_ms=until_ms)

    async def due_count(self, *, before_ms: int) -> int:
        return await self.inner.due_count(before_ms=before_ms)

    async def answered(self, *, until_ms: int, limit: int) -> list[Document]:
        return await self.inner.answered(until_ms=until_ms, limit=limit)

    async def count(self, keys: Filter) -> int:
        return await self.inner.count(keys)

    async def ensure_indexes(self, keys: Sequence[str], *, asked: Set[Asked] = ALL_ASKED) -> None:
        await self.inner.ensure_indexes(keys, asked=asked)

    async def drop(self) -> None:
        await self.inner.drop()

    async def ping(self) -> None:
        await self.inner.ping()


class Crash(BaseException):
    """The process is gone: past every handler of errors."""


class AwayOnce:
    """A hook that lets the database be away once, at the next of `operations`."""

    def __init__(self, *operations: str, error: Callable[[str], Exception]) -> None:
        self._operations: tuple[str, ...] = operations
        self._error: Callable[[str], Exception] = error
        self.happened: list[Any] = []

    async def __call__(self, operation: str, id_: str) -> None:
        if not self.happened and operation in self._operations:
            self.happened.append((operation, id_))
            raise self._error(f"away at {operation} of {id_}")
