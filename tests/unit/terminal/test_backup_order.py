"""Whatever is written between two reads of a backup, no document in it leans on one that is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.terminal.backups.file import FORMAT, Head, Writing, documents_of
from deploy.terminal.backups.order import READ, in_order
from deploy.terminal.backups.taking import _read
from services.matching.application import stores as matching
from services.notifications.application import stores as notifications
from services.registration.application import stores as registration
from shared.messaging.parked import PARKED
from shared.store import Kind

LEANS = [
    ("matching", "calendars", "positions"),
    ("matching", "searches", "positions"),
    ("matching", "searches", "teams"),
    ("matching", "positions", "teams"),
    ("registration", "requests", "actions"),
    ("registration", "actions", "terms_of_reference"),
    ("registration", "numbers", "requests"),
    ("registration", "numbers", "actions"),
    ("registration", "numbers", "allocations"),
    ("registration", "contacts", "requests"),
    ("registration", "institutions", "requests"),
    ("registration", "institutions", "contacts"),
    ("registration", "institutions", "experts"),
]
"""Service, what is written first, what is written second and leans on it."""


class Database:
    """Holds documents by collection. After `busy` reads both documents of a pair are written, the first one first."""

    def __init__(self, names: tuple[str, ...], busy: int, pair: tuple[str, str]) -> None:
        self._rows: dict[str, list[str]] = {name: [] for name in names}
        self._left, self._pair = busy, pair

    async def list_collection_names(self) -> list[str]:
        return sorted(self._rows)

    def __getitem__(self, name: str) -> Reads:
        return Reads(self, name)

    def read(self, name: str) -> list[str]:
        found = list(self._rows[name])
        self._left -= 1
        if not self._left:
            for written in self._pair:
                self._rows[written].append("sample")
        return found


class Reads:
    """One collection."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, name

    async def find(self, _: Any) -> AsyncIterator[dict[str, Any]]:
        for id_ in self._database.read(self._name):
            yield {"_id": id_}


@pytest.mark.parametrize(("service", "first", "second"), LEANS)
async def test_what_is_written_between_two_reads_leaves_nothing_without_its_ground(
    service: str, first: str, second: str, tmp_path: Path
) -> None:
    head = Head(format=FORMAT, service=service, database=service, taken_at="", groups={}, ends={}, announces=[])
    for busy in range(1, len(READ[service]) + 1):
        writing = Writing(tmp_path / f"{busy}.backup", head)
        await _read(Database(READ[service], busy, (first, second)), writing)
        writing.end()
        found = {name for name, _ in documents_of(writing.path)}
        assert second not in found or first in found, f"written after read {busy}"


@pytest.mark.parametrize(
    ("service", "kinds"),
    [
        ("registration", [kind for kind in vars(registration).values() if isinstance(kind, Kind)]),
        ("matching", matching.KINDS),
        ("notifications", [kind for kind in vars(notifications).values() if isinstance(kind, Kind)]),
    ],
)
def test_every_collection_of_a_service_has_its_place(service: str, kinds: list[Kind[Any]]) -> None:
    assert sorted(READ[service]) == sorted(kind.name for kind in kinds)


def test_parking_lots_come_first_and_what_is_joined_to_nothing_after_them() -> None:
    names = ["calendars", PARKED.name, "positions", "rebuilds"]
    assert in_order("matching", names) == [PARKED.name, "rebuilds", "positions", "calendars"]
