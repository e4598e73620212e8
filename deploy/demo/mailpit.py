"""Mails out of a mailpit (axllent/mailpit) as .eml files, so that whoever reads a mailbox reads this one too."""

from __future__ import annotations

import asyncio
import contextlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

PAGE = 200
LOOK_SECONDS = 0.2


class Mailpit:
    """Copies every mail of the mailpit at `url` into `directory`, each once, with the time of its arrival."""

    def __init__(self, url: str, directory: Path, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._directory = directory
        self._transport = transport
        self._copied: set[str] = set()

    async def follow(self) -> None:
        """Copy what arrives until cancelled; goes on where it does not answer for a while."""
        async with httpx.AsyncClient(timeout=10, transport=self._transport) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    await self.copy(client)
                await asyncio.sleep(LOOK_SECONDS)

    async def copy(self, client: httpx.AsyncClient) -> None:
        """Copy what is there now and was not copied before, the oldest first. Raises httpx.HTTPError."""
        new: dict[str, str] = {}
        start = 0
        while True:
            page = await self._page(client, start)
            unknown = [mail for mail in page if mail["ID"] not in self._copied]
            new |= {mail["ID"]: mail["Created"] for mail in unknown}
            if len(page) < PAGE or not unknown:  # the newest come first: behind a page that is known all is known
                break
            start += PAGE
        for id_, created in sorted(new.items(), key=lambda mail: (mail[1], mail[0])):
            answer = await client.get(f"{self._url}/api/v1/message/{id_}/raw")
            answer.raise_for_status()
            self._keep(id_, answer.content, datetime.fromisoformat(created))
            self._copied.add(id_)

    async def _page(self, client: httpx.AsyncClient, start: int) -> list[dict[str, Any]]:
        answer = await client.get(f"{self._url}/api/v1/messages", params={"start": start, "limit": PAGE})
        answer.raise_for_status()
        mails: list[dict[str, Any]] = answer.json()["messages"]
        return mails

    def _keep(self, id_: str, raw: bytes, created: datetime) -> None:
        """Whole or not at all: others read the directory meanwhile."""
        name = f"{created:%Y%m%dT%H%M%S.%f}-{id_}"
        part = self._directory / f".{name}.part"
        part.write_bytes(raw)
        os.utime(part, (created.timestamp(), created.timestamp()))
        part.rename(self._directory / f"{name}.eml")
