"""A password goes to the mail server under TLS or not at all."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.notifications.application.ports import MailServerAway
from tests.component.notifications.test_mailers import MAIL, serving


class Doorkeeper:
    """aiosmtpd's authenticator: notes whoever signs in, and whether in the open."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, bool]] = []

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        self.seen.append((given.password, session.ssl is not None))
        return AuthResult(success=True)


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that this process trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(here, critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def test_we_sign_in_under_tls(certified: ssl.SSLContext) -> None:
    door = Doorkeeper()
    async with serving(user="us", password="s3cret", authenticator=door, tls_context=certified) as bench:
        await bench.mailer.send(MAIL)
        assert bench.taken() == ["dlv_1"]
    assert door.seen == [(b"s3cret", True)]


async def test_without_starttls_no_password_is_sent_and_the_mail_is_tried_again() -> None:
    """The server offers none, or somebody on the way has taken the offer out."""
    door = Doorkeeper()
    async with serving(user="us", password="s3cret", authenticator=door, auth_require_tls=False) as bench:
        with pytest.raises(MailServerAway, match=r"cannot do what our settings ask for: .*STARTTLS"):
            await bench.mailer.send(MAIL)
        assert bench.taken() == []
    assert door.seen == []
