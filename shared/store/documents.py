"""The port between the store's promises and a database: single documents, compare-and-set, flat indexed queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Protocol

from shared.store.document import ALL_ASKED, Asked, Document

Filter = Mapping[str, str | int | Sequence[str] | None]


class Documents(Protocol):
    """One collection. Every method raises StoreAway when the database does not answer in time, or says that it is busy.

    A write that returned is durable on a majority of the members, and every read sees such writes only. Inserting and
    replacing raise ObjectTooLarge for a document over the database's limit, and change nothing then.
    """

    @property
    def name(self) -> str:
        """The collection's name."""
        ...

    async def get(self, id_: str) -> Document | None:
        """The document, or None."""
        ...

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        """Those of the documents that exist, in no particular order."""
        ...

    async def insert(self, document: Document) -> bool:
        """Insert; False where the id is taken."""
        ...

    async def insert_new(self, documents: Sequence[Document]) -> int:
        """Insert those whose id is free, in one round trip; how many were new."""
        ...

    async def replace(self, document: Document, revision: int) -> bool:
        """Replace the document of that id if it still has `revision`; False otherwise."""
        ...

    async def delete(self, id_: str, revision: int) -> bool:
        """Delete the document of that id if it still has `revision`; False otherwise."""
        ...

    async def find(
        self,
        keys: Filter,
        *,
        after: tuple[int, str] | None,
        limit: int,
        newest_first: bool,
        several: Set[str] = frozenset(),
    ) -> list[Document]:
        """Documents whose `keys` match (a value, or any of several; a list in the document matches by containment),
        ordered by (created_at, id); `after` is the last one of the page before. `several` names the keys that hold
        lists."""
        ...

    async def changed_since(self, ms: int, limit: int) -> list[Document]:
        """Documents written at or after that instant, in the order of (updated_at, id)."""
        ...

    async def versions(self) -> dict[str, int]:
        """The version of every document, by id: how a cache finds what it has missed."""
        ...

    async def pending(self, *, older_than_ms: int, limit: int) -> list[Document]:
        """Documents with announcements waiting since before that instant, the longest waiting first."""
        ...

    async def pending_depth(self) -> tuple[int, int | None]:
        """How many documents wait to be announced, and since when (ms) the oldest does."""
        ...

    async def confirm(self, id_: str, revision: int) -> bool:
        """Empty the outbox of the document if it still has `revision`; False otherwise."""
        ...

    async def claim_due(self, *, now_ms: int, until_ms: int) -> Document | None:
        """Claim one document whose next deadline has come and which nobody else has claimed, until `until_ms`."""
        ...

    async def due_count(self, *, before_ms: int) -> int:
        """How many documents have a deadline from before that instant."""
        ...

    async def answered(self, *, until_ms: int, limit: int) -> list[Document]:
        """Documents whose oldest recorded answer is from that instant or before it, the oldest first."""
        ...

    async def count(self, keys: Filter) -> int:
        """How many documents match as in `find`, up to 10,000. For keys that pick few of many."""
        ...

    async def ensure_indexes(self, keys: Sequence[str], *, asked: Set[Asked] = ALL_ASKED) -> None:
        """Create the indexes that lists rely on, those for what else is `asked`, and one per key. Repeatable. Every
        index is paid for by every write (measured on the embedded store: 5 % of it), so only what is asked gets one."""
        ...

    async def drop(self) -> None:
        """Delete the collection with everything in it. Repeatable; only for what can be made again."""
        ...

    async def ping(self) -> None:
        """Return if the database answers."""
        ...
