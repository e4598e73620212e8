"""The states of a delivery, and when a mail is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.domain.delivery import (
    Delivery,
    State,
    again,
    delivery_id,
    failed,
    held,
    interrupted,
    is_held,
    left_failed,
    marked,
    opened,
    queued,
    sent,
    tried,
    watched,
)
from services.notifications.domain.retrying import Looks, RetryPlan
from shared.errors import Refused
from tests.support.notified_events import AT

PLAN = RetryPlan(attempts=5, first=timedelta(seconds=1), most=timedelta(minutes=5))
SECOND = timedelta(seconds=1)
MAIL = Delivery(
    id="dlv_1",
    event_id="evt_1",
    event_type="expert.activated",
    occurred_at=AT,
    type="expert_activated",
    row=46,
    priority="N",
    recipient="exp_1",
    role="expert",
    channel="mail",
    state=State.QUEUED,
    due_at=AT,
)


def test_the_pauses_grow_from_the_first_to_the_longest() -> None:
    pauses = [PLAN.pause_after(n) for n in (1, 2, 3, 4)]
    assert [round(p.total_seconds(), 1) for p in pauses if p] == [1.0, 6.7, 44.8, 300.0]
    assert PLAN.pause_after(5) is None


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_plan_of_few_attempts_ends_too(attempts: int) -> None:
    plan = RetryPlan(attempts, timedelta(seconds=1), timedelta(seconds=9))
    pauses = [plan.pause_after(n) for n in range(1, attempts + 1)]
    assert pauses == [*[timedelta(seconds=1), timedelta(seconds=9)][: attempts - 1], None]


def test_a_mail_is_tried_as_often_as_the_plan_says_and_has_failed_then() -> None:
    mail, seen = MAIL, []
    for _ in range(5):
        mail = tried(mail, "451 busy", AT, PLAN)
        seen.append(mail.state)
    assert seen == [State.QUEUED] * 4 + [State.FAILED]
    assert (mail.attempts, mail.failure, mail.due_at) == (5, "451 busy", None)


def test_after_a_failed_attempt_it_is_due_when_the_pause_is_over() -> None:
    assert tried(MAIL, "451 busy", AT, PLAN).due_at == AT + SECOND


def test_an_attempt_without_a_verdict_uses_up_nothing_of_the_plan_and_a_verdict_ends_the_row() -> None:
    mail = interrupted(interrupted(MAIL, "hung up", AT, PLAN), "hung up", AT, PLAN)
    assert (mail.attempts, mail.put_off, mail.interrupted) == (2, 0, 2)
    mail = tried(mail, "451 busy", AT, PLAN)
    assert (mail.attempts, mail.put_off, mail.interrupted, mail.due_at) == (3, 1, 0, AT + SECOND)


def test_a_mail_that_was_taken_over_is_due_no_more() -> None:
    done = sent(tried(MAIL, "451 busy", AT, PLAN), AT + SECOND)
    assert (done.state, done.attempts, done.failure, done.due_at) == (State.SENT, 2, None, None)
    assert done.sent_at == AT + SECOND


def test_a_mail_that_waits_for_the_mail_server_counts_no_attempt_and_whatever_ends_that_says_so() -> None:
    waits = held(MAIL, "the mail server did not answer", AT + SECOND)
    assert (waits.state, waits.waiting_for, waits.attempts) == (State.QUEUED, "mail_server", 0)
    assert (waits.due_at, is_held(waits)) == (AT + SECOND, True)
    ends = [queued(waits, AT), sent(waits, AT), failed(waits, "550"), tried(waits, "451", AT, PLAN)]
    assert [(after.waiting_for, is_held(after)) for after in ends] == [(None, False)] * 4


def test_the_pauses_between_looks_double_up_to_the_longest() -> None:
    looks, pause, seen = Looks(SECOND, 10 * SECOND), None, []
    for _ in range(6):
        pause = looks.after(pause)
        seen.append(pause.total_seconds())
    assert seen == [1, 2, 4, 8, 10, 10]


def test_a_failed_mail_may_be_tried_again_with_all_its_attempts() -> None:
    renewed = again(failed(MAIL, "550 unknown"), AT + SECOND)
    assert (renewed.state, renewed.attempts, renewed.due_at) == (State.QUEUED, 0, AT + SECOND)


def test_what_failed_at_an_address_or_for_want_of_one_is_looked_at_once_more_and_nothing_else_is() -> None:
    refused, without = (failed(marked(MAIL, address), "550 unknown") for address in ("a@people.example", ""))
    assert [watched(mail, AT + SECOND).due_at for mail in (refused, without)] == [AT + SECOND] * 2
    assert left_failed(watched(refused, AT + SECOND)).due_at is None
    erased, in_hand = failed(MAIL, "the person's data were erased"), marked(MAIL, "a@people.example")
    assert watched(erased, AT + SECOND).due_at is None
    assert watched(in_hand, AT + SECOND) == left_failed(in_hand) == in_hand


@pytest.mark.parametrize("state", [state for state in State if state is not State.FAILED])
def test_only_a_failed_mail_may_be_tried_again(state: State) -> None:
    with pytest.raises(Refused):
        again(MAIL.model_copy(update={"state": state}), AT)


def test_the_first_opening_counts() -> None:
    notice = MAIL.model_copy(update={"state": State.DELIVERED, "channel": "inbox"})
    assert opened(opened(notice, AT), AT + SECOND).opened_at == AT


def test_ids_differ_by_event_recipient_and_channel_and_repeat_for_the_same() -> None:
    ids = {delivery_id(e, r, c) for e in ("evt_1", "evt_2") for r in ("a", "b") for c in ("mail", "inbox")}
    assert len(ids) == 8
    assert delivery_id("evt_1", "a", "mail") in ids
    assert all(len(found) <= 80 for found in ids)


def test_a_released_mail_waits_for_nobody() -> None:
    assert queued(MAIL.model_copy(update={"state": State.WAITING, "waiting_for": "exp_1"}), AT).waiting_for is None
