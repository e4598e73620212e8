"""The JSON Schema of a whole record: the envelope with the typed content of one contract."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import create_model

from shared.contracts.catalogue import Contract
from shared.contracts.envelope import AggregateRef, Envelope

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def record_model(contract: Contract) -> type[Envelope]:
    """The envelope narrowed to one contract: its type, its version, its aggregate and its content."""
    name = contract.model.__name__
    about: dict[str, Any] = {"type": (Literal[contract.topic.aggregate], ...)}
    aggregate = create_model(f"{name}Aggregate", __base__=AggregateRef, __doc__=AggregateRef.__doc__, **about)
    fields: dict[str, Any] = {
        "type": (Literal[contract.name], ...),
        "version": (Literal[contract.version], ...),
        "aggregate": (aggregate, ...),
        "data": (contract.model, ...),
    }
    model: type[Envelope] = create_model(f"{name}Record", __base__=Envelope, __doc__=sentence_of(contract), **fields)
    return model


def record_schema(contract: Contract) -> Schema:
    """The JSON Schema of every record of the contract. Unknown fields are allowed everywhere."""
    return {"$schema": DIALECT, **record_model(contract).model_json_schema()}


def sentence_of(contract: Contract) -> str:
    """What the event says, in the words of its model."""
    return " ".join((contract.model.__doc__ or "").split())


def file_of(contract: Contract) -> str:
    """Where the contract's frozen schema and its example lie, below their directory."""
    return f"{contract.topic.name}/{contract.name}.v{contract.version}.json"


def as_text(value: Any) -> str:
    """JSON as it is kept in files: readable, in the order given, with a newline at the end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
