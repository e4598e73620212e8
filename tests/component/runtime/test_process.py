"""A service process: HTTP at once, parts behind it, an end in time on SIGTERM whatever the parts do."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from shared.runtime import process
from shared.runtime.process import Service, serve
from shared.runtime.serving import listen
from tests.component.runtime.sample import Sample, settings
from tests.support.eventually import eventually

SOON = 8.0
"""Seconds: the two that a tiny service may take, and an interpreter's end on a busy machine. What hangs never ends."""


class Tiny:
    """A running tiny service and what it has logged."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.process = child
        self.lines: list[dict[str, Any]] = []
        self.noise = ""
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._read_noise())]

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))

    async def _read_noise(self) -> None:
        assert self.process.stderr is not None
        self.noise = (await self.process.stderr.read()).decode()

    def said(self, message: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["message"] == message]

    async def url(self) -> str:
        (line,) = await eventually(lambda: self.said("listening"), within=20, what="the service listens")
        return f"http://127.0.0.1:{line['port']}"

    async def stopped(self, number: int = signal.SIGTERM, *, within: float = 10.0) -> tuple[int, float]:
        """Send the signal; exit code and seconds until the end."""
        began = time.monotonic()
        self.process.send_signal(number)
        async with asyncio.timeout(within):
            code = await self.process.wait()
        seconds = time.monotonic() - began
        await asyncio.gather(*self._readers)
        return code, seconds


@asynccontextmanager
async def tiny(temper: str, stop_seconds: float = 2.0, drain_seconds: float = 0.0) -> AsyncIterator[Tiny]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.component.runtime.tiny_service", temper, str(stop_seconds), str(drain_seconds),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        yield Tiny(child)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def is_ready(client: httpx.AsyncClient) -> bool:
    return (await ready(client)).status_code == 200


async def ready(client: httpx.AsyncClient) -> httpx.Response:
    return await client.get("/health/ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_parts_in_reverse_order_and_ends_with_zero(number: int) -> None:
    async with tiny("calm") as service, httpx.AsyncClient(base_url=await service.url()) as client:
        await eventually(lambda: is_ready(client), what="all parts are up")
        code, seconds = await service.stopped(number)
        assert code == 0
        assert seconds < SOON
        assert [line["which"] for line in service.said("stopping")] == ["third", "second", "first"]
        assert service.noise == ""


async def test_http_answers_while_a_part_is_starting_and_a_stop_is_in_time_then_too() -> None:
    async with tiny("hangs-starting") as service, httpx.AsyncClient(base_url=await service.url()) as client:
        got, asked = await client.get("/health/live"), await client.head("/health/live")
        assert asked.status_code == got.status_code == 200
        assert asked.headers["content-length"] == got.headers["content-length"], "what a load balancer asks"
        answer = await ready(client)
        assert answer.status_code == 503
        assert "second is starting" in answer.json()["detail"]
        code, seconds = await service.stopped()
        assert (code, service.noise) == (0, "")
        assert seconds < SOON


@pytest.mark.parametrize("temper", ["hangs-stopping", "deaf-starting"])
async def test_a_part_that_does_not_heed_a_stop_is_left_behind_in_time(temper: str) -> None:
    async with tiny(temper) as service:
        await service.url()
        code, seconds = await service.stopped()
        assert code == 0
        assert seconds < SOON
        assert {"first", "third"} <= {line["which"] for line in service.said("stopping")}
        if temper == "deaf-starting":
            assert service.said("stopped")[0]["unfinished"] == ["second"]


async def test_a_stop_with_the_default_time_takes_under_ten_seconds() -> None:
    async with tiny("hangs-stopping", 9.0) as service:
        await service.url()
        code, seconds = await service.stopped(within=10.0)
        assert code == 0
        assert seconds < 10.0


async def test_a_blocked_event_loop_cannot_keep_the_process() -> None:
    async with tiny("blocks-loop", 1.0) as service:
        url = await service.url()

        async def blocked() -> bool:
            try:
                async with httpx.AsyncClient(timeout=0.2) as client:
                    await client.get(f"{url}/health/live")
            except httpx.TimeoutException:
                return True
            return False

        await eventually(blocked, what="the loop is blocked")
        code, seconds = await service.stopped()
        assert code == 1
        assert seconds < SOON


async def test_answers_in_hand_are_finished_and_new_ones_refused() -> None:
    async with tiny("calm", 9.5) as service:
        url = await service.url()
        async with httpx.AsyncClient(base_url=url) as client:
            answering = asyncio.create_task(client.get("/slow", params={"seconds": 1.5}))
            await eventually(lambda: service.said("in hand"), what="the request is in hand")
            stopping = asyncio.create_task(service.stopped())

            async def refused() -> bool:
                try:
                    async with httpx.AsyncClient() as other:
                        await other.get(f"{url}/health/live")
                except httpx.ConnectError:
                    return True
                except httpx.TransportError:
                    return False  # it was taken from the queue before the door was shut
                return False

            await eventually(refused, within=1.4, what="new connections are refused")
            assert (await answering).json() == {"answer": "complete"}
            assert (await stopping)[0] == 0


async def test_while_it_drains_it_is_not_ready_and_answers_everybody_once_more() -> None:
    async with tiny("calm", 9.5, 1.9) as service, httpx.AsyncClient(base_url=await service.url()) as client:
        await eventually(lambda: is_ready(client), what="all parts are up")
        assert "connection" not in (await client.get("/health/live")).headers
        stopping = asyncio.create_task(service.stopped())

        async def red() -> httpx.Response | None:
            answer = await ready(client)
            return answer if answer.status_code == 503 and "connection" in answer.headers else None

        answer = await eventually(
            red, within=1.8, what="readiness is red while it drains, on a connection to be closed"
        )
        assert answer is not None
        assert "parts is red" in answer.json()["detail"]
        assert "the service is stopping" in answer.json()["detail"]
        assert answer.headers["connection"] == "close"
        assert (await client.get("/slow", params={"seconds": 0})).json() == {"answer": "complete"}
        assert service.said("stopping") == []
        code, seconds = await stopping
        assert (code, service.noise) == (0, "")
        assert seconds < 10


async def test_an_answer_that_takes_too_long_is_cut_off() -> None:
    async with tiny("calm", 2.5) as service, httpx.AsyncClient(base_url=await service.url(), timeout=30) as client:
        answering = asyncio.create_task(client.get("/slow", params={"seconds": 60}))
        await eventually(lambda: service.said("in hand"), what="the request is in hand")
        code, seconds = await service.stopped()
        assert code == 0
        assert seconds < SOON
        assert service.said("stopped")[0]["unfinished"] == []
        answer = await answering
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["detail"] == "the service is stopping"
        assert service.noise == ""


async def test_a_second_signal_ends_at_once() -> None:
    async with tiny("hangs-stopping", 9.0) as service:
        await service.url()
        service.process.send_signal(signal.SIGTERM)
        await eventually(lambda: service.said("stopping"), what="the stop has begun")
        code, seconds = await service.stopped(signal.SIGINT)
        assert code == 128 + signal.SIGINT
        assert seconds < SOON


async def test_a_failed_start_is_told_and_tried_again() -> None:
    async with tiny("fails-twice") as service, httpx.AsyncClient(base_url=await service.url()) as client:
        await eventually(lambda: is_ready(client), within=5, what="the part came up at the third try")
        assert [line["again_in"] for line in service.said("part could not start")] == [0.25, 0.5]
        assert all(line["service"] == "tiny" for line in service.said("part could not start"))
        assert (await service.stopped())[0] == 0


async def test_a_part_that_says_it_cannot_run_ends_the_process_with_the_command_that_mends_it() -> None:
    async with tiny("cannot-run") as service:
        async with asyncio.timeout(20):
            assert await service.process.wait() == 2
        await asyncio.gather(*service._readers)
        wanted = "Cannot run: 1 of 5 topics is not as wanted\n  things is missing: entente topics apply\n"
        assert service.noise == wanted
        assert {line["which"] for line in service.said("stopping")} == {"third", "second", "first"}


async def test_a_part_that_fails_to_stop_keeps_nobody() -> None:
    async with tiny("fails-stopping") as service:
        await service.url()
        assert (await service.stopped())[0] == 0
        assert [line["which"] for line in service.said("stopping")] == ["third", "second", "first"]


async def test_a_taken_port_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "configure", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sample = Sample()
        told = settings(http_port=taken.getsockname()[1])
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(process.run, Service("sample", sample.app, told))
        assert ended.value.code == 1


async def test_services_share_one_loop_and_end_by_their_own_events() -> None:
    """How the embedded stack runs them."""
    stops = [asyncio.Event(), asyncio.Event()]
    socks = [listen("127.0.0.1", 0) for _ in stops]
    urls = [f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in socks]
    running = [
        asyncio.create_task(serve(Service("sample", Sample().app, settings()), stop, sock=sock))
        for stop, sock in zip(stops, socks, strict=True)
    ]
    async with httpx.AsyncClient() as client:
        for url in urls:
            assert (await client.get(f"{url}/health/live")).status_code == 200
        stops[0].set()
        assert await running[0] == []
        assert (await client.get(f"{urls[1]}/health/live")).headers.get("server") is None
        stops[1].set()
        assert await running[1] == []
