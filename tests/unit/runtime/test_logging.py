"""Logs: one JSON object per line with the case, the aggregate and the event, and never people's data or tokens."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from structlog.contextvars import bound_contextvars

from shared.contracts import topics
from shared.messaging.correlation import about
from shared.messaging.event import Event, decode
from shared.runtime.logging import get_logger
from shared.runtime.masking import mask_text, mask_value
from tests.support.logs import logged
from tests.support.messages import record
from tests.support.tokens import TestIssuer


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_which_case_aggregate_and_event(out: io.StringIO) -> None:
    event = decode(record("eva_1", 3), topics.EVALUATIONS, "matching")
    assert isinstance(event, Event)
    with about(event, "matching.evaluations"):
        get_logger("intake").info("handled", attempts=2)
    get_logger("intake").info("after")
    first, second = lines(out)
    assert first["message"] == "handled"
    assert first["correlation_id"] == "case-1"
    assert first["aggregate"] == "evaluation/eva_1"
    assert first["event"] == "evaluation.completed#3"
    assert first["group"] == "matching.evaluations"
    assert (first["area"], first["attempts"], first["level"]) == ("intake", 2, "info")
    assert first["at"].endswith("Z")
    assert "correlation_id" not in second


def test_the_standard_librarys_loggers_take_the_same_road(out: io.StringIO) -> None:
    with bound_contextvars(correlation_id="cor_1"):
        logging.getLogger("aiokafka.consumer").warning("lost %s of %s", 3, "someone@example.org")
    (line,) = lines(out)
    assert line["message"] == "lost 3 of [e-mail]"
    assert line["correlation_id"] == "cor_1"
    assert line["logger"] == "aiokafka.consumer"


def test_chatty_libraries_are_heard_from_warning_on(out: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").info("chatter")
    get_logger("x").debug("detail")
    assert lines(out) == []


@pytest.mark.parametrize(
    "key",
    ["name", "email", "given_name", "family_name", "phone", "Authorization", "token", "access_token", "Set-Cookie",
     "password", "contact_email", "payload", "address"],
)  # fmt: skip
def test_fields_that_may_carry_people_or_tokens_are_withheld(key: str, out: io.StringIO) -> None:
    get_logger("x").info("seen", **{key: "Quetzal"}, nested={"list": [{key: "Quetzal"}], "id": "con_1"})
    assert "Quetzal" not in out.getvalue()
    (line,) = lines(out)
    assert line["nested"]["list"] == [{key: "[withheld]"}]
    assert line["nested"]["id"] == "con_1"


def test_addresses_and_tokens_inside_texts_are_masked(out: io.StringIO) -> None:
    token = TestIssuer().token()
    get_logger("x").info(f"mail to Ana.Ruiz+1@post.example.org with {token}", why=f"Bearer {token[:30]} refused")
    logging.getLogger("y").warning("mongodb://app:s3cret@db:27017/ is away")
    assert "Ruiz" not in out.getvalue()
    assert "s3cret" not in out.getvalue()
    assert token[:30] not in out.getvalue()
    first, second = lines(out)
    assert first["message"] == "mail to [e-mail] with [token]"
    assert second["message"] == "mongodb://***@db:27017/ is away"


def test_exceptions_are_told_with_masked_texts(out: io.StringIO) -> None:
    try:
        raise ValueError("no such person: someone@example.org")
    except ValueError:
        get_logger("x").exception("failed")
        logging.getLogger("y").exception("failed too")
    for line in lines(out):
        assert "ValueError: no such person: [e-mail]" in line["exception"]


class _Address(BaseModel):
    lines: tuple[str, ...]
    phone: int


class _Spread:
    """A value whose text has several lines, one of them like the end of a quotation."""

    def __repr__(self) -> str:
        return "Quetzal, input_type=str\nQuetzal]\nQuetzal"


REFUSED: dict[str, Any] = {
    "missing": {"given_name": "Quetzal"},
    "two errors": {"lines": "Quetzal", "phone": "+000 00 Quetzal ext. 5"},
    "lines in it": {"lines": ("a",), "phone": "Quetzal\nQuetzal\u2028Quetzal], input_type=str]"},
    "of several lines": _Spread(),
}


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_what_pydantic_quotes_of_a_value_stands_in_no_line(
    refused: Any, log_format: Literal["json", "console"]
) -> None:
    """A stored document that this release cannot read is people's names and phone numbers."""
    with logged(log_format) as stream:
        try:
            try:
                _Address.model_validate(refused)
            except ValidationError as error:
                raise RuntimeError(f"cannot be read: {error}") from error
        except RuntimeError as error:
            get_logger("x").exception("failed", why=str(error))
            logging.getLogger("y").exception("failed: %s", error)
            group = ExceptionGroup("several", [error])
            get_logger("x").error("failed together", exc_info=group)
    said = stream.getvalue()
    assert "Quetzal" not in said
    assert "_Address" in said
    assert "input_value=[withheld], input_type=" in said


def test_what_is_cut_off_in_the_middle_of_a_quotation_is_withheld_to_its_end() -> None:
    assert mask_text("1 error [type=missing, input_value={'name': 'Quetzal', ..") == (
        "1 error [type=missing, input_value=[withheld]"
    )


def test_what_follows_a_quotation_is_still_told() -> None:
    text = "a\n  [type=x, input_value='Quetzal', input_type=str]\n    For further information\nb.py, line 3"
    assert mask_text(text) == text.replace("'Quetzal'", "[withheld]")


def test_ids_topics_and_times_stay_readable() -> None:
    for text in ("req_01a2037b7d0e", "registration.contacts-3@17", "2030-01-31T09:00:00Z", "12 of 15", "a@b"):
        assert mask_text(text) == text


def test_a_line_for_a_person_is_masked_too() -> None:
    with logged("console") as stream:
        get_logger("x").info("told", email="someone@example.org", id="con_1")
    assert "someone" not in stream.getvalue()
    assert "told" in stream.getvalue()
    assert "con_1" in stream.getvalue()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_masking_takes_any_value_and_leaves_no_address(value: Any) -> None:
    masked = mask_value({"seen": value, "deep": {"mail_of": "x someone@example.org y"}})
    assert masked["deep"] == {"mail_of": "x [e-mail] y"}


def test_a_surrogate_in_a_text_does_not_break_the_log(out: io.StringIO) -> None:
    get_logger("x").info("half \ud800")
    assert lines(out)[0]["message"] == "half \ud800"
