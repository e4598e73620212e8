"""Correlation, metrics, health and documentation of every service's HTTP interface."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from shared.runtime.identity import Role
from tests.component.runtime.sample import GOOD, Sample
from tests.support.access import access_of
from tests.support.logs import logged


async def test_the_callers_correlation_id_is_echoed_and_an_unsafe_one_replaced() -> None:
    async with Sample().client() as client:
        assert (await client.get("/things", headers={"X-Correlation-Id": "case-7"})).headers[
            "x-correlation-id"
        ] == "case-7"
        made = (await client.get("/things", headers={"X-Correlation-Id": "x" * 81})).headers["x-correlation-id"]
        assert re.fullmatch(r"cor_[0-9a-f]{32}", made)


async def test_head_answers_as_get_does_without_the_body() -> None:
    sample = Sample()
    async with sample.client() as client:
        made = (await client.post("/things", json=GOOD)).json()["id"]
        for path in (f"/things/{made}", "/things", "/things/thg_none", "/nothing", "/health/live", "/metrics", "/docs"):
            got, asked = await client.get(path), await client.head(path)
            assert (asked.status_code, asked.content) == (got.status_code, b"")
            if path != "/metrics":  # which moves with every request
                assert asked.headers["content-length"] == got.headers["content-length"] == str(len(got.content))
            for name in ("content-type", "etag"):
                assert asked.headers.get(name) == got.headers.get(name)
        refused = await client.head("/odd/large")
        assert (refused.status_code, refused.content, refused.headers["allow"]) == (405, b"", "POST")
    assert "head" not in {method for item in sample.app.openapi()["paths"].values() for method in item}


async def test_correlation_and_trace_reach_what_is_stored() -> None:
    sample = Sample()
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with sample.client() as client:
        sent = {"X-Correlation-Id": "case-7", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        made = (await client.post("/things", json=GOOD, headers=sent)).json()
    stored = await sample.store.read(made["id"])
    assert stored is not None
    assert stored.correlation_id == "case-7"


async def test_requests_are_counted_by_route_template_method_and_status() -> None:
    sample = Sample()
    async with sample.client() as client:
        for path in ("/things/thg_1", "/things/thg_2", "/no/such/a", "/no/such/b", "/odd/broken"):
            await client.get(path)
        await client.request("BREW", "/things")
        text = (await client.get("/metrics")).text
    assert 'entente_http_requests_total{method="GET",route="/things/{id}",status="404"} 2.0' in text
    assert 'entente_http_requests_total{method="GET",route="unknown",status="404"} 2.0' in text
    assert 'entente_http_requests_total{method="GET",route="/odd/broken",status="500"} 1.0' in text
    assert 'entente_http_requests_total{method="other",route="/things",status="405"} 1.0' in text
    assert 'entente_http_request_seconds_count{method="GET",route="/things/{id}"} 2.0' in text
    assert "thg_1" not in text
    assert "BREW" not in text


async def test_a_fault_of_ours_is_logged_once_with_its_correlation_and_masked() -> None:
    with logged() as out:
        async with Sample().client() as client:
            await client.get("/odd/broken", headers={"X-Correlation-Id": "case-9"})
    (line,) = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (line["correlation_id"], line["service"], line["route"]) == ("case-9", "sample", "/odd/broken")
    assert "RuntimeError: secret inside: mongodb://***@db" in line["exception"]


async def test_a_refused_write_is_found_in_the_log_by_its_correlation_and_says_nothing_of_the_input() -> None:
    cases: tuple[tuple[str, str, Any, dict[str, Any]], ...] = (
        ("POST", "/things", {**GOOD, "title": "Ada Lovelace", "count": -1}, {"route": "/things", "status": 422}),
        ("POST", "/things", "{", {"status": 422, "problem": "invalid"}),
        ("PUT", "/things/thg_ada?name=Ada", GOOD, {"route": "/things/{id}", "status": 422}),
        ("POST", "/ada", GOOD, {"route": "unknown", "status": 404, "problem": "not-found"}),
        ("DELETE", "/things", None, {"method": "DELETE", "status": 405}),
        ("ADA", "/things", None, {"method": "other", "status": 405}),
        ("GET", "/odd/away", None, {"route": "/odd/away", "status": 503, "problem": "away"}),
    )
    with logged() as out:
        async with Sample().client() as client:
            for method, path, body, _ in cases:
                await client.request(method, path, json=body, headers={"X-Correlation-Id": f"case-{len(method)}"})
            for read in ("/things/thg_none", "/odd/refused", "/nothing"):
                await client.get(read)
            assert (await client.post("/things", json=GOOD)).status_code == 201
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == len(cases)
    for line, (method, _, _, said) in zip(lines, cases, strict=True):
        assert (line["level"], line["message"], line["correlation_id"]) == ("info", "refused", f"case-{len(method)}")
        assert said.items() <= line.items()
    assert "ada" not in out.getvalue().lower()


async def test_live_answers_whatever_the_checks_say() -> None:
    sample = Sample()

    async def red() -> str:
        return "gone"

    sample.checks.add("store", red)
    async with sample.client(role=None) as client:
        assert (await client.get("/health/live")).status_code == 200


async def test_ready_names_each_red_check_and_since_when_and_turns_green_again() -> None:
    sample = Sample()
    said: dict[str, str | None] = {"store": None, "consumers": None}

    async def store() -> str | None:
        return said["store"]

    async def consumers() -> str | None:
        if said["consumers"] == "raise":
            raise ConnectionError("mongodb://app:s3cret@db")
        return said["consumers"]

    sample.checks.add("store", store)
    sample.checks.add("consumers", consumers)
    async with sample.client(role=None) as client:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        turned = sample.clock.now()
        said.update(store="no answer", consumers="raise")
        await client.get("/health/ready")
        sample.clock.advance(timedelta(minutes=5))
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "2"
        first, second = answer.json()["checks"]
        assert (first["name"], first["ok"], first["reason"]) == ("store", False, "no answer")
        assert datetime.fromisoformat(first["since"]) == turned == datetime(2030, 1, 7, 9, tzinfo=UTC)
        assert second["reason"] == "ConnectionError"
        assert "s3cret" not in answer.text
        said.update(store=None, consumers=None)
        assert (await client.get("/health/ready")).status_code == 200


async def test_a_red_check_that_does_not_gate_is_told_by_a_service_that_is_ready() -> None:
    sample = Sample()
    reasons: list[str] = []

    async def partitions() -> str | None:
        return "cannot read partition 1"

    async def store() -> str | None:
        return reasons[0] if reasons else None

    sample.checks.add("partitions sample", partitions, gates=False)
    sample.checks.add("store", store)
    async with sample.client(role=None) as client:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        told, _ = answer.json()["checks"]
        assert (told["ok"], told["reason"], told["gates"]) == (False, "cannot read partition 1", False)
        assert told["since"] is not None
        reasons.append("no answer")
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert "cannot read partition 1" in answer.json()["detail"]


async def test_a_check_that_hangs_is_red_within_its_time() -> None:
    sample = Sample()

    async def hangs() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return

    sample.checks.add("store", hangs)
    began = asyncio.get_running_loop().time()
    async with sample.client(role=None) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert "no answer within 0.2 s" in answer.json()["detail"]
    assert asyncio.get_running_loop().time() - began < 1.0


def test_every_operation_documents_its_error_answers_as_problems() -> None:
    sample = Sample()
    document = sample.app.openapi()
    assert "HTTPValidationError" not in json.dumps(document)
    create = document["paths"]["/things"]["post"]
    assert {"201", "400", "401", "403", "409", "413", "415", "422", "500", "503"} <= set(create["responses"])
    edit = document["paths"]["/things/{id}"]["put"]
    assert {"404", "412", "428"} <= set(edit["responses"])
    for item in document["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"]["application/problem+json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ProblemBody"}
    assert {"type", "title", "status", "detail", "mend", "faults"} <= set(
        document["components"]["schemas"]["ProblemBody"]["properties"]
    )
    assert "FaultBody" in document["components"]["schemas"]
    assert {p["name"] for p in create["parameters"]} == {"Idempotency-Key", "If-Match"}


def test_a_route_added_later_is_documented_too() -> None:
    sample = Sample()
    sample.app.openapi()

    @sample.app.get("/late")
    async def late() -> None: ...

    assert "500" in sample.app.openapi()["paths"]["/late"]["get"]["responses"]


def test_the_interface_bears_the_version_of_the_package() -> None:
    assert Sample().app.openapi()["info"]["version"] == version("entente")


def test_who_may_call_what_can_be_listed() -> None:
    access = {(a.method, a.path): a.roles for a in access_of(Sample().app)}
    assert access["POST", "/things"] == frozenset({Role.OFFICER})
    assert access["PUT", "/things/{id}"] == frozenset({Role.OFFICER})
    assert access["GET", "/health/live"] is None
    assert access["GET", "/odd/away"] is None
