"""What is no HTTP at all: refused over the socket in the form of every other refusal, and the connection closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.runtime.http.problems import ProblemBody
from shared.runtime.serving import LARGEST_HEAD, Http, listen
from tests.component.runtime.sample import Sample
from tests.support.logs import logged

CHUNKED = b"/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
UNREADABLE = {
    "not ASCII in the path": "GET /things/é HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "a bad chunk": b"POST " + CHUNKED,
    "a bad chunk behind HEAD": b"HEAD " + CHUNKED,
    "two lengths": b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{",
    "too long a head": b"GET /things HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * (LARGEST_HEAD + 1),
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.fixture
async def port() -> AsyncIterator[int]:
    sock = listen("127.0.0.1", 0)
    server = Http(Sample().app, sock)
    server.start()
    yield sock.getsockname()[1]
    await server.stop(1)


async def answered(port: int, sent: bytes) -> bytes:
    """All that is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_a_problem_and_ends_the_connection(port: int, sent: bytes) -> None:
    with logged() as out:
        answer = await answered(port, sent)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/health/live")).status_code == 200
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.decode("ascii").lower().split("\r\n")
    assert status == "http/1.1 400 bad request"
    assert {"content-type: application/problem+json", f"content-length: {len(body)}", "connection: close"} <= {*headers}
    problem = ProblemBody.model_validate_json(body)
    assert (problem.type, problem.status) == ("urn:entente:problem:malformed", 400)
    assert problem.detail
    assert problem.mend
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line for line in lines if "exception" in line] == []


async def test_what_comes_behind_an_answer_does_not_spoil_it(port: int) -> None:
    answer = await answered(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n\x00\r\n\r\n")
    first, _, rest = answer.partition(b"}HTTP/1.1 ")
    assert first.startswith(b"HTTP/1.1 200 ")
    assert rest.startswith(b"400 ")
