"""The mailer's twin in memory: keeps what it is given, and can be down or refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from services.notifications.application.ports import BrokenOff, Mail, MailServerAway, NotHandedOver, Unacceptable


class MemoryMailer:
    """`down` makes every mail fail as an unreachable server would; addresses in `busy` are put off, as by greylisting,
    those in `refused` are refused for good; with those in `broken` the connection breaks."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.attempts = 0
        self.down = False
        self.busy: set[str] = set()
        self.refused: set[str] = set()
        self.broken: set[str] = set()

    async def send(self, mail: Mail) -> None:
        self.attempts += 1
        if self.down:
            raise MailServerAway("the mail server did not answer: switched off")
        if mail.to_address in self.busy:
            raise NotHandedOver("451 try again later")
        if mail.to_address in self.broken:
            raise BrokenOff("the mail server did not answer: hung up")
        if mail.to_address in self.refused:
            raise Unacceptable("550 no such mailbox")
        self.mails.append(mail)


class HeldSend:
    """A hand-over that waits until `go` is set."""

    def __init__(self, send: Callable[[Mail], Awaitable[None]]) -> None:
        self._send = send
        self.go = asyncio.Event()
        self.waiting = 0

    async def __call__(self, mail: Mail, **_: Any) -> None:
        self.waiting += 1
        await self.go.wait()
        await self._send(mail)
