"""Whatever lies on a topic, a case is told and a backup restored: what consumers park is named, and not believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.terminal.commands.trace import _as_json, _unreadable
from deploy.terminal.looks.case import _said
from deploy.terminal.looks.way import Case, Step, way
from tests.support.raw_records import CORRELATION, Raw, example, raw, records

NOW = datetime(2030, 1, 7, 12, tzinfo=UTC)


def case_of(*given_: Raw) -> Case:
    return Case(CORRELATION, said=[said for one in given_ if (said := _said(one, CORRELATION)) is not None])


def steps_of(case: Case) -> list[Step]:
    steps = way(case, NOW)
    json.dumps([_as_json(step) for step in steps])
    return steps


@pytest.mark.parametrize("at", ["yesterday", None, "2030-01-07T09:00:00"])
def test_an_instant_that_is_none_makes_a_step_that_cannot_be_read(at: Any) -> None:
    topic, envelope = example("request.submitted")
    good = raw(topic, envelope)
    again = raw(topic, envelope | {"sequence": 2, "occurred_at": at}, offset=4, timestamp=2**62)
    case = case_of(good, again)
    told = [step.what.partition(" #")[0] for step in steps_of(case)]
    assert told == ["a record that cannot be read", "request.submitted"]
    assert _unreadable(case) == [f"{topic} 0/4: envelope breaks its schema"]


def test_a_header_without_a_value_is_no_fault() -> None:
    topic, envelope = example("request.submitted")
    headers = (("correlation_id", CORRELATION.encode()), ("event_id", None), ("sequence", None))
    (step,) = steps_of(case_of(raw(topic, envelope, headers=headers)))[:1]
    assert step.what.startswith("request.submitted #")


def test_a_record_that_cannot_be_read_hides_no_event() -> None:
    topic, envelope = example("request.submitted")
    headers = (
        ("correlation_id", CORRELATION.encode()),
        ("event_id", envelope["event_id"].encode()),
        ("sequence", str(envelope["sequence"]).encode()),
    )
    good = raw(topic, envelope, headers=headers, offset=5)
    spoilt = raw(topic, envelope, headers=headers, offset=1, value=b"{")
    told = [step.what for step in steps_of(case_of(spoilt, good)) if not step.open]
    assert len(told) == 2
    topic, following = example("match.completed")
    caused = following | {"causation_id": envelope["event_id"]}
    after = [step.after for step in steps_of(case_of(spoilt, good, raw(topic, caused)))]
    assert "request.submitted" in after


@settings(max_examples=100, deadline=None)
@given(st.lists(records(), max_size=6))
def test_a_way_is_told_whatever_lies_on_the_topics(given_: list[Raw]) -> None:
    case = case_of(*given_)
    steps = steps_of(case)
    assert sorted(step.at for step in steps if not step.open) == [step.at for step in steps if not step.open]
    assert len(_unreadable(case)) == len([said for said in case.said if said.event is None and said.unreadable])
    assert all(step.waited is None or step.waited >= timedelta() for step in steps if not step.open)
