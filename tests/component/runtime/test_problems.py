"""Bad input gets a problem that says what, where and how to mend; nothing changes; it is never a 5xx."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.runtime.http.faults import shortened
from tests.component.runtime.sample import GOOD, Sample

SAMPLE = Sample(body_limit_bytes=2_000)
JSON = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem, after checking that it is one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["type"].startswith("urn:entente:problem:")
    assert told["title"]
    assert told["detail"]
    assert told["mend"]
    assert told["correlation_id"] == answer.headers["x-correlation-id"]
    return told


async def post(body: bytes | AsyncIterator[bytes], path: str = "/things", **headers: str) -> httpx.Response:
    async with SAMPLE.client() as client:
        return await client.post(path, content=body, headers={**JSON, **headers})


@pytest.mark.parametrize(
    ("change", "pointer", "word"),
    [
        ({"title": ""}, "/title", "at least 1"),
        ({"title": "x" * 41}, "/title", "at most 40"),
        ({"colour": "green"}, "/colour", "red"),
        ({"due": "2030-01-31T09:00:00"}, "/due", "offset"),
        ({"due": "soon"}, "/due", "2030-01-31"),
        ({"count": -1}, "/count", "at least 0"),
        ({"count": "many"}, "/count", "whole number"),
        ({"count": None}, "/count", "whole number"),
        ({"parts": [{"kind": "round", "radius": 1}, {"kind": "round"}]}, "/parts/1/radius", "Add it"),
        ({"parts": [{"kind": "oval"}]}, "/parts/0", "round"),
        ({"parts": {}}, "/parts", "list"),
        ({"a/b~c": 1}, "/a~1b~0c", "Leave it out"),
    ],
)
async def test_a_broken_rule_is_a_422_that_points_at_it(change: dict[str, Any], pointer: str, word: str) -> None:
    told = problem(await post(json.dumps({**GOOD, **change}).encode()), 422)
    (fault,) = told["faults"]
    assert fault["pointer"] == pointer
    assert fault["detail"]
    assert word in fault["mend"]
    assert told["mend"] == fault["mend"]


async def test_several_faults_are_told_together() -> None:
    told = problem(await post(b'{"title": "", "count": -1}'), 422)
    assert {fault["pointer"] for fault in told["faults"]} == {"/title", "/count", "/colour", "/due"}


async def test_no_body_and_a_body_of_another_shape_are_422() -> None:
    nothing = {"pointer": "", "detail": "there is no body, and this path reads one", "mend": "Send a JSON object."}
    assert problem(await post(b""), 422)["faults"] == [nothing]
    other = {"pointer": "", "detail": "this is not an object", "mend": "Give an object."}
    for body in (b"[]", b"3", b"null", b'"text"', b"true"):
        assert problem(await post(body), 422)["faults"] == [other]


async def test_a_field_there_is_not_is_told_in_our_words() -> None:
    (fault,) = problem(await post(json.dumps({**GOOD, "clour": "red"}).encode()), 422)["faults"]
    assert fault["detail"] == "there is no such field"


@pytest.mark.parametrize(
    ("header", "value", "mend"),
    [
        ("If-Match", "1", 'Send the ETag with its quotes, such as "1".'),
        ("Idempotency-Key", "x" * 201, "Send 1 to 200 printable ASCII characters."),
    ],
)
async def test_a_header_of_another_form_is_mended_in_words(header: str, value: str, mend: str) -> None:
    told = problem(await post(json.dumps(GOOD).encode(), **{header: value}), 422)
    assert told["mend"] == mend
    assert told["faults"][0]["pointer"] == f"header:{header}"
    assert "pattern" not in told["detail"]


def test_a_text_too_long_ends_at_a_whole_word_and_says_so() -> None:
    assert shortened("one two", 7) == "one two"
    assert shortened("one two three", 9) == "one two …"


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b'{"a": 1}}', b'"a\x01b"', b"nul", b'{"title": "a', b'{"a": tru}'])
async def test_what_is_not_json_is_a_400(body: bytes) -> None:
    problem(await post(body), 400)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"title": "one", "title": "another"}', "'title'"),
        (b'{"title": "one", "extra": {"deep": [{"a": 1, "b": 2, "a": 1}]}}', "'a'"),
        (rb'{"title": "one", "t\u0069tle": "another"}', "'title'"),
        (rb'{"\ud800": 1, "\ud800": 2}', r"'\ud800'"),
    ],
)
async def test_a_name_that_stands_twice_is_a_400_that_tells_which(body: bytes, name: str) -> None:
    """The parser keeps the last: what the caller wrote first would be lost, and nobody told."""
    told = problem(await post(body), 400)
    assert name in told["detail"]
    assert told["mend"] == "Name each field once."


async def test_a_name_may_stand_in_several_objects() -> None:
    assert (await post(json.dumps({**GOOD, "extra": {"title": [{"title": 1}, {"title": 1}]}}).encode())).is_success


@pytest.mark.parametrize(
    "body",
    [b'{"title": "\xff"}', b"\x80", '{"title": "a"}'.encode("utf-16"), '{"title": "a"}'.encode("utf-16-le"),
     b"[" * 1000 + b"]" * 1000, b'{"extra": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}", b"[" * 1900,
     b'{"count": ' + b"9" * 1900 + b"}"],
)  # fmt: skip
async def test_unreadable_text_is_a_400_or_422(body: bytes) -> None:
    answer = await post(body)
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


async def test_nesting_is_bounded_before_anything_walks_it() -> None:
    deep: Any = 1
    for _ in range(70):
        deep = {"a": deep}
    assert "64 levels" in problem(await post(json.dumps({**GOOD, "extra": deep}).encode()), 400)["detail"]
    wide: dict[str, Any] = {str(n): {} for n in range(100)}
    assert (await post(json.dumps({**GOOD, "extra": wide}).encode())).status_code == 201


@pytest.mark.parametrize(
    ("text", "word"),
    [(r"\ud800", "surrogate"), (r"\uDC00x", "surrogate"), (r"\udc00\ud800", "surrogate"), (r"a\u0000b", "NUL")],
)
async def test_text_no_store_can_carry_is_a_422_that_points_at_it(text: str, word: str) -> None:
    body = json.dumps({**GOOD, "extra": {"deep": ["here"]}}).replace("here", text)
    (fault,) = problem(await post(body.encode()), 422)["faults"]
    assert fault["pointer"] == "/extra/deep/0"
    assert word in fault["detail"]
    body = json.dumps({**GOOD, "extra": {"here": 1}}).replace("here", text)
    assert problem(await post(body.encode()), 422)["faults"][0]["pointer"] == "/extra"


async def test_whole_surrogate_pairs_and_escapes_are_taken() -> None:
    assert (await post(json.dumps({**GOOD, "title": "\U0001f600 ñ \\u0000"}).encode())).status_code == 201


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9223372036854775808", "-1" + "0" * 30])
async def test_numbers_beyond_64_bits_or_not_finite_are_a_422(number: str) -> None:
    body = json.dumps({**GOOD, "extra": {"n": "here"}}).replace('"here"', number)
    assert problem(await post(body.encode()), 422)["faults"][0]["pointer"] == "/extra/n"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/json-seq", "json"]
)
async def test_another_content_type_is_a_415(kind: str) -> None:
    problem(await post(json.dumps(GOOD).encode(), **{"Content-Type": kind}), 415)


async def test_no_content_type_is_a_415_and_a_json_dialect_is_taken() -> None:
    async with SAMPLE.client() as client:
        problem(await client.post("/things", content=json.dumps(GOOD).encode()), 415)
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json"):
        assert (await post(json.dumps(GOOD).encode(), **{"Content-Type": kind})).status_code == 201


async def chunks(size: int, pulled: list[int]) -> AsyncIterator[bytes]:
    yield b'{"extra": "'
    for _ in range(size // 100):
        pulled.append(1)
        yield b"x" * 100
    yield b'"}'


async def test_a_body_over_the_limit_is_a_413_with_and_without_a_length() -> None:
    large = json.dumps({**GOOD, "extra": {"x": "x" * 2000}}).encode()
    assert "2000 bytes" in problem(await post(large), 413)["detail"]
    pulled: list[int] = []
    problem(await post(chunks(1_000_000, pulled)), 413)
    assert len(pulled) <= 21, "reading must end at the limit"


async def test_a_route_may_have_its_own_limit() -> None:
    def body(size: int) -> bytes:
        return json.dumps({"x": "x" * size}).encode()

    assert (await post(body(2_500), "/odd/large")).status_code == 200
    problem(await post(body(3_500), "/odd/large"), 413)
    assert (await post(body(10), "/odd/small")).status_code == 200
    problem(await post(body(60), "/odd/small"), 413)


async def test_a_false_content_length_does_not_help() -> None:
    problem(await post(b"{}", **{"Content-Length": "99999999999999999999"}), 413)


async def test_unknown_paths_and_methods() -> None:
    async with SAMPLE.client() as client:
        problem(await client.get("/nothing"), 404)
        problem(await client.post("/nothing", content=b"x" * 5000), 404)
        problem(await client.get("/things/"), 404)
        problem(await client.get("/things/thg_none"), 404)
        answer = await client.patch("/things/thg_1")
        assert problem(answer, 405)["mend"] == "Use one of: GET, HEAD, PUT."
        assert answer.headers.get_list("allow") == ["GET, HEAD, PUT"]
        assert problem(await client.delete("/things"), 405)["mend"] == "Use one of: GET, HEAD, POST."
        for read_only in ("/openapi.json", "/docs/assets/favicon.png"):
            assert problem(await client.delete(read_only), 405)["mend"] == "Use one of: GET, HEAD."
        problem(await client.get("/things/" + "x" * 81), 422)


async def test_refusals_of_the_business_become_problems() -> None:
    async with SAMPLE.client() as client:
        told = problem(await client.get("/odd/refused"), 409)
        assert (told["detail"], told["mend"]) == ("already closed", "Open it first.")
        problem(await client.get("/odd/invalid"), 422)


async def test_a_store_that_is_away_is_a_503_with_retry_after() -> None:
    async with SAMPLE.client() as client:
        answer = await client.get("/odd/away")
        problem(answer, 503)
        assert answer.headers["retry-after"] == "2"


async def test_a_fault_of_ours_tells_nothing_of_the_inside() -> None:
    async with SAMPLE.client() as client:
        answer = await client.get("/odd/broken", headers={"X-Correlation-Id": "case-9"})
        told = problem(answer, 500)
        assert told["correlation_id"] == "case-9"
        for inside in ("s3cret", "RuntimeError", "Traceback", "sample.py"):
            assert inside not in answer.text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "after=", "after=x", "after=1~%00", "after=" + "1" * 200]
)
async def test_a_bad_page_is_a_422(query: str) -> None:
    async with SAMPLE.client() as client:
        told = problem(await client.get(f"/things?{query}"), 422)
        assert told["faults"][0]["pointer"] == f"query:{query.partition('=')[0]}"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=6), inner, max_size=4)
    ),
    max_leaves=15,
)
NEARLY = st.fixed_dictionaries(
    {"title": ANY_JSON | st.text(max_size=50), "colour": st.sampled_from(["red", "blue", "x"]) | ANY_JSON,
     "due": st.sampled_from(["2030-01-31T09:00:00Z", "2030-01-31", "9999999-01-01T00:00:00Z"]) | ANY_JSON,
     "count": st.integers() | ANY_JSON, "parts": st.lists(st.fixed_dictionaries({"kind": ANY_JSON})) | ANY_JSON,
     "extra": ANY_JSON},
)  # fmt: skip
BODIES = st.binary(max_size=300) | (ANY_JSON | NEARLY).map(lambda value: json.dumps(value).encode())
MOSTLY_JSON = st.sampled_from(["application/json", "application/json", "application/json", "text/plain", "", "a/b;c=é"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES, kind=MOSTLY_JSON, key=st.none() | st.text(st.characters(max_codepoint=255), max_size=20))
async def test_whatever_is_sent_the_answer_is_a_success_or_a_problem_below_500(
    body: bytes, kind: str, key: str | None
) -> None:
    headers = [(b"content-type", kind.encode("latin-1"))]
    if key is not None:
        headers.append((b"idempotency-key", key.encode("latin-1")))
    async with SAMPLE.client() as client:
        answer = await client.request("POST", "/things", content=body, headers=headers)
    if answer.status_code != 201:
        problem(answer, answer.status_code)
    assert answer.status_code in (201, 400, 409, 413, 415, 422)
