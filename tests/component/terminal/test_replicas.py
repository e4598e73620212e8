"""Where a service's name leads to several addresses, each replica is asked by itself."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deploy.services import SERVICES
from deploy.terminal.commands.status import Standing, unasked
from deploy.terminal.looks.consumers import Consumed
from deploy.terminal.looks.replicas import Replica, replicas_of
from deploy.terminal.looks.services import Readiness, look_at_services, readiness
from deploy.terminal.settings import TerminalSettings

RED = "consumer matching.roster"
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


class Answers(BaseHTTPRequestHandler):
    """The second replica has a consumer that stopped; each wants to be called by the service's name."""

    def do_GET(self) -> None:
        ok = self.connection.getsockname()[0] != ADDRESSES[1]
        named = self.headers["Host"].startswith("service.test:")
        body = json.dumps({"checks": [{"name": RED, "ok": ok and named, "reason": "stopped"}]}).encode()
        self.send_response(200 if ok else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Silent."""


@pytest.fixture
def port() -> Iterator[int]:
    """Of the first and the second address; nobody listens at the third."""
    servers = [ThreadingHTTPServer((ADDRESSES[0], 0), Answers)]
    servers.append(ThreadingHTTPServer((ADDRESSES[1], servers[0].server_port), Answers))
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for thread in threads:
        thread.start()
    yield servers[0].server_port
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def resolving(monkeypatch: pytest.MonkeyPatch, *found: tuple[socket.AddressFamily, str]) -> None:
    def resolved(*_: Any, **__: Any) -> list[Any]:
        return [(family, socket.SOCK_STREAM, 6, "", (address, 0)) for family, address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


async def test_a_name_with_one_address_is_asked_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://service.test:8000"
    resolving(monkeypatch, (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    assert await replicas_of(url) == [Replica(url)]
    resolving(monkeypatch, (socket.AF_INET6, "::2"), (socket.AF_INET6, "::1"))
    assert await replicas_of(url) == [Replica(url, "::1"), Replica(url, "::2")]


async def test_a_name_that_nobody_knows_is_left_to_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert await replicas_of("http://service.test") == [Replica("http://service.test")]


async def test_each_replica_speaks_for_itself(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://service.test:{port}"

    async def three(_: str) -> list[Replica]:
        return [Replica(url, address) for address in ADDRESSES]

    monkeypatch.setattr("deploy.terminal.looks.services.replicas_of", three)
    settings = TerminalSettings(
        kafka=["k:9092"], mongodb="mongodb://db", services=dict.fromkeys(SERVICES, url), token="sample"
    )
    found = [one for one in await readiness(settings) if one.service == "matching"]
    assert [one.red for one in found] == [(), (f"{RED}: stopped",), None]
    assert [one.who for one in found] == [f"matching at {address}" for address in ADDRESSES]
    told = [finding.what for finding in (await look_at_services(settings))[0] if finding.area == "matching"]
    assert told == [
        "at 127.0.0.1 answers and is ready",
        f"at 127.0.0.2 is not ready: {RED}: stopped",
        f"at 127.0.0.3 does not answer at {url}: ConnectError",
    ]


def test_status_says_of_how_many_replicas_it_does_not_know() -> None:
    asked = [Readiness("matching", ()), Readiness("registration", (), address="a"), Readiness("registration", ())]
    consumers = [
        Consumed("matching.roster", "registration.experts", {}, 3, "Stable"),
        Consumed("registration.actions", "registration.requests", {}, 2, "Stable"),
    ]
    told = unasked(Standing(datetime.now(UTC), services=asked, consumers=consumers))
    assert told == ["1 of 3 replicas of matching asked: its address tells no more of them apart"]
