"""Mail by SMTP with aiosmtplib. Connections are kept for a moment and used again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from services.notifications.adapters.composing import composed
from services.notifications.application.ports import Mail, NotHandedOver, Text, Unacceptable
from shared.runtime.masking import mask_text

IDLE_SECONDS = 5.0
"""A connection unused for longer is closed: servers drop silent clients, and finding out costs a mail its attempt."""

TOO_LARGE, SIGN_IN_WANTED = 552, 530
"""RFC 1870: the mail is larger than the server ever takes, as it may say to MAIL already. RFC 4954: we are to sign in,
as it may say to any command."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over. `timeout` in seconds, for a hand-over in all."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    timeout: float = 10.0

    @property
    def start_tls(self) -> bool | None:
        """Whether STARTTLS is asked for; None: where offered. With a user always: whoever hides the offer on the way
        must not be shown the password."""
        if self.tls:
            return False
        return None if self.user is None else True


class SmtpMailer:
    """Hands mails over. `sender` is the From address; Message-ID is `<delivery id@domain>`; `html` gives the page that
    goes along with the text."""

    def __init__(self, server: Server, *, sender: str, domain: str, html: Callable[[Text], str]) -> None:
        self._server = server
        self._sender = sender
        self._domain = domain
        self._html = html
        self._idle: list[tuple[float, SMTP]] = []

    async def send(self, mail: Mail) -> None:
        try:
            message = composed(mail, sender=self._sender, domain=self._domain, html=self._html(mail.text))
        except ValueError as error:
            raise Unacceptable(f"the address or a header is not valid: {mask_text(str(error))[:150]}") from error
        client = None
        try:
            async with asyncio.timeout(self._server.timeout):
                client = await self._connected()
                await client.sendmail(parseaddr(self._sender)[1], mail.to_address, message)
        except (SMTPException, OSError, TimeoutError) as error:
            if client is not None:
                client.close()
            raise _told(error) from error
        except BaseException:
            if client is not None:
                client.close()
            raise
        self._idle.append((time.monotonic(), client))

    async def _connected(self) -> SMTP:
        now = time.monotonic()
        while self._idle:
            since, client = self._idle.pop()
            if client.is_connected and now - since < IDLE_SECONDS:
                return client
            client.close()
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.start_tls,
            timeout=server.timeout,
        )
        await client.connect()
        return client

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        while self._idle:
            _, client = self._idle.pop()
            try:
                async with asyncio.timeout(1):
                    await client.quit()
            except (SMTPException, OSError, TimeoutError):
                client.close()


def _told(error: Exception) -> NotHandedOver | Unacceptable:
    """What an SMTP fault means for the mail, in words without addresses."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, SMTPResponseException):
        said = f"{error.code} {mask_text(str(error.message))[:150]}"
        if _is_verdict(error):
            return Unacceptable(said)
        return NotHandedOver(said)
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return NotHandedOver(f"the mail server cannot do what our settings ask for: {mask_text(error.message)[:150]}")
    return NotHandedOver(f"the mail server did not answer: {type(error).__name__}")


def _is_verdict(error: SMTPResponseException) -> bool:
    """Whether this is for good and about this mail. A 5xx to anything else (greeting, sign-in, our sender address) is
    about our set-up, the same for every mail, and may be mended."""
    if isinstance(error, SMTPSenderRefused):
        return error.code == TOO_LARGE
    about_the_mail = isinstance(error, (SMTPRecipientRefused, SMTPDataError))
    return about_the_mail and error.code >= 500 and error.code != SIGN_IN_WANTED
