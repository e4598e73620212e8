"""A subscription overlooks no event of its topic."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts import topics
from shared.contracts.catalogue import contracts_on
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.evaluations import EvaluationCompleted
from shared.contracts.events.requests import RequestApproved, RequestSubmitted
from shared.messaging.event import ErasedKey, Event
from shared.messaging.subscription import Subscription


async def handle(event: Event[Any]) -> None: ...


async def erase(key: ErasedKey) -> None: ...


def test_every_catalogued_event_is_handled_or_passed_over() -> None:
    others = {c.model: "not needed" for c in contracts_on(topics.REQUESTS) if c.model is not RequestSubmitted}
    made = Subscription("requests", topics.REQUESTS, {RequestSubmitted: handle}, others)
    assert made.group("matching") == "matching.requests"


def test_an_overlooked_event_is_named() -> None:
    with pytest.raises(ValueError, match=r"request\.approved is neither"):
        Subscription("requests", topics.REQUESTS, {RequestSubmitted: handle})


def test_an_event_of_another_topic_is_refused() -> None:
    with pytest.raises(ValueError, match="ContactRecorded is not on this topic"):
        Subscription("x", topics.EVALUATIONS, {EvaluationCompleted: handle, ContactRecorded: handle})


def test_handled_and_passed_over_at_once_is_refused() -> None:
    with pytest.raises(ValueError, match="both handled and passed over"):
        Subscription("x", topics.EVALUATIONS, {EvaluationCompleted: handle}, {EvaluationCompleted: "why"})


def test_passing_over_needs_a_reason() -> None:
    others = {c.model: "" for c in contracts_on(topics.REQUESTS)}
    with pytest.raises(ValueError, match="without a reason"):
        Subscription("requests", topics.REQUESTS, {}, others)
    assert RequestApproved in others


def test_there_is_nothing_to_erase_on_a_topic_kept_for_ever() -> None:
    with pytest.raises(ValueError, match="no tombstones"):
        Subscription("x", topics.EVALUATIONS, {EvaluationCompleted: handle}, erases=erase)
    Subscription("x", topics.CONTACTS, {ContactRecorded: handle}, erases=erase)
