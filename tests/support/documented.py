"""What an interface's OpenAPI document lacks: the same demands on every operation of every service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

Document = dict[str, Any]
Operation = dict[str, Any]

METHODS = ("get", "put", "post", "patch", "delete")
WRITES = ("put", "post", "patch", "delete")
KEY, VERSION = "Idempotency-Key", "If-Match"
PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
NOT_FOR_CALLERS = ("/health", "/metrics")
"""Read by probes, without a token."""
EVERYWHERE = {"health", "operations"}
"""Tags of every service: not explained, so that they are shown after those of the business."""


def missing(document: Document) -> list[str]:
    """Every operation with every part that is not documented, or whose example is not true; empty where all is."""
    found = [
        f"{method.upper()} {path}: {what}"
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
        for what in _lacks(document, path, method, item[method])
    ]
    tags = {
        tag for item in document["paths"].values() for method in METHODS for tag in item.get(method, {}).get("tags", ())
    }
    found += [f"tag {tag}: is explained and has no operation" for tag in _explained(document) - tags]
    return found + [f"tag {tag}: is not explained" for tag in tags - _explained(document) - EVERYWHERE]


def _explained(document: Document) -> set[str]:
    return {str(tag["name"]) for tag in document.get("tags", ())}


def _lacks(document: Document, path: str, method: str, operation: Operation) -> Iterator[str]:
    yield from (f"no {part}" for part in ("summary", "description", "tags") if not operation.get(part))
    yield from _parameters(method, operation)
    yield from _request(document, operation)
    yield from _success(document, method, operation)
    yield from _errors(path, method, operation)


def _parameters(method: str, operation: Operation) -> Iterator[str]:
    parameters = operation.get("parameters", ())
    for parameter in parameters:
        if not (parameter.get("description") or parameter["schema"].get("description")):
            yield f"parameter {parameter['name']} has no description"
    headers = {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
    if method in WRITES:
        yield from (f"takes no {header}" for header in sorted({KEY, VERSION} - headers))


def _request(document: Document, operation: Operation) -> Iterator[str]:
    for type_, body in operation.get("requestBody", {}).get("content", {}).items():
        examples = _examples(body) or body["schema"].get("examples", [])
        if not examples:
            yield f"the request ({type_}) has no example"
        yield from _untrue(document, body["schema"], examples, "the request's example")


def _success(document: Document, method: str, operation: Operation) -> Iterator[str]:
    answers = {status: a for status, a in operation["responses"].items() if status.startswith("2")}
    if not answers:
        yield "no answer"
    for status, answer in answers.items():
        if answer.get("description") in (None, "", "Successful Response"):
            yield f"{status} has no word of its own"
        if not answer.get("content"):
            yield f"{status} has no content"
        for type_, body in answer.get("content", {}).items():
            examples = _examples(body)
            if not examples:
                yield f"{status} ({type_}) has no example"
            yield from _untrue(document, body["schema"], examples, f"the example of {status}")
            versioned = "version" in _resolved(document, body["schema"]).get("properties", {})
            if (versioned or method in WRITES) and "ETag" not in answer.get("headers", {}):
                yield f"{status} has no ETag"


def _errors(path: str, method: str, operation: Operation) -> Iterator[str]:
    told = operation["responses"]
    for status, answer in told.items():
        if status[0] not in "45":
            continue
        body = answer.get("content", {}).get("application/problem+json", {})
        if not (answer.get("description") and body.get("schema") == PROBLEM):
            yield f"{status} is no problem+json with a description"
        elif body.get("example", {}).get("status") != int(status):
            yield f"{status} has no example of its own status"
    yield from (f"does not tell of {status}" for status in sorted(_due(path, method, operation) - told.keys()))


def _due(path: str, method: str, operation: Operation) -> set[str]:
    due = {"500"}
    if path.startswith(NOT_FOR_CALLERS):
        return due
    due |= {"503"}
    if operation.get("security"):
        due |= {"401", "403"} | ({"404"} if "{" in path else set())
    if operation.get("requestBody"):
        due |= {"400", "413", "415"}
    if operation.get("requestBody") or operation.get("parameters"):
        due |= {"422"}
    if method in WRITES:
        due |= {"400", "409", "412", "413", "422", "429"}
    return due | ({"428"} if method == "put" else set())


def _examples(body: dict[str, Any]) -> list[Any]:
    if "example" in body:
        return [body["example"]]
    return [example["value"] for example in body.get("examples", {}).values()]


def _untrue(document: Document, schema: dict[str, Any], examples: list[Any], which: str) -> Iterator[str]:
    validator = Draft202012Validator({**schema, "components": document["components"]})
    for example in examples:
        for error in validator.iter_errors(example):
            yield f"{which} is not what the schema says, at /{'/'.join(map(str, error.path))}: {error.message[:120]}"


def _resolved(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found
