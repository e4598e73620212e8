"""Every submitted request has its sample of submit_to_notice_ms, or is named; none is dropped in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.demo import following
from deploy.demo.following import Follower
from deploy.demo.office import Case
from deploy.demo.receipts import receipts
from deploy.demo.report import percentile
from tests.support.eventually import eventually


def case(n: int) -> Case:
    found = Case({"key": f"sample-{n}"})
    found.request_id, found.reference, found.submitted_at = f"req_{n}", f"REQ-{n}", 100.0
    return found


def submitted(n: int) -> dict[str, Any]:
    return {"type": "request.submitted", "aggregate": {"id": f"req_{n}"}}


def mail(event_id: str, to: str, at: float, type_: str = "request_received") -> dict[str, Any]:
    return {"type": type_, "event_id": event_id, "to": to, "at": at}


def test_each_receipt_is_a_sample_and_a_repeated_mail_is_not() -> None:
    events = {"evt_1": submitted(1), "evt_2": submitted(2)}
    mails = [
        mail("evt_1", "a", 100.5),
        mail("evt_1", "b", 100.25),
        mail("evt_1", "a", 130.0),
        mail("evt_2", "c", 101.0),
        mail("evt_2", "c", 100.125, "offer"),
    ]
    assert receipts([case(1), case(2)], events, mails) == ([500.0, 250.0, 1000.0], [])


def test_a_mail_that_is_seen_before_its_event_counts(tmp_path: Path) -> None:
    """What was seen is looked at when the story is over, so the order in which it was seen does not matter."""
    mails = [mail("evt_1", "a", 100.5)]
    assert receipts([case(1)], {"evt_1": submitted(1)}, mails) == ([500.0], [])


def test_a_request_without_a_receipt_or_without_its_event_is_named() -> None:
    waited, missing = receipts([case(1), case(2), case(3)], {"evt_1": submitted(1), "evt_2": submitted(2)}, [
        mail("evt_1", "a", 100.5), mail("evt_3", "a", 100.5),
    ])  # fmt: skip
    assert waited == [500.0]
    assert missing == [
        "no submit_to_notice_ms of REQ-2: no receipt of it arrived",
        "no submit_to_notice_ms of REQ-3: its request.submitted was not seen",
    ]


def test_no_sample_is_no_number() -> None:
    assert percentile([], 50) is None
    assert percentile([3.14], 99) == 3.1


@pytest.mark.parametrize("story_fails", [False, True])
async def test_a_following_that_broke_off_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, story_fails: bool
) -> None:
    class Broken:
        def __init__(self, **_: object) -> None:
            raise OSError("no broker here")

    monkeypatch.setattr(following, "AIOKafkaConsumer", Broken)
    follower = Follower([], tmp_path, lambda _: None, lambda _: None)

    async def story() -> None:
        async with follower:
            await eventually(lambda: any(task.done() for task in follower._tasks), what="the following to break off")
            if story_fails:
                raise LookupError("the story's own fault")

    with pytest.raises(LookupError if story_fails else OSError):
        await story()
