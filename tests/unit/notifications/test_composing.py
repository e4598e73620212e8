"""What is composed is what a mail reader finds again, and nothing in it can become a header or a part of its own."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notifications.adapters.composing import composed
from services.notifications.application.ports import Mail, Text
from tests.support.notified_events import AT

MAIL = Mail("dlv_1", "evt_1", "offer", "Sample", "exp_1@people.example", Text("Sample", "Sample\n", "en"), AT)
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=120)
BODY = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=400)


def _read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _recipient(raw: bytes) -> tuple[list[str], str]:
    """The words of the name, and the address. Not by the package's newer parser, which puts a space between encoded
    words that follow each other (RFC 2047 section 6.2: there is none)."""
    phrase, address = parseaddr(email.message_from_bytes(raw, policy=email.policy.compat32)["To"])
    return str(make_header(decode_header(phrase))).split(), address


def _composed(mail: Mail, html: str = "<p>Sample</p>\n") -> bytes:
    return composed(mail, sender="Sample <no-reply@facility.example>", domain="facility.example", html=html)


def _body(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return raw.decode().replace("\r\n", "\n")


@given(BODY, BODY)
def test_both_bodies_come_out_as_they_went_in(body: str, html: str) -> None:
    raw = _composed(replace(MAIL, text=Text("Sample", body, "en")), html)
    found = _read(raw)
    assert (_body(found, "plain"), _body(found, "html")) == (body, html)
    assert len(list(found.iter_parts())) == 2
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("body", [".\n..\n. dots", "--=_dlv_1_=\n--=_dlv_1_=--\n", "tail \t\n", "", "a" * 500, "=_\n"])
def test_what_a_server_or_a_reader_could_misread_comes_out_unchanged(body: str) -> None:
    assert _body(_read(_composed(replace(MAIL, text=Text("Sample", body, "en")))), "plain") == body


@given(WORDS)
def test_a_subject_comes_out_in_its_words(subject: str) -> None:
    found = _read(_composed(replace(MAIL, text=Text(subject, "Sample", "en"))))
    assert str(found["Subject"]).split() == subject.split()
    assert set(found.keys()) == set(_read(_composed(MAIL)).keys())


@pytest.mark.parametrize("name", ["Zoë Échantillon, sample", 'The "Sample" <office>', "", "Δείγμα " * 12])
def test_a_name_comes_out_beside_its_address(name: str) -> None:
    assert _recipient(_composed(replace(MAIL, to_name=name))) == (name.split(), MAIL.to_address)


NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=220)
ADDRESSES = st.from_regex(r"[a-c]{1,40}(\.[a-c]{1,20})?@d{1,40}\.example", fullmatch=True)


@given(NAMES, ADDRESSES)
@example("محمد عبد الرحمن بن عبد الله الحسين", "a@b.example")
@example("\U00020000" * 100 + " " + "\U00020000" * 100, "a@b.example")
@example("x" * 100 + " " + "y" * 100, "a" * 60 + "@" + "d" * 60 + ".example")
@example("=?utf-8?q?Sample?=", "a@b.example")
@example('The "Office" of, <quite> long ' * 2, "office@people.example")
def test_a_name_of_any_length_keeps_to_the_limits_of_a_line(name: str, address: str) -> None:
    """A line has at most 76 characters, but for an address that is longer by itself (998 then, RFC 5322 section
    2.1.1); an encoded word has at most 75 (RFC 2047 section 2)."""
    raw = _composed(replace(MAIL, to_name=name, to_address=address))
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    for line in head.split(b"\r\n"):
        assert len(line) <= 76 or line.strip() in (f"<{address}>".encode(), f"To: {address}".encode())
        assert all(len(word) <= 75 for word in line.split() if word.startswith(b"=?"))
    assert _recipient(raw) == (name.split(), address)


@pytest.mark.parametrize(
    "mail",
    [
        replace(MAIL, text=Text("Sample\r\nBcc: x@y.example", "Sample", "en")),
        replace(MAIL, to_name="Sample\nBcc: x@y.example"),
        replace(MAIL, to_address="x@y.example, z@y.example"),
        replace(MAIL, type="offer\r\n"),
        replace(MAIL, event_id="evt 1"),
    ],
)
def test_nothing_becomes_a_header_of_its_own(mail: Mail) -> None:
    with pytest.raises(ValueError, match=r"header|address"):
        _composed(mail)
