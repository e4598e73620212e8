"""A collection is read through however long the whole takes: the store has its time for each batch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.audit import evidence
from deploy.terminal.looks import case
from deploy.terminal.looks.way import Said
from shared.messaging.parked import PARKED

BATCHES, BATCH = 4, 3
PARKED_EVENT = {"headers": [("correlation_id", {"text": "cor_1"})]}
DOCUMENTS: list[dict[str, Any]] = [{"_id": str(n), "state": {"events": [PARKED_EVENT]}} for n in range(BATCHES * BATCH)]
COLLECTIONS = (PARKED.name, "deliveries", "teams")


class SlowStore:
    """Takes most of the client's time for each batch. As in PyMongo, whose `to_list` must end within that time as a
    whole, while each batch of an iteration has it for itself. No time passes: it is counted."""

    def __init__(self, timeout_ms: int = 1_000) -> None:
        self._most, self._each = timeout_ms, timeout_ms * 3 // 4

    def __getitem__(self, name: str) -> SlowStore:
        return self

    def find(self, *_: Any) -> SlowStore:
        return self

    async def list_collection_names(self) -> list[str]:
        return list(COLLECTIONS)

    async def close(self) -> None:
        pass

    async def to_list(self, length: int | None = None) -> list[dict[str, Any]]:
        if BATCHES * self._each > self._most:
            raise TimeoutError(f"{BATCHES} batches of {self._each} ms within {self._most}")
        return DOCUMENTS[:length]

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        assert self._each <= self._most
        for document in DOCUMENTS:
            yield document


async def test_the_audit_reads_a_collection_that_takes_longer_than_the_time_of_a_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "connect", lambda _, *, timeout_ms: SlowStore(timeout_ms))
    found = await evidence.read_databases("mongodb://sample", {"matching": "matching"})
    assert found == {"matching": dict.fromkeys(COLLECTIONS, DOCUMENTS)}


async def test_the_way_of_a_case_is_read_from_such_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    async def said(*_: Any, **__: Any) -> list[Said]:
        return [Said("matching.teams", 0, 0, "team_1", "evt_1", 1, datetime.now(UTC), None)]

    async def nothing(*_: Any) -> dict[tuple[str, int], int]:
        return {}

    monkeypatch.setattr(case, "scan", said)
    monkeypatch.setattr(case, "committed_by", nothing)
    found = await case.read_case(["kafka"], SlowStore(), {"notifications": "notifications"}, "cor_1")
    assert found.deliveries == DOCUMENTS
    assert found.documents == {"notifications.teams": DOCUMENTS}
    assert [lot["_id"] for lot in found.parked] == [document["_id"] for document in DOCUMENTS]
