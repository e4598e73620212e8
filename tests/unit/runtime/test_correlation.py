"""Correlation ids and W3C trace context: taken where valid, made new where not."""

from __future__ import annotations

import re

import pytest

from shared.runtime.correlation import Correlation, begin, current, entered, next_span

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
VALID = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


def test_a_valid_trace_goes_on_with_a_span_of_ours() -> None:
    made = next_span(f"00-{TRACE}-{SPAN}-01")
    assert VALID.fullmatch(made)
    assert made.split("-")[1] == TRACE
    assert made.split("-")[2] != SPAN
    assert next_span(f"00-{TRACE}-{SPAN}-00").endswith("-00")
    assert next_span(f"cc-{TRACE}-{SPAN}-01-what-the-future-brings").split("-")[1] == TRACE


@pytest.mark.parametrize(
    "given",
    [None, "", "garbage", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-{SPAN}-01",
     f"00-{TRACE}-{SPAN}-01-more", f"00-{TRACE.upper()}-{SPAN}-01", f"00-{TRACE}-{SPAN}"],
)  # fmt: skip
def test_an_invalid_trace_is_replaced(given: str | None) -> None:
    made = next_span(given)
    assert VALID.fullmatch(made)
    assert made.split("-")[1] != TRACE


@pytest.mark.parametrize("given", [None, "", "x" * 81, "two words", "a\nb", "é", "a;b"])
def test_an_unsafe_id_is_replaced(given: str | None) -> None:
    assert begin(given, None).correlation_id.startswith("cor_")


def test_a_safe_id_is_kept() -> None:
    assert begin("Case-7:a.b_c", None).correlation_id == "Case-7:a.b_c"


def test_the_current_one_ends_with_its_block() -> None:
    with entered(Correlation("cor_1", next_span(None))):
        assert current().correlation_id == "cor_1"
    assert current().correlation_id != "cor_1"
