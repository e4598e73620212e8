"""The floor of a write is one round trip."""

from __future__ import annotations

from benchmarks.floors import KIND, decided, submitted
from shared.clock import SystemClock
from shared.store import MemoryDocuments, Store
from tests.support.intercepted_documents import Intercepted


async def test_the_floor_of_a_write_is_one_call_to_the_store() -> None:
    calls: list[str] = []

    async def note(operation: str, id_: str) -> None:
        calls.append(operation)

    documents = Intercepted(MemoryDocuments("bench"), before=note)
    said = submitted(1)
    await decided(Store(KIND, documents, SystemClock()), said)
    assert calls == ["insert"]
    written = await documents.inner.get(said.request_id)
    assert written is not None
    assert len(written["outbox"]) == 1
