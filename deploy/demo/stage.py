"""Where the story plays: what it needs of a running system, and a system that is named in a file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from deploy.demo.interfaces import Interfaces, Unexpected
from deploy.demo.mailpit import Mailpit
from deploy.demo.office import OFFICER
from deploy.services import SERVICES


class Stage(Protocol):
    """A running system. `urls` and `databases` are by service; mails lie in `mail_directory` as .eml files."""

    urls: dict[str, str]
    issuer: str
    kafka: str
    mongodb: str
    databases: dict[str, str]
    mail_directory: Path


@dataclass
class Given:
    """A system somebody else has started, told in a file like build/dev.json.

    Its `mailpit`, where it has one, is asked for mails as long as the block is open, and they are kept in
    `mail_directory`; else `mailbox` is that directory.
    """

    urls: dict[str, str]
    issuer: str
    kafka: str
    mongodb: str
    databases: dict[str, str]
    mail_directory: Path
    mailpit: str | None = None

    @classmethod
    def read(cls, file: Path, copies: Path) -> Given:
        """From `file`; mails of a mailpit are copied to `copies`. Unexpected where it is no such file."""
        try:
            said = json.loads(file.read_text())
            mailpit = said.get("mailpit")
            return cls(
                urls={name: said["services"][name]["url"] for name in SERVICES},
                issuer=said["identity"]["url"],
                kafka=said["kafka"],
                mongodb=said["mongodb"],
                databases={name: said["databases"][name] for name in SERVICES},
                mail_directory=copies if mailpit else Path(said["mailbox"]),
                mailpit=mailpit,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unexpected(f"{file} does not say where a system is: {type(error).__name__} {error}") from None

    async def __aenter__(self) -> Self:
        if self.mailpit is not None:
            shutil.rmtree(self.mail_directory, ignore_errors=True)
            self.mail_directory.mkdir(parents=True)
            self._copying = asyncio.create_task(Mailpit(self.mailpit, self.mail_directory).follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.mailpit is not None:
            self._copying.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._copying

    async def must_be_empty(self) -> None:
        """Unexpected where somebody has asked for help there before: the story is told once on a system."""
        api = Interfaces(self.urls, self.issuer)
        try:
            if await api.all_of(OFFICER, "registration", "/requests"):
                raise Unexpected("the story needs an empty system, and this one has requests already")
        finally:
            await api.close()
