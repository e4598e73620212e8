"""Every operation of every service is documented in full, with true examples; another service is one more line."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.component.notifications.world import World
from tests.component.registration.front import Front
from tests.support.documented import missing
from tests.support.matching_world import World as Matching

SERVICES: dict[str, Callable[[], Any]] = {
    "matching": lambda: Matching().service.app,
    "notifications": lambda: World().service.app,
    "registration": lambda: Front().service.app,
}


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    return {name: make().openapi() for name, make in SERVICES.items()}


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_missing(documents: dict[str, dict[str, Any]], service: str) -> None:
    document = documents[service]
    assert len(document["paths"]) > 10
    assert missing(document) == []


RETRY = ("paths", "/deliveries/{id}/retry", "post")
ANSWER = (*RETRY, "responses", "200")
PLANTED: dict[str, tuple[tuple[Any, ...], Any]] = {
    "no description": ((*RETRY, "description"), None),
    "takes no Idempotency-Key": ((*RETRY, "parameters"), [{"in": "header", "name": "If-Match", "description": "x"}]),
    "200 has no ETag": ((*ANSWER, "headers"), {}),
    "200 (application/json) has no example": ((*ANSWER, "content", "application/json", "example"), None),
    "at /attempts": ((*ANSWER, "content", "application/json", "example", "attempts"), "many"),
    "'sent_at' is a required property": ((*ANSWER, "content", "application/json", "example", "sent_at"), None),
    "does not tell of 404": ((*RETRY, "responses", "404"), None),
    "409 is no problem+json": ((*RETRY, "responses", "409", "content"), {"application/json": {}}),
    "404 has no example of its own status": (
        (*RETRY, "responses", "404", "content", "application/problem+json", "example", "status"), 422,
    ),
    "200 has no word of its own": ((*ANSWER, "description"), "Successful Response"),
    "tag inbox: is not explained": (("tags",), []),
    "the request (application/json) has no example": (
        ("paths", "/operations/parked/{id}/redrive", "post", "requestBody", "content", "application/json", "schema"),
        {"$ref": "#/components/schemas/Reason"},
    ),
    "parameter state has no description": (("paths", "/deliveries", "get", "parameters", 0), {
        "in": "query", "name": "state", "schema": {"type": "string"},
    }),
}  # fmt: skip


@pytest.mark.parametrize("told", PLANTED)
def test_what_is_left_out_is_named(documents: dict[str, dict[str, Any]], told: str) -> None:
    place, planted = PLANTED[told]
    document = deepcopy(documents["notifications"])
    at: Any = document
    for step in place[:-1]:
        at = at[step]
    if planted is None:
        del at[place[-1]]
    else:
        at[place[-1]] = planted
    assert any(told in line for line in missing(document))
