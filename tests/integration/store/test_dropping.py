"""A collection that can be made again is dropped whole, and used again at once."""

from __future__ import annotations

from shared.store import Decision, Documents, Store
from tests.support.sample_case import KEYS, Case, step


async def test_a_dropped_collection_is_empty_and_takes_documents_again(
    store: Store[Case], documents: Documents
) -> None:
    await documents.ensure_indexes(KEYS)
    await store.change("case_1", step(), lambda _: Decision(Case(notes=("first",))))
    await documents.drop()
    await documents.drop()
    assert await store.read("case_1") is None
    assert await documents.changed_since(0, 10) == []
    await documents.ensure_indexes(KEYS)
    await store.change("case_1", step(), lambda _: Decision(Case(notes=("again",))))
    stored = await store.read("case_1")
    assert stored is not None
    assert (stored.state.notes, stored.version) == (("again",), 1)
