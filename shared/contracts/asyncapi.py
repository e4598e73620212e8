"""The catalogue as an AsyncAPI 3 document: channels, messages, and who sends and receives what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.catalogue import CONTRACTS, Contract, contracts_on
from shared.contracts.catalogue_page import EXAMPLES, LATER
from shared.contracts.schema import file_of, record_model, sentence_of
from shared.contracts.topics import TOPICS, Topic

VERSION = "1.0.0"
"""Of the published language as a whole; each contract has a version of its own."""

BINDING = "0.5.0"
"""Of AsyncAPI's Kafka binding: the first that takes any of a topic's settings."""

_HEADERS = {
    "type": "object",
    "properties": {
        "event_id": {"type": "string"},
        "type": {"type": "string"},
        "sequence": {"type": "string", "description": "as in the envelope, in digits"},
        "correlation_id": {"type": "string"},
        "traceparent": {"type": "string", "description": "W3C trace context, where there is one"},
    },
    "required": ["event_id", "sequence", "correlation_id"],
}


def asyncapi_document(examples: Path = EXAMPLES) -> dict[str, Any]:
    """The document as JSON values."""
    models = {contract.key: record_model(contract) for contract in CONTRACTS}
    names, definitions = models_json_schema(
        [(model, "validation") for model in models.values()], ref_template="#/components/schemas/{model}"
    )
    payloads = {contract.key: names[models[contract.key], "validation"] for contract in CONTRACTS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Entente events",
            "version": VERSION,
            "description": "What the services of Entente announce. One topic per aggregate type, keyed by its id; "
            "docs/events.md is the same for people.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(topic): _channel(topic) for topic in TOPICS.values()},
        "operations": _operations(),
        "components": {
            "messages": {_message_id(c): _message(c, payloads[c.key], examples) for c in CONTRACTS},
            "messageTraits": {
                "record": {
                    "headers": _HEADERS,
                    "correlationId": {"location": "$message.header#/correlation_id"},
                    "bindings": {"kafka": {"key": {"type": "string", "description": "id of the aggregate"}}},
                }
            },
            "schemas": definitions["$defs"],
        },
    }


def _channel_id(topic: Topic) -> str:
    return topic.name.replace(".", "_")


def _message_id(contract: Contract) -> str:
    return f"{contract.name.replace('.', '_')}_v{contract.version}"


def _channel(topic: Topic) -> dict[str, Any]:
    kept, settings = f"{topic.kept[0].upper()}{topic.kept[1:]}", topic.configuration()
    kafka = {name: _setting(name, value) for name, value in settings.items()}
    return {
        "address": topic.name,
        "title": topic.aggregate.replace("_", " "),
        "description": f"{kept}.{' Carries personal data.' if topic.holds_people else ''}",
        "messages": {_message_id(c): {"$ref": f"#/components/messages/{_message_id(c)}"} for c in contracts_on(topic)},
        "bindings": {"kafka": {"bindingVersion": BINDING, "topicConfiguration": kafka}},
    }


def _setting(name: str, value: str) -> Any:
    """A setting of a topic in the type that the binding gives it."""
    if name == "cleanup.policy":
        return [value]
    return int(value) if value.lstrip("-").isdigit() else value


def _message(contract: Contract, payload: dict[str, Any], examples: Path) -> dict[str, Any]:
    later = {} if contract.announced else {"x-announced": LATER}
    example = json.loads((examples / file_of(contract)).read_text("utf-8"))
    return {
        "name": contract.name,
        "title": f"{contract.name}, version {contract.version}",
        "summary": sentence_of(contract),
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/record"}],
        "payload": payload,
        "examples": [{"name": "sample", "payload": example}],
        **later,
    }


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for topic in TOPICS.values():
        contracts = contracts_on(topic)
        operations[f"{topic.producer}_sends_{topic.aggregate}"] = _operation("send", topic.producer, topic, contracts)
        for service in sorted({service for c in contracts for service in c.consumers}):
            heard = tuple(c for c in contracts if service in c.consumers)
            operations[f"{service}_receives_{topic.aggregate}"] = _operation("receive", service, topic, heard)
    return operations


def _operation(action: str, service: str, topic: Topic, contracts: tuple[Contract, ...]) -> dict[str, Any]:
    channel = f"#/channels/{_channel_id(topic)}"
    return {
        "action": action,
        "title": f"{service} {action}s events of the {topic.aggregate.replace('_', ' ')}",
        "channel": {"$ref": channel},
        "tags": [{"name": service}],
        "messages": [{"$ref": f"{channel}/messages/{_message_id(c)}"} for c in contracts],
    }
