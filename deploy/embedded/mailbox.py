"""A local mail catcher: takes every message by SMTP and keeps it as a file.

    python -m deploy.embedded.mailbox --dir DIR [--port N]

Prints `{"smtp": "127.0.0.1:PORT"}` when it listens; stays until SIGTERM, SIGINT or the end of its parent.
Files are named `<arrival>-<message id>.eml`, arrival counting from 000001 and going on after a restart. A
message sent twice is kept twice. The SMTP sender and recipients stand on top as X-MailFrom and X-RcptTo.
A file appears complete or not at all; what was answered 250 outlives the process (not a power cut).
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import itertools
import json
import os
import re
import signal
import tempfile
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from deploy.embedded.leash import die_with_parent

HOST = "127.0.0.1"
MESSAGE_LIMIT = 10_000_000  # bytes
NAME_LIMIT = 120  # characters of a message id kept in a file name


@dataclass(frozen=True)
class Caught:
    """One message: its place in the order of arrival, the SMTP recipients, and itself."""

    arrival: int
    recipients: tuple[str, ...]
    message: EmailMessage
    file: Path

    @property
    def message_id(self) -> str:
        """The Message-ID header as sent, empty when there is none."""
        return str(self.message.get("Message-ID", "")).strip()


def messages(directory: Path) -> list[Caught]:
    """Everything caught in `directory` so far, in the order of arrival."""
    return [_read(file) for file in sorted(directory.glob("*.eml"))]


def _read(file: Path) -> Caught:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    recipients = tuple(part.strip() for part in str(message.get("X-RcptTo", "")).split(",") if part.strip())
    return Caught(int(file.name.partition("-")[0]), recipients, message, file)


class Mailbox:
    """aiosmtpd's handler: keeps what it is given."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        last = max((int(file.name.partition("-")[0]) for file in directory.glob("*-*.eml")), default=0)
        self._arrivals = itertools.count(last + 1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - its name there
        try:
            name = self.keep(envelope.content, envelope.mail_from or "", envelope.rcpt_tos)
        except OSError as error:
            return f"451 4.3.0 not kept, try again: {error.strerror}"
        return f"250 2.0.0 kept as {name}"

    def keep(self, content: bytes, sender: str, recipients: list[str]) -> str:
        """Write one message; returns the name of its file."""
        top = f"X-MailFrom: {sender}\r\nX-RcptTo: {', '.join(recipients)}\r\n".encode()
        message_id = BytesHeaderParser().parsebytes(content).get("Message-ID", "")
        cleaned = re.sub(r"[^A-Za-z0-9._@=+-]+", "_", str(message_id).strip().strip("<>"))[:NAME_LIMIT]
        with tempfile.NamedTemporaryFile(dir=self._directory, prefix=".", suffix=".part") as part:
            part.write(top + content)
            part.flush()
            for arrival in self._arrivals:
                name = f"{arrival:06d}-{cleaned or 'no-message-id'}.eml"
                try:
                    os.link(part.name, self._directory / name)
                except FileExistsError:  # taken by a second catcher on the same directory
                    continue
                return name
        raise AssertionError("the count of arrivals has no end")


async def serve(directory: Path, port: int) -> None:
    """Catch until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(directory)

    def protocol() -> Any:
        return SMTP(
            mailbox,
            hostname="localhost",
            ident="Entente's mail catcher: nothing is delivered",
            enable_SMTPUTF8=True,
            data_size_limit=MESSAGE_LIMIT,
            loop=loop,
        )

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(protocol, HOST, port)
    print(json.dumps({"smtp": f"{HOST}:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await stopped.wait()
    server.close()


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.mailbox", description=__doc__.split("\n")[0])
    parser.add_argument("--dir", type=Path, required=True, help="where the .eml files go")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any free port")
    arguments = parser.parse_args()
    die_with_parent()
    asyncio.run(serve(arguments.dir, arguments.port))


if __name__ == "__main__":
    main()
