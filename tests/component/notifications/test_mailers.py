"""Both mailers keep the port's promises; the SMTP one against a server that speaks SMTP."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP

from services.notifications.adapters.smtp import Server, SmtpMailer
from services.notifications.adapters.wording import JinjaWording
from services.notifications.application.ports import (
    BrokenOff,
    Mail,
    Mailer,
    MailServerAway,
    NotHandedOver,
    Text,
    Unacceptable,
)
from tests.support.memory_mailer import MemoryMailer
from tests.support.notified_events import AT

MAIL = Mail(
    delivery_id="dlv_1",
    event_id="evt_1",
    type="offer",
    to_name="Zoë Échantillon, sample",
    to_address="exp_1@people.example",
    text=Text("2027-07 : une mission vous est proposée", "Bonjour,\n\n« Régimes » à <b>Djibouti</b>.\n", "fr"),
    at=AT,
)


class Catcher:
    """aiosmtpd's handler: keeps mails, or answers what it is told to."""

    def __init__(self) -> None:
        self.caught: list[EmailMessage] = []
        self.mail = self.rcpt = self.data = "250 OK"
        self.connections = 0
        self.disturb: Callable[[Any], Awaitable[None]] | None = None

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.mail.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.mail

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt.replace("ADDRESS", address)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.disturb is not None:
            await self.disturb(server)
        if self.data.startswith("2"):
            found = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(found, EmailMessage)
            self.caught.append(found)
        return self.data


class Bench(Protocol):
    """A mailer and the ways to spoil its day."""

    mailer: Mailer

    def taken(self) -> list[str]: ...

    async def go_down(self) -> None: ...

    def refuse(self) -> None: ...


class MemoryBench:
    def __init__(self) -> None:
        self.mailer = MemoryMailer()

    def taken(self) -> list[str]:
        return [mail.delivery_id for mail in self.mailer.mails]

    async def go_down(self) -> None:
        self.mailer.down = True

    def refuse(self) -> None:
        self.mailer.refused.add(MAIL.to_address)


class SmtpBench:
    def __init__(self, server: asyncio.Server, catcher: Catcher, mailer: SmtpMailer) -> None:
        self.server, self.catcher, self.mailer = server, catcher, mailer

    def taken(self) -> list[str]:
        return [str(found["Message-ID"]).strip("<>").partition("@")[0] for found in self.catcher.caught]

    async def go_down(self) -> None:
        self.server.close()
        await self.mailer.close()

    def refuse(self) -> None:
        self.catcher.rcpt = "550 5.1.1 no mailbox ADDRESS"


@asynccontextmanager
async def serving(
    *, user: str | None = None, password: str | None = None, patience: float = 5, **offered: Any
) -> AsyncIterator[SmtpBench]:
    """A server with these options of aiosmtpd's, and a mailer that signs in where it has a user."""
    catcher = Catcher()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(catcher, loop=loop, enable_SMTPUTF8=True, **offered), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    html = JinjaWording(ZoneInfo("Europe/Brussels")).html
    told = Server("127.0.0.1", port, user=user, password=password, timeout=patience)
    mailer = SmtpMailer(told, sender="Sample <no-reply@facility.example>", domain="d.example", html=html)
    yield SmtpBench(server, catcher, mailer)
    await mailer.close()
    server.close()


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpBench]:
    async with serving() as bench:
        yield bench


@pytest.fixture(params=["memory", "smtp"])
def bench(request: pytest.FixtureRequest, smtp: SmtpBench) -> Any:
    return smtp if request.param == "smtp" else MemoryBench()


async def test_a_mail_is_taken_over(bench: Bench) -> None:
    await bench.mailer.send(MAIL)
    assert bench.taken() == ["dlv_1"]


async def test_a_server_that_is_down_is_no_verdict_on_the_mail(bench: Bench) -> None:
    await bench.go_down()
    with pytest.raises(MailServerAway):
        await bench.mailer.send(MAIL)


async def test_a_refused_recipient_is_a_verdict_that_names_no_address(bench: Bench) -> None:
    bench.refuse()
    with pytest.raises(Unacceptable, match="550") as refusal:
        await bench.mailer.send(MAIL)
    assert "people.example" not in str(refusal.value)
    assert bench.taken() == []


async def test_many_mails_side_by_side(bench: Bench) -> None:
    mails = [Mail(f"dlv_{n}", "evt", "offer", "Sample", f"p{n}@people.example", MAIL.text, AT) for n in range(20)]
    await asyncio.gather(*(bench.mailer.send(mail) for mail in mails))
    assert sorted(bench.taken()) == sorted(mail.delivery_id for mail in mails)


@pytest.mark.parametrize("answer", ["451 busy", "452 too many", "421 closing"])
async def test_a_temporary_answer_is_no_verdict(smtp: SmtpBench, answer: str) -> None:
    smtp.catcher.rcpt = answer
    with pytest.raises(NotHandedOver, match=answer[:3]):
        await smtp.mailer.send(MAIL)
    smtp.catcher.rcpt = "250 OK"
    await smtp.mailer.send(MAIL)
    assert smtp.taken() == ["dlv_1"]


@pytest.mark.parametrize(("answer", "fault"), [("554 spam", Unacceptable), ("451 greylisted", NotHandedOver)])
async def test_the_answer_to_the_content_counts_too(smtp: SmtpBench, answer: str, fault: type[Exception]) -> None:
    smtp.catcher.data = answer
    with pytest.raises(fault):
        await smtp.mailer.send(MAIL)


@pytest.mark.parametrize(
    "answer", ["530 5.7.0 Authentication required", "550 5.7.1 sender not allowed", "451 4.7.1 too many mails"]
)
async def test_a_refused_sender_is_about_our_set_up_and_no_verdict_on_the_mail(smtp: SmtpBench, answer: str) -> None:
    smtp.catcher.mail = answer
    with pytest.raises(MailServerAway, match=answer[:9]):
        await smtp.mailer.send(MAIL)
    smtp.catcher.mail = "250 OK"
    await smtp.mailer.send(MAIL)
    assert smtp.taken() == ["dlv_1"]


async def test_a_mail_that_is_refused_for_its_size_is_refused_for_good(smtp: SmtpBench) -> None:
    smtp.catcher.mail = "552 5.3.4 message size exceeds fixed limit"
    with pytest.raises(Unacceptable, match="552"):
        await smtp.mailer.send(MAIL)


async def _answering(greeting: str | None) -> asyncio.Server:
    """A server that says this and hangs up; that says nothing at all, for None."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if greeting is not None:
            writer.write(f"{greeting}\r\n".encode())
            await writer.drain()
        else:
            await reader.read()
        writer.close()

    return await asyncio.start_server(greet, "127.0.0.1", 0)


@pytest.mark.parametrize("greeting", ["421 4.3.2 not now", "451 4.7.1 greylisted", "554 5.7.1 not from you", None])
async def test_whatever_comes_instead_of_a_greeting_is_about_the_server(greeting: str | None) -> None:
    async with await _answering(greeting) as server:
        host, port = server.sockets[0].getsockname()
        mailer = SmtpMailer(Server(host, port, timeout=0.4), sender="us@d.example", domain="d.example", html=str)
        with pytest.raises(MailServerAway):
            await mailer.send(MAIL)


async def test_a_name_that_nobody_knows_is_about_the_server() -> None:
    mailer = SmtpMailer(Server("mail.invalid", 25, timeout=5), sender="us@d.example", domain="d.example", html=str)
    with pytest.raises(MailServerAway):
        await mailer.send(MAIL)


async def test_a_server_that_goes_away_in_the_middle_of_a_mail_is_away(smtp: SmtpBench) -> None:
    async def dies(server: Any) -> None:
        smtp.server.close()
        server.transport.abort()

    smtp.catcher.disturb = dies
    with pytest.raises(MailServerAway):
        await smtp.mailer.send(MAIL)


@pytest.mark.parametrize("how", ["hangs up", "says nothing", "closes"])
async def test_a_mail_that_a_living_server_breaks_off_is_that_mails_trouble(how: str) -> None:
    over = asyncio.Event()
    async with serving(patience=0.5) as smtp:

        async def breaks_off(server: Any) -> None:
            if how == "hangs up":
                server.transport.abort()
            if how == "says nothing":
                await over.wait()

        smtp.catcher.disturb, smtp.catcher.data = breaks_off, "421 4.3.0 closing"
        with pytest.raises(BrokenOff):
            await smtp.mailer.send(MAIL)
        over.set()
        smtp.catcher.disturb, smtp.catcher.data = None, "250 OK"
        await smtp.mailer.send(MAIL)
        assert smtp.taken() == ["dlv_1"]


@pytest.mark.parametrize("command", ["rcpt", "data"])
async def test_that_we_are_to_sign_in_is_no_verdict_whenever_it_is_said(smtp: SmtpBench, command: str) -> None:
    setattr(smtp.catcher, command, "530 5.7.0 Authentication required")
    with pytest.raises(MailServerAway, match="530"):
        await smtp.mailer.send(MAIL)


@pytest.mark.parametrize("address", ["", "no address", "a@b\r\nBcc: c@d.example", "@", "a@"])
async def test_an_address_that_is_none_is_refused_for_good(smtp: SmtpBench, address: str) -> None:
    with pytest.raises(Unacceptable):
        await smtp.mailer.send(Mail("dlv_1", "evt", "offer", "Sample", address, MAIL.text, AT))
    assert smtp.taken() == []


async def test_a_connection_is_used_again(smtp: SmtpBench) -> None:
    for _ in range(3):
        await smtp.mailer.send(MAIL)
    assert smtp.catcher.connections == 1


async def test_what_the_mail_says(smtp: SmtpBench) -> None:
    await smtp.mailer.send(MAIL)
    (mail,) = smtp.catcher.caught
    assert mail["Message-ID"] == "<dlv_1@d.example>"
    assert mail["Date"] == "Mon, 01 Mar 2027 09:00:00 +0000"
    assert mail["Subject"] == MAIL.text.subject
    assert mail["From"] == "Sample <no-reply@facility.example>"
    assert mail["To"].addresses[0].addr_spec == "exp_1@people.example"
    assert mail["To"].addresses[0].display_name == "Zoë Échantillon, sample"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr"
    assert (mail["X-Entente-Event"], mail["X-Entente-Type"]) == ("evt_1", "offer")
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n") == MAIL.text.body
    assert "&lt;b&gt;Djibouti&lt;/b&gt;" in page.get_content()


async def test_a_name_cannot_add_a_header(smtp: SmtpBench) -> None:
    mail = Mail("dlv_1", "evt", "offer", "Sample\r\nBcc: x@y.example", "exp_1@people.example", MAIL.text, AT)
    with pytest.raises(Unacceptable):
        await smtp.mailer.send(mail)
    assert smtp.taken() == []
