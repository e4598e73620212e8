"""What is composed is what a mail reader finds again, and nothing in it can become a header or a part of its own."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given
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
    (found,) = _read(_composed(replace(MAIL, to_name=name)))["To"].addresses
    assert (found.display_name.split(), found.addr_spec) == (name.split(), MAIL.to_address)


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
