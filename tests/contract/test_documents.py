"""The catalogue is generated: complete, up to date, and AsyncAPI 3 in its structure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from shared.contracts import document
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.catalogue_page import LATER, catalogue_page
from shared.contracts.topics import TOPICS


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    return asyncapi_document()


@pytest.fixture(scope="module")
def page() -> str:
    return catalogue_page()


def test_the_generated_files_are_up_to_date() -> None:
    assert document.stale() == [], "run python -m shared.contracts.document --write"


def test_the_command_writes_checks_and_notices_a_stale_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert document.main(["--check"], directory=tmp_path) == 1
    assert document.main(["--write"], directory=tmp_path) == 0
    assert document.main(["--check"], directory=tmp_path) == 0
    capsys.readouterr()
    (tmp_path / "events.md").write_text("edited by hand", "utf-8")
    assert document.main(["--check"], directory=tmp_path) == 1
    assert capsys.readouterr().out.startswith("docs/events.md is stale")


def test_the_page_has_every_event_with_every_field_and_its_listeners(page: str) -> None:
    for contract in CONTRACTS:
        _, found, rest = page.partition(f"### `{contract.name}`, version {contract.version}\n")
        assert found, contract.key
        section = rest.partition("\n### ")[0]
        assert " ".join((contract.model.__doc__ or "").split()) in section
        assert (LATER[1:] in section) is not contract.announced
        for field in contract.model.model_fields:
            assert f"| `{field}` |" in section, f"{contract.key}: {field}"
        for service in contract.consumers:
            assert service in section
        assert f'"type": "{contract.name}"' in section


def test_the_page_shows_nested_fields_and_bounds(page: str) -> None:
    assert "| `positions[].languages[].level` | text | yes |" in page
    assert "| `score` " not in page
    assert "| `top[].score` | whole number (0 to 100000) | yes |" in page
    assert "| `name` | mapping to text | yes | per language code |" in page


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def behind(root: dict[str, Any], reference: str) -> Any:
    assert reference.startswith("#/")
    found: Any = root
    for part in reference[2:].split("/"):
        found = found[part]
    return found


def test_asyncapi_has_what_version_3_asks_for(asyncapi: dict[str, Any]) -> None:
    assert asyncapi["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= asyncapi["info"].keys()
    for channel in asyncapi["channels"].values():
        assert channel["address"]
        assert channel["messages"]
    for operation in asyncapi["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = behind(asyncapi, operation["channel"]["$ref"])
        own = {f"{operation['channel']['$ref']}/messages/{name}" for name in channel["messages"]}
        assert {message["$ref"] for message in operation["messages"]} <= own
    for message in asyncapi["components"]["messages"].values():
        assert {"name", "title", "summary", "contentType", "payload", "examples"} <= message.keys()


def test_every_reference_in_asyncapi_leads_somewhere(asyncapi: dict[str, Any]) -> None:
    found = set(references(asyncapi))
    assert len(found) > len(CONTRACTS)
    for reference in found:
        assert behind(asyncapi, reference) is not None, reference


def test_asyncapi_tells_of_a_topic_what_the_cluster_is_told(asyncapi: dict[str, Any]) -> None:
    for channel in asyncapi["channels"].values():
        told = channel["bindings"]["kafka"]["topicConfiguration"]
        as_text = {name: ",".join(map(str, v)) if isinstance(v, list) else str(v) for name, v in told.items()}
        assert as_text == TOPICS[channel["address"]].configuration()


def test_asyncapi_says_who_sends_and_who_receives(asyncapi: dict[str, Any]) -> None:
    operations = asyncapi["operations"]
    assert {c["address"] for c in asyncapi["channels"].values()} == set(TOPICS)
    for contract in CONTRACTS:
        topic = contract.topic
        message = f"{contract.name.replace('.', '_')}_v{contract.version}"
        place = {"$ref": f"#/channels/{topic.name.replace('.', '_')}/messages/{message}"}
        receiving = {
            operation["tags"][0]["name"]
            for operation in operations.values()
            if operation["action"] == "receive" and place in operation["messages"]
        }
        assert receiving == set(contract.consumers)
        sending = [
            o["tags"][0]["name"] for o in operations.values() if o["action"] == "send" and place in o["messages"]
        ]
        assert sending == [topic.producer]
        marked = asyncapi["components"]["messages"][message].get("x-announced")
        assert marked == (None if contract.announced else LATER)


def test_the_examples_in_asyncapi_fit_their_payloads(asyncapi: dict[str, Any]) -> None:
    for name, message in asyncapi["components"]["messages"].items():
        schema = {**message["payload"], "components": asyncapi["components"]}
        for example in message["examples"]:
            errors = [e.message for e in Draft7Validator(schema).iter_errors(example["payload"])]
            assert errors == [], name
