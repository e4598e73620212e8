"""Completes the generated OpenAPI: every operation documents its error answers as problems."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from shared.runtime.http.answers import with_nulls
from shared.runtime.http.problems import MEDIA_TYPE, ProblemBody, problems

_METHODS = ("get", "put", "post", "patch", "delete")
_ECHOED = {
    "description": "sent back from the request, or new; names this call in the log where a write is refused or "
    "anything fails, and what it creates with all that follows from it: events about something that was there before "
    "carry the id it was created under",
    "schema": {"type": "string", "maxLength": 80},
}
_UNSAID = "Successful Response"
_DONE = {"200": "Done", "201": "Created", "202": "Accepted and kept"}
"""What a success is called where its route has no word of its own; the framework calls each the same."""
_PUBLIC_PATHS = ("/health/live", "/metrics")


def complete(app: FastAPI) -> None:
    """Make `app.openapi()` tell, for every operation: 400, 413 and 415 where it reads a body, 401 and 403 where a
    token is needed, 422 where it takes anything, 400, 409, 413 and 429 where it takes a key, 412 where it takes a
    version, 500 and 503; a word for each success; and the echoed X-Correlation-Id."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        if "x-entente-complete" not in document:
            _complete(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    document["x-entente-complete"] = True
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schema = TypeAdapter(ProblemBody).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas["ProblemBody"] = schema
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                _complete_operation(path, method, item[method])


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    told = operation.setdefault("responses", {})
    generated = told.get("422", {}).get("content", {})
    if generated and MEDIA_TYPE not in generated:
        del told["422"]
    due = {500} if path in _PUBLIC_PATHS else {500, 503}
    if operation.get("requestBody"):
        due |= {400, 413, 415, 422}
    if operation.get("parameters"):
        due |= {422}
    taken = {parameter["name"] for parameter in operation.get("parameters", ())}
    if "Idempotency-Key" in taken:
        due |= {400, 409, 413, 429}
    if "If-Match" in taken:
        due |= {412}
    if operation.get("security"):
        due |= {401, 403}
    for due_status, refusal in problems(*sorted(due)).items():
        told.setdefault(str(due_status), refusal)
    for status, answer in told.items():
        if answer.get("description") == _UNSAID:
            answer["description"] = "Found" if method == "get" else _DONE.get(status, HTTPStatus(int(status)).phrase)
        for body in answer.get("content", {}).values():
            if "example" in body:
                body["example"] = with_nulls(body["example"])
        answer.setdefault("headers", {})["X-Correlation-Id"] = _ECHOED
    operation["responses"] = dict(sorted(told.items()))
