"""The relay hears of a document only when it is written: nobody is told of what did not happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from shared.clock import ManualClock
from shared.messaging.measuring import NullMetrics
from shared.messaging.relay import Relay
from shared.store import Decision, Documents, MemoryDocuments, StoreAway
from shared.store.document import Document
from tests.support.intercepted_documents import AwayOnce, Intercepted
from tests.support.messages import FakeProducer
from tests.support.sample_case import START, Case, case_store, noting, step


async def test_what_was_not_written_is_never_published() -> None:
    documents = Intercepted(MemoryDocuments("cases"), before=AwayOnce("insert", error=StoreAway))
    producer = FakeProducer()
    relay = Relay(producer, ManualClock(START), NullMetrics())
    store = case_store(documents, on_announced=relay.nudge)
    with pytest.raises(StoreAway):
        await store.change("case_1", step(), noting("a"))
    assert await relay.drain(1)
    assert producer.log == []


async def test_whoever_is_nudged_finds_the_document_written() -> None:
    """Also where several writers race: a try that lost against another one is not heard of."""
    documents = MemoryDocuments("cases")
    nudged: list[Document] = []

    def note(_: Documents, document: Document, _announced: frozenset[str]) -> None:
        assert documents._rows["case_1"], "it can be read by now"
        nudged.append(document)

    store = case_store(documents, on_announced=note)
    tries: list[str] = []

    def counted(text: str) -> Callable[[Case | None], Decision[Case]]:
        def decide(case: Case | None) -> Decision[Case]:
            tries.append(text)
            return noting(text)(case)

        return decide

    await asyncio.gather(*(store.change("case_1", step(), counted(str(n))) for n in range(8)))
    assert len(tries) > 8, "some lost a race"
    assert sorted(document["revision"] for document in nudged) == list(range(1, 9))
