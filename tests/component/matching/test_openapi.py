"""What /openapi.json promises is complete, and what the service answers keeps it, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from tests.support import matching_events as say
from tests.support.matching_world import World, token

METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
OWN = ("/experts", "/searches", "/positions", "/offers", "/teams")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


async def test_every_operation_says_what_it_does_and_how_it_refuses(unchanging: World) -> None:
    document = (await unchanging.call("GET", "/openapi.json", None)).json()
    found = dict(operations(document))
    assert len(found) > 15
    for name, operation in found.items():
        assert operation.get("summary"), name
        errors = {status: told for status, told in operation["responses"].items() if status[0] in "45"}
        assert "500" in errors, name
        for status, told in errors.items():
            assert told["description"], (name, status)
            assert told["content"]["application/problem+json"]["schema"] == PROBLEM or "health" in name, (name, status)
    assert set(document["components"]["schemas"]["ProblemBody"]["required"]) >= {"type", "title", "status", "detail"}


async def test_every_operation_of_matching_names_its_refusals(unchanging: World) -> None:
    document = (await unchanging.call("GET", "/openapi.json", None)).json()
    for name, operation in operations(document):
        path = name.split()[1]
        if not path.startswith(OWN):
            continue
        due = {"401", "403", "422", "500", "503"}
        due |= {"404"} if "{" in path else set()
        due |= {"409", "412"} if not name.startswith("GET") else set()
        due |= {"400", "413", "415"} if operation.get("requestBody") else set()
        assert due <= operation["responses"].keys(), name
        assert operation["security"], name
        headers = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "header"}
        assert headers == (set() if name.startswith("GET") else {"Idempotency-Key", "If-Match"}), name
        assert operation["responses"]["200"]["content"]["application/json"]["schema"], name


@pytest.mark.parametrize("role", ["officer", "expert"])
def test_whatever_is_sent_the_answer_keeps_the_schema_and_is_no_failure(offered: World, role: str) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", offered.service.app)
    bearer = token(role, "per_any", None, "exp_1" if role == "expert" else None)
    tried = 0
    for found in schema.get_all_operations():
        operation = cast("Any", found).ok()
        if not operation.path.startswith(OWN):
            continue

        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            nonlocal tried
            tried += 1
            for name, known in (("offer_id", None), ("position_id", say.LEAD), ("expert_id", "exp_1")):
                if known is not None and tried % 2 and name in (case.path_parameters or {}):
                    case.path_parameters[name] = known
            case.call_and_validate(
                headers={"Authorization": f"Bearer {bearer}"},
                checks=[
                    checks.not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ],
            )

        holds()
    assert tried > 80
