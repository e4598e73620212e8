"""What goes in comes out, byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.ids import new_id
from shared.store import Answer, Decision, Documents, Store
from tests.support.sample_case import START, Case, command, step

# Not among them: {"$date": "…"} alone in a mapping, which the stand-in reads as an instant.
VALUES: list[Any] = [
    None,
    "",
    {},
    [],
    [[]],
    [None, {}, [], ""],
    {"": {"": None}},
    True,
    [True, False, 0, 1, 0.0, 1.0],
    -0.0,
    0.1 + 0.2,
    1e308,
    5e-324,
    3.0,
    2**53 + 1,
    -(2**63),
    2**63 - 1,
    "Ünïcödé مرحبا 社会保護 🇳🇬 \u200f\u202e",
    'line\nfeed\ttab "quote" \\ back / \u2028 \x00 nul \x7f',
    "2027-03-01T09:00:00Z",
    "507f1f77bcf86cd799439011",
    {"$set": 1, "$where": "x", "a.b": {"c.d": 2}, "$": 3, ".": 4, "0": 5, "_id": 6, "ключ": 7},
    {"$oid": "507f1f77bcf86cd799439011"},
    {"$numberLong": "5"},
    {"z": 1, "a": 2, "m": {"z": 1, "a": 2}},
    {"deep": [{"deep": [{"deep": [{"deep": [1.5, None, {"x": []}]}]}]}]},
]


def bytes_of(case: Case) -> bytes:
    return json.dumps(case.model_dump(mode="json")).encode()


async def keep_and_read(store: Store[Case], id_: str, case: Case) -> Case:
    await store.change(id_, step(), lambda _: Decision(case))
    read = await store.read(id_)
    assert read is not None
    return read.state


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:30])
async def test_a_value_comes_back_as_it_was(store: Store[Case], value: Any) -> None:
    """When inserted, when replaced, and after the relay and a deadline touched the document beside it."""
    case = Case(extra=value, notes=("",), themes=("", "a"))
    assert bytes_of(await keep_and_read(store, "case_1", Case(extra="other"))) == bytes_of(Case(extra="other"))
    assert bytes_of(await keep_and_read(store, "case_1", case)) == bytes_of(case)
    assert bytes_of(await keep_and_read(store, "case_2", case)) == bytes_of(case)
    document = await store.documents.get("case_2")
    assert document is not None
    assert await store.documents.confirm("case_2", document["revision"])
    read = await store.read("case_2")
    assert read is not None
    assert bytes_of(read.state) == bytes_of(case)


async def test_a_claim_leaves_the_values_alone(store: Store[Case], documents: Documents) -> None:
    case = Case(extra=VALUES, wakes={"lapse": START})
    await keep_and_read(store, "case_1", case)
    assert await documents.claim_due(now_ms=2**42, until_ms=2**42) is not None
    read = await store.read("case_1")
    assert read is not None
    assert bytes_of(read.state) == bytes_of(case)


async def test_an_answer_is_repeated_byte_for_byte(store: Store[Case]) -> None:
    given_ = Answer(201, {"values": VALUES})
    first = await store.create(command(render=lambda _: given_), "req", lambda _: Decision(Case()))
    again = await store.create(command(render=lambda _: given_), "req", lambda _: Decision(Case()))
    assert not again.applied
    assert first.answer is not None
    assert again.answer is not None
    assert json.dumps(again.answer.body) == json.dumps(first.answer.body)


_keys = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=_json)
async def test_any_value_comes_back_as_it_was(store: Store[Case], value: Any) -> None:
    case = Case(extra=value)
    assert bytes_of(await keep_and_read(store, new_id("case"), case)) == bytes_of(case)
