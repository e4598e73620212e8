"""A MongoDB that answers as a test plants it: between a driver and a store, on the wire, so that both drivers read the
replies themselves. Everything else is passed on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import bson
from pymongo.uri_parser import parse_uri

from deploy.embedded import store as stand_in

OP_MSG = 2013
HEADER = struct.Struct("<iiii")  # length, request, answers which, kind of message

Body = dict[str, Any]


class Planted:
    """`replies` are what commands are answered with, by name; of one whole write, `refused` has the code with which the
    documents of that id are refused while the others are written."""

    def __init__(self) -> None:
        self.uri = ""
        self.replies: dict[str, Mapping[str, Any]] = {}
        self.refused: dict[str, int] = {}
        self.asked: list[str] = []
        self._errors: dict[int, list[Body]] = {}

    def answer(self, body: Body) -> Mapping[str, Any] | None:
        """The planted reply to a command, if there is one."""
        return self.replies.get(next(iter(body)))

    def without_refused(self, request: int, body: Body) -> Body:
        """The command without the documents that are refused, whose errors the reply to `request` will have."""
        name = next(iter(body))
        field = {"update": "updates", "insert": "documents"}.get(name)
        if field is None or not self.refused:
            return body
        ids = [part["q"]["_id"] if name == "update" else part["_id"] for part in body[field]]
        wrong = [
            {"index": n, "code": self.refused[i], "errmsg": "planted"} for n, i in enumerate(ids) if i in self.refused
        ]
        if wrong:
            self._errors[request] = wrong
            body = {**body, field: [part for part, i in zip(body[field], ids, strict=True) if i not in self.refused]}
        return body

    def amended(self, request: int, reply: Body) -> Body:
        """The reply with the errors of what was kept from the server."""
        wrong = self._errors.pop(request, None)
        return reply if wrong is None else {**reply, "writeErrors": wrong}


@contextmanager
def planted(uri: str) -> Iterator[Planted]:
    """A place to plant replies in before the store at `uri`; its own address is `uri` of what it yields.

    It has a thread to itself: Motor's `close` blocks the loop it is called in until the server has answered."""
    plants, loop = Planted(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_serve(plants, *parse_uri(uri)["nodelist"][0]), loop).result()
    try:
        yield plants
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(plants: Planted, host: str, port: int) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            store_reader, store_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(
                _asking(plants, reader, store_writer, writer), _answering(plants, store_reader, writer)
            )

    server = await asyncio.start_server(connected, stand_in.HOST, 0)
    plants.uri = stand_in.uri(server.sockets[0].getsockname()[1])
    return server


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _asking(
    plants: Planted, reader: asyncio.StreamReader, store: asyncio.StreamWriter, back: asyncio.StreamWriter
) -> None:
    numbers = itertools.count(1_000_000)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            request, _, kind, rest = await _message(reader)
            if kind == OP_MSG:
                flags, body = _opened(rest)
                plants.asked.append(next(iter(body)))
                if (reply := plants.answer(body)) is not None:
                    back.write(_closed(next(numbers), request, 0, reply))
                    continue
                if (fewer := plants.without_refused(request, body)) is not body:
                    store.write(_closed(request, 0, flags, fewer))
                    continue
            store.write(HEADER.pack(HEADER.size + len(rest), request, 0, kind) + rest)
    store.close()


async def _answering(plants: Planted, store: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            number, request, kind, rest = await _message(store)
            if kind == OP_MSG:
                flags, body = _opened(rest)
                if (amended := plants.amended(request, body)) is not body:
                    back.write(_closed(number, request, flags, amended))
                    continue
            back.write(HEADER.pack(HEADER.size + len(rest), number, request, kind) + rest)
    back.close()


async def _message(reader: asyncio.StreamReader) -> tuple[int, int, int, bytes]:
    length, number, answers, kind = HEADER.unpack(await reader.readexactly(HEADER.size))
    return number, answers, kind, await reader.readexactly(length - HEADER.size)


def _opened(rest: bytes) -> tuple[int, Body]:
    """Flags and command of an OP_MSG, with the documents that came in sections of their own."""
    flags, place, body = struct.unpack_from("<I", rest)[0], 4, dict[str, Any]()
    while place < len(rest):
        kind, size = rest[place], struct.unpack_from("<i", rest, place + 1)[0]
        section = rest[place + 1 : place + 1 + size]
        if kind == 0:
            body = {**bson.decode(section), **body}
        else:
            name, _, documents = section[4:].partition(b"\0")
            body[name.decode()] = bson.decode_all(documents)
        place += 1 + size
    return flags, body


def _closed(number: int, answers: int, flags: int, body: Mapping[str, Any]) -> bytes:
    rest = struct.pack("<IB", flags, 0) + bson.encode(body)
    return HEADER.pack(HEADER.size + len(rest), number, answers, OP_MSG) + rest
