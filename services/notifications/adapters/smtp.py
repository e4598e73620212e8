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
from services.notifications.application.ports import BrokenOff, Mail, MailServerAway, NotHandedOver, Text, Unacceptable
from shared.runtime.masking import mask_text

IDLE_SECONDS = 5.0
"""A connection unused for longer is closed: servers drop silent clients, and finding out costs a mail its attempt."""

TOO_LARGE, SIGN_IN_WANTED, CLOSING = 552, 530, 421
"""RFC 1870: the mail is larger than the server ever takes, as it may say to MAIL already. RFC 4954: we are to sign in,
as it may say to any command. RFC 5321: it closes the connection, also to any command."""

LOOK_SHARE = 0.25
"""Of the time for a hand-over, on top of it, to see whether a server that broke one off can be reached still: a quarter
leaves a mail's lease (1.5 times) time to note what came of it."""


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
            if client is None:
                raise MailServerAway(_said(error)) from error
            client.close()
            if _broke_off(error) and not await self._is_there():
                raise MailServerAway(_said(error)) from error
            raise _told(error) from error
        except BaseException:
            if client is not None:
                client.close()
            raise
        self._idle.append((time.monotonic(), client))

    async def _is_there(self) -> bool:
        """Whether the server takes a connection: else that a hand-over broke off was no fault of the mail's."""
        try:
            async with asyncio.timeout(LOOK_SHARE * self._server.timeout):
                self._idle.append((time.monotonic(), await self._opened()))
        except (SMTPException, OSError, TimeoutError):
            return False
        return True

    async def _connected(self) -> SMTP:
        now = time.monotonic()
        while self._idle:
            since, client = self._idle.pop()
            if client.is_connected and now - since < IDLE_SECONDS:
                return client
            client.close()
        return await self._opened()

    async def _opened(self) -> SMTP:
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


def _said(error: Exception) -> str:
    """An SMTP fault in words without addresses."""
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {mask_text(str(error.message))[:150]}"
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return f"the mail server cannot do what our settings ask for: {mask_text(error.message)[:150]}"
    return f"the mail server did not answer: {type(error).__name__}"


def _broke_off(error: Exception) -> bool:
    """Whether the server went silent, hung up or says that it closes, in the middle of a mail."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    return error.code == CLOSING if isinstance(error, SMTPResponseException) else isinstance(error, OSError)


def _told(error: Exception) -> MailServerAway | NotHandedOver | Unacceptable:
    """What an SMTP fault in the middle of a mail means for it."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, SMTPResponseException):
        if _is_about_us(error):
            return MailServerAway(_said(error))
        if error.code >= 500:
            return Unacceptable(_said(error))
    return BrokenOff(_said(error)) if _broke_off(error) else NotHandedOver(_said(error))


def _is_about_us(error: SMTPResponseException) -> bool:
    """Whether it is no verdict on this mail. An answer to anything but recipient and content (greeting, sign-in, our
    sender address) is about our set-up or the server's state, the same for every mail, and may be mended."""
    if isinstance(error, SMTPSenderRefused):
        return error.code != TOO_LARGE
    about_the_mail = isinstance(error, (SMTPRecipientRefused, SMTPDataError))
    return not about_the_mail or error.code == SIGN_IN_WANTED
