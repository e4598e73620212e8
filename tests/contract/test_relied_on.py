"""Each consumer keeps an example of what it reads of an event; taking a field away fails by the consumer's name.

A file holds the fields its service reads, at any depth, and no others: `relied_on/<service>/<type>.v1.json`. Where it
only counts what a list holds, an item is empty.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from services.matching.entrypoints.events import EventHandlers
from services.notifications.adapters.wording import JinjaWording
from services.notifications.domain.catalogue import rows
from services.notifications.domain.contact import SUPPORTED
from services.notifications.domain.names import names_told
from services.notifications.domain.notice import Notice, Times, addressees, deliveries
from services.notifications.domain.recipients import addressed
from services.notifications.entrypoints.events import Listening
from services.registration.entrypoints.events import subscriptions as registration_subscriptions
from shared.contracts.catalogue import CONTRACTS, Contract, contract_of
from shared.contracts.envelope import Envelope
from shared.contracts.schema import record_schema
from shared.messaging.subscription import Subscription

RELIED_ON = Path(__file__).with_name("relied_on")
BY_FILE = {f"{contract.name}.v{contract.version}.json": contract for contract in CONTRACTS}
FILES = sorted(RELIED_ON.rglob("*.json"))
NOTHING: Any = Mock()
"""Stands in for the use cases and stores: the tables are read, nothing is called."""
WORDING = JinjaWording(ZoneInfo("Europe/Brussels"))


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


def fields_of(relied: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Every field of the content that is relied on, by the definition that has it, and the places that hold it."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)

    def walk(value: Any, offered: Mapping[str, Any], place: str) -> None:
        for option in offered.get("anyOf", ()):
            walk(value, option, place)
        if isinstance(value, list):
            for number, item in enumerate(value):
                walk(item, offered.get("items", {}), f"{place}[{number}]")
        if isinstance(value, dict) and "$ref" in offered:
            definition = offered["$ref"].rpartition("/")[2]
            properties = schema["$defs"][definition]["properties"]
            for field in (field for field in value if field in properties):
                found[definition, field].append(place)
                walk(value[field], properties[field], f"{place}.{field}")

    walk(relied["data"], schema["properties"]["data"], "$.data")
    return found


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
    """Planted: each field the service relies on, at whatever depth, is taken out of the contract."""
    service, contract, relied = read(path)
    schema = record_schema(contract)
    planted = fields_of(relied, schema)
    assert planted
    assert {field for definition, field in planted if definition == contract.model.__name__} == set(relied["data"])
    for (definition, field), places in planted.items():
        properties = schema["$defs"][definition]["properties"]
        taken = properties.pop(field)
        found = missing(service, relied, contract, schema)
        properties[field] = taken
        named = [f"{service} relies on {contract.name}: {place}: " for place in places]
        assert len(found) == len(named), (field, found)
        assert all(any(one.startswith(name) and field in one for one in found) for name in named), (field, found)


def test_fields_are_planted_in_objects_and_in_the_items_of_lists() -> None:
    _, contract, relied = read(RELIED_ON / "matching/tor.finalised.v1.json")
    planted = fields_of(relied, record_schema(contract))
    assert planted["Period", "last_day"] == ["$.data.activity.prep", "$.data.activity.onsite"]
    assert planted["LanguageSkill", "level"] == ["$.data.positions[0].languages[0]"]
    _, contract, relied = read(RELIED_ON / "matching/expert.revised.v1.json")
    planted = fields_of(relied, record_schema(contract))
    assert planted["Employment", "until"] == ["$.data.employment", "$.data.previous_employments[0]"]


TOLD = [path for path in FILES if path.parent.name == "notifications" and BY_FILE[path.name].model in rows()]


@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.name)
def test_what_notifications_keeps_suffices_for_its_wording(path: Path) -> None:
    """A template reads into a fact, and no table says so: there, what is not kept is an error."""
    _, contract, relied = read(path)
    row, data = rows()[contract.model], relied["data"]
    assert set(row.facts) <= set(data)
    event = Envelope.model_validate(relied)
    notice = Notice(event.event_id, event.type, event.occurred_at, data, row)
    to, _ = addressees(addressed(row.told, data), {})
    assert to
    for delivery in deliveries(notice, to, event.occurred_at, Times(timedelta(), timedelta())):
        names = dict.fromkeys(names_told(delivery), "Sample Expert")
        for language in SUPPORTED:
            WORDING.say(delivery, name="", language=language, case=None, names=names)


def test_a_narrowed_value_fails_too() -> None:
    service, contract, relied = read(RELIED_ON / "matching/institution.verified.v1.json")
    schema = deepcopy(record_schema(contract))
    schema["$defs"][contract.model.__name__]["properties"]["status"] = {"enum": ["ineligible"], "type": "string"}
    assert "$.data.status" in missing(service, relied, contract, schema)[0]
