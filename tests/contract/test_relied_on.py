"""Each consumer keeps an example of what it reads of an event; taking a field away fails by the consumer's name.

A file holds the fields its service reads, and no others: `relied_on/<service>/<type>.v1.json`.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from jsonschema import Draft202012Validator

from services.matching.entrypoints.events import EventHandlers
from services.notifications.entrypoints.events import Listening
from services.registration.entrypoints.events import subscriptions as registration_subscriptions
from shared.contracts.catalogue import CONTRACTS, Contract, contract_of
from shared.contracts.schema import record_schema
from shared.messaging.subscription import Subscription

RELIED_ON = Path(__file__).with_name("relied_on")
BY_FILE = {f"{contract.name}.v{contract.version}.json": contract for contract in CONTRACTS}
FILES = sorted(RELIED_ON.rglob("*.json"))
NOTHING: Any = Mock()
"""Stands in for the use cases and stores: the tables are read, nothing is called."""


def missing(service: str, relied: dict[str, Any], contract: Contract, schema: dict[str, Any]) -> list[str]:
    """What the service relies on and the schema does not offer (any more), by consumer, contract and place."""
    validator = Draft202012Validator(_offered(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{service} relies on {contract.name}: {e.json_path}: {e.message}" for e in validator.iter_errors(relied)]


def _offered(schema: Any) -> Any:
    """The schema for a part of a record: nothing is required, nothing else than what is offered is allowed."""
    if isinstance(schema, list):
        return [_offered(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    offered = {name: _offered(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        offered.pop("required", None)
        offered["additionalProperties"] = False
    return offered


def read(path: Path) -> tuple[str, Contract, dict[str, Any]]:
    return path.parent.name, BY_FILE[path.name], json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_a_consumer_relies_on_is_offered(path: Path) -> None:
    service, contract, relied = read(path)
    assert missing(service, relied, contract, record_schema(contract)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_whoever_relies_on_an_event_is_its_consumer(path: Path) -> None:
    service, contract, relied = read(path)
    assert service in contract.consumers
    assert (relied["type"], relied["version"]) == (contract.name, contract.version)


def tables() -> dict[str, tuple[Subscription, ...]]:
    """What each service listens to."""
    listening = Listening(tell=NOTHING, record_contact=NOTHING, forget_contact=NOTHING, remember_case=NOTHING)
    matching = EventHandlers(stores=NOTHING, roster=NOTHING, policy=NOTHING, offer_times=NOTHING, clock=NOTHING)
    return {
        "registration": tuple(registration_subscriptions(NOTHING)),
        "matching": tuple(matching.subscriptions()),
        "notifications": tuple(listening.subscriptions()),
    }


@pytest.mark.parametrize("service", ["registration", "matching", "notifications"])
def test_a_service_says_what_it_reads_of_every_event_it_handles(service: str) -> None:
    handled = {contract_of(model) for subscription in tables()[service] for model in subscription.handles}
    said = {contract for name, contract, _ in map(read, FILES) if name == service}
    assert {c.key for c in handled - said} == set(), "handled without a file in relied_on"
    assert {c.key for c in said - handled} == set(), "relied on and not handled"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_taking_any_field_away_fails_by_the_consumers_name(path: Path) -> None:
    """Planted: each field the service relies on is taken out of the contract."""
    service, contract, relied = read(path)
    assert relied["data"]
    for field in relied["data"]:
        schema = deepcopy(record_schema(contract))
        del schema["$defs"][contract.model.__name__]["properties"][field]
        found = missing(service, relied, contract, schema)
        assert len(found) == 1
        assert found[0].startswith(f"{service} relies on {contract.name}: $.data:")
        assert field in found[0]


def test_a_narrowed_value_fails_too() -> None:
    service, contract, relied = read(RELIED_ON / "matching/institution.verified.v1.json")
    schema = deepcopy(record_schema(contract))
    schema["$defs"][contract.model.__name__]["properties"]["status"] = {"enum": ["ineligible"], "type": "string"}
    assert "$.data.status" in missing(service, relied, contract, schema)[0]
