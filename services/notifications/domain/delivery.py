"""One notice to one recipient on one channel, and the states it goes through.

waiting -> queued -> sent | failed          a mail; failed -> queued when an officer asks for it. While the mail server
                                            is away it is queued and waits for it; no attempt is counted
waiting -> delivered -> opened              the in-app inbox; "opened" exists there only
waiting -> released                         it waited for a function; the people found have deliveries of their own
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notifications.domain.recipients import Holder, holder_of
from services.notifications.domain.retrying import SOON, RetryPlan
from shared.errors import Refused
from shared.ids import derived_id

Channel = Literal["mail", "inbox"]
Priority = Literal["U", "N", "D"]


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    OPENED = "opened"
    RELEASED = "released"


MAIL_SERVER = "mail_server"
"""What a mail waits for, instead of a recipient, while the mail server cannot be reached."""
PUT_OFF = "put_off"
"""What a mail is counted under that was put off, waited its first pause, and was put off again."""
IN_INBOX = (State.DELIVERED.value, State.OPENED.value)


class Delivery(BaseModel):
    """`facts` are what the wording needs of the event: ids and facts of the case, no name and no address.

    `due_at` is the instant at which the sweep looks at it again: the next attempt, the end of a sender's lease, or the
    next look for a missing recipient, or the last one for another address than the one it failed at. UTC.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    event_id: str
    event_type: str
    occurred_at: AwareDatetime
    type: str
    row: int | None = Field(description="number of the notice in docs/notices.md; None where it has none")
    priority: Priority
    recipient: str = Field(description="id of a contact, or `function@scope` while nobody is known")
    role: str = Field(description="the function in which the recipient is told")
    stands_in: bool = Field(False, description="the desk is told because nobody holds that function")
    told_instead: tuple[str, ...] = Field(
        (), description="whom a notice that waited for a function was decided to go to"
    )
    channel: Channel
    state: State
    case_id: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    waiting_for: str | None = None
    due_at: AwareDatetime | None = None
    attempts: int = 0
    put_off: int = Field(0, description="how often it was put off for long, by the plan for verdicts (4xx)")
    interrupted: int = Field(0, description="attempts in a row that came to no verdict")
    failure: str | None = Field(None, description="why the last attempt failed; without addresses")
    retried_in: str | None = Field(None, description="the call that had it tried again last, with others")
    tried_mark: str | None = Field(
        None, description="tells whether the address tried is still the one; not the address"
    )
    sent_at: AwareDatetime | None = None
    opened_at: AwareDatetime | None = None

    @property
    def holder(self) -> Holder | None:
        """The function that is addressed; None where a person is."""
        return holder_of(self.recipient)


def delivery_id(event_id: str, recipient: str, channel: Channel) -> str:
    """The one id of a notice: the same event, recipient and channel always give the same."""
    return derived_id("dlv", event_id, recipient, channel)


def queued(delivery: Delivery, until: datetime) -> Delivery:
    """To be sent now by whoever created or claimed it; picked up by the sweep if that has not happened by `until`."""
    return delivery.model_copy(update={"state": State.QUEUED, "waiting_for": None, "due_at": until})


def waiting(delivery: Delivery, for_: str, look_again: datetime) -> Delivery:
    """Nobody known under that id or function yet."""
    return delivery.model_copy(update={"state": State.WAITING, "waiting_for": for_, "due_at": look_again})


def decided(delivery: Delivery, people: tuple[str, ...], *, stands_in: bool, until: datetime) -> Delivery:
    """Who is told of what waited for a function, decided once and for every channel: whoever came first, of its holders
    and the desk that stands in (domain rules, 11.6). What has been decided stays so; where it has not been carried out
    by `until`, the sweep does."""
    if delivery.state is not State.WAITING or delivery.told_instead:
        return delivery
    due_at = until if delivery.due_at is None else min(until, delivery.due_at)
    return delivery.model_copy(update={"told_instead": people, "stands_in": stands_in, "due_at": due_at})


def released(delivery: Delivery) -> Delivery:
    """The people who hold the function are known now; each has a delivery of their own."""
    return delivery.model_copy(update={"state": State.RELEASED, "waiting_for": None, "due_at": None})


def sent(delivery: Delivery, at: datetime) -> Delivery:
    """The mail server took it over."""
    return delivery.model_copy(
        update={
            "state": State.SENT,
            "attempts": delivery.attempts + 1,
            "sent_at": at,
            "failure": None,
            "waiting_for": None,
            "due_at": None,
        }
    )


def given_up(delivery: Delivery, reason: str) -> Delivery:
    """It cannot be handed over, and no attempt was made."""
    return delivery.model_copy(update={"state": State.FAILED, "failure": reason, "waiting_for": None, "due_at": None})


def marked(delivery: Delivery, address: str) -> Delivery:
    """With the mark of the address that is tried; "" where there is none to try."""
    return delivery.model_copy(update={"tried_mark": address_mark(delivery.id, address)})


def address_mark(delivery_id: str, address: str) -> str:
    """Differs from one address to another, and between deliveries: nobody is recognised by it."""
    return hashlib.sha256(f"{delivery_id}\x1f{address}".encode()).hexdigest()[:8]


def undelivered_at(delivery: Delivery, address: str) -> bool:
    """Whether it has failed at an address, or for want of one, that is another one by now."""
    mark = delivery.tried_mark
    return delivery.state is State.FAILED and mark is not None and mark != address_mark(delivery.id, address)


def watched(delivery: Delivery, look_again: datetime) -> Delivery:
    """Where it has failed at an address, or for want of one, it is looked at once more: another may come meanwhile."""
    if delivery.state is not State.FAILED or delivery.tried_mark is None:
        return delivery
    return delivery.model_copy(update={"due_at": look_again})


def left_failed(delivery: Delivery) -> Delivery:
    """Where it has failed, it is not looked at again by itself."""
    return delivery.model_copy(update={"due_at": None}) if delivery.state is State.FAILED else delivery


def failed(delivery: Delivery, reason: str) -> Delivery:
    """An attempt failed for good: it will not be tried again by itself."""
    return given_up(delivery, reason).model_copy(update={"attempts": delivery.attempts + 1})


def tried(delivery: Delivery, reason: str, at: datetime, plan: RetryPlan) -> Delivery:
    """The mail server put it off: queued for the next attempt of the plan, failed after the last."""
    put_off = delivery.put_off + 1
    counted = delivery.model_copy(update={"put_off": put_off, "interrupted": 0})
    return _paused(counted, reason, at, plan.pause_after(put_off))


def interrupted(delivery: Delivery, reason: str, at: datetime, then: RetryPlan | None = None) -> Delivery:
    """An attempt came to no verdict: tried again soon, a few times in a row; after these by the plan for verdicts, or
    failed where there is none."""
    pause = SOON.pause_after(delivery.interrupted + 1)
    if pause is None and then is not None:
        return tried(delivery, reason, at, then).model_copy(update={"interrupted": delivery.interrupted})
    return _paused(delivery.model_copy(update={"interrupted": delivery.interrupted + 1}), reason, at, pause)


def _paused(delivery: Delivery, reason: str, at: datetime, pause: timedelta | None) -> Delivery:
    if pause is None:
        return failed(delivery, reason)
    return delivery.model_copy(
        update={
            "attempts": delivery.attempts + 1,
            "failure": reason,
            "waiting_for": None,
            "due_at": at + pause,
            "state": State.QUEUED,
        }
    )


def is_long_put_off(delivery: Delivery) -> bool:
    """Whether it has waited the first pause of the plan (30 minutes) already, and was put off again."""
    return delivery.state is State.QUEUED and delivery.put_off > 1


def held(delivery: Delivery, reason: str, look_again: datetime) -> Delivery:
    """The mail server cannot be reached, which is no fault of this mail: queued, and no attempt is counted."""
    return delivery.model_copy(
        update={"state": State.QUEUED, "failure": reason, "waiting_for": MAIL_SERVER, "due_at": look_again}
    )


def is_held(delivery: Delivery) -> bool:
    """Whether it waits for the mail server."""
    return delivery.state is State.QUEUED and delivery.waiting_for == MAIL_SERVER


def again(delivery: Delivery, until: datetime) -> Delivery:
    """An officer asks for a failed mail to be tried again, with a full set of attempts. Refused for any other."""
    if delivery.state is not State.FAILED:
        raise Refused(
            f"this delivery is {delivery.state}; only a failed one can be tried again",
            mend="Look at its state: a queued or waiting delivery is tried by itself.",
        )
    return queued(delivery, until).model_copy(update={"attempts": 0, "put_off": 0, "interrupted": 0})


def opened(delivery: Delivery, at: datetime) -> Delivery:
    """Its reader has opened it in the inbox; the first time counts."""
    if delivery.state is State.OPENED:
        return delivery
    return delivery.model_copy(update={"state": State.OPENED, "opened_at": at})
