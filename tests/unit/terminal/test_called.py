"""A case is found by what people call it: an id, the reference of its request, the code of its action."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.services import SERVICES
from deploy.terminal.looks.case import correlation_of
from services.registration.domain.action import open_for
from tests.unit.registration import samples

REQUEST = samples.approved()
ACTION = open_for(REQUEST, "2030-04")
PARKED_EVENT = {"headers": [["correlation_id", {"text": "cor_3"}], ["correlation_id", {"text": "cor_4"}]]}
BYTES = {"headers": [["correlation_id", {"text": "//4=", "base64": True}]]}
KEPT: dict[str, dict[str, list[dict[str, Any]]]] = {
    "base_registration": {
        "requests": [{"_id": "req_1", "correlation_id": "cor_1", "state": REQUEST.model_dump(mode="json")}],
        "actions": [{"_id": "act_1", "correlation_id": "cor_2", "state": ACTION.model_dump(mode="json")}],
    },
    "base_matching": {
        "positions": [{"_id": "pos_1", "correlation_id": "cor_3", "state": {"offers": [{"offer_id": "off_1"}]}}],
        "parked": [
            {"_id": "parked_1", "correlation_id": "cor_7", "state": {"events": [PARKED_EVENT]}},
            {"_id": "parked_2", "correlation_id": "cor_7", "state": {"events": []}},
            {"_id": "parked_3", "correlation_id": "cor_7", "state": {"events": [BYTES, PARKED_EVENT]}},
        ],
    },
    "base_notifications": {"deliveries": [{"_id": "foreign_1"}]},
}


class Rows:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    async def find_one(self, asked: dict[str, str], _: Any) -> dict[str, Any] | None:
        ((place, value),) = asked.items()
        return next((row for row in self._rows if value in _at([row], place)), None)


class Base:
    def __init__(self, collections: dict[str, list[dict[str, Any]]]) -> None:
        self._collections = collections

    def __getitem__(self, name: str) -> Rows:
        return Rows(self._collections.get(name, []))

    async def list_collection_names(self) -> list[str]:
        return list(self._collections)


def _at(rows: list[Any], place: str) -> list[Any]:
    """What lies there, in every element where a list is met on the way."""
    for part in place.split("."):
        found = [row[part] for row in rows if part in row]
        rows = [one for it in found for one in (it if isinstance(it, list) else [it])]
    return rows


@pytest.mark.parametrize(
    ("named", "correlation"),
    [
        ("req_1", "cor_1"),
        ("pos_1", "cor_3"),
        ("off_1", "cor_3"),
        ("parked_1", "cor_4"),
        ("parked_2", "parked_2"),
        ("parked_3", "parked_3"),
        ("foreign_1", "foreign_1"),
        (REQUEST.reference, "cor_1"),
        ("2030-04", "cor_2"),
        ("cor_9", "cor_9"),
        ("REQ-2030-9999", "REQ-2030-9999"),
    ],
)
async def test_a_case_is_found_by_an_id_a_reference_or_a_code(named: str, correlation: str) -> None:
    client = {base: Base(collections) for base, collections in KEPT.items()}
    assert await correlation_of(client, {name: f"base_{name}" for name in SERVICES}, named) == correlation
