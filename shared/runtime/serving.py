"""The HTTP server of a process: uvicorn, with the socket taken first and the signals left to us."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Any

KEEP_ALIVE_SECONDS = 75
"""Longer than clients and reverse proxies keep an idle connection (httpx 5 s, nginx 60 s): whoever closes first must be
the side that sends next, or a request meets a connection that is just being closed."""
LARGEST_HEAD = 32 * 1024
"""Bytes of request line and headers; a token has at most 8 KB."""

STOPPING = "the service is stopping"
"""Message of the cancellation of an answer that is cut off."""

CUT_SECONDS = 0.5
"""Time for answers that were cut off to end."""


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes any free one. OSError where the address cannot be had.

    Answers leave at once: asyncio sets TCP_NODELAY only on sockets that were made with the protocol named, and without
    it an answer of two segments waits 40 ms for the caller's delayed acknowledgement (measured).
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.create_server(address[:2], family=family, backlog=2048)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listening.detach())


class Http:
    """One uvicorn server on a socket of ours. It answers from `run` on, until `stop`."""

    def __init__(self, app: Any, sock: socket.socket) -> None:
        import uvicorn

        from shared.runtime.http.protocol import Protocol

        class Server(uvicorn.Server):
            @contextlib.contextmanager
            def capture_signals(self) -> Generator[None, None, None]:
                yield

        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            h11_max_incomplete_event_size=LARGEST_HEAD,
        )
        self._config = config
        self._server = Server(config)
        self._sock = sock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        """Begin to answer; the task ends when the server has stopped."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._sock]), name="http")
        return self._task

    async def drain(self, seconds: float) -> None:
        """Go on answering, also on new connections, and close each connection behind its answer: whoever kept one,
        such as a reverse proxy, sends its next request elsewhere instead of into a connection that is being closed."""
        self._config.encoded_headers.append((b"connection", b"close"))  # what uvicorn renews its own from every second
        self._server.server_state.default_headers = [
            *self._server.server_state.default_headers,
            (b"connection", b"close"),
        ]
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)

    async def stop(self, within: float) -> bool:
        """Accept nothing new and finish the answers in hand; those not finished after `within` seconds are cut off.

        Whether the server has ended, at most 0.5 s later.
        """
        self._server.should_exit = True
        if self._task is None:
            return True
        await asyncio.wait({self._task}, timeout=within)
        if not self._task.done():
            self._server.force_exit = True
            for answer in self._server.server_state.tasks:
                answer.cancel(STOPPING)
            await asyncio.wait({self._task}, timeout=CUT_SECONDS)
        if not self._task.done():
            self._task.cancel()
        return self._task.done()
