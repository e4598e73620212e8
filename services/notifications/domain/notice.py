"""From one event and its row to the deliveries it makes, given who is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.catalogue import CHANNELS, Row
from services.notifications.domain.delivery import Channel, Delivery, State, delivery_id
from services.notifications.domain.recipients import DESK, FACILITY, Holder, Person, Recipient

TO_DESK = Holder(DESK, FACILITY)
Holders = Mapping[str, Sequence[str]]
"""Ids of the contacts known to hold a function, by the holder's reference."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long a sender may take before another one steps in, and how long until a missing recipient is looked for
    again."""

    lease: timedelta
    look_again: timedelta


@dataclass(frozen=True, slots=True)
class Notice:
    """One event that has something to tell. `content` is its data as JSON values."""

    event_id: str
    event_type: str
    occurred_at: datetime
    content: Mapping[str, Any]
    row: Row

    @property
    def case_id(self) -> str | None:
        """The request it belongs to, where it belongs to one."""
        return self.content.get("request_id")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who is told: a contact's id, or the reference of a function nobody is known to hold."""

    recipient: str
    role: str
    known: bool
    stands_in: bool = False


def addressees(recipients: Sequence[Recipient], holders: Holders) -> tuple[tuple[Addressee, ...], tuple[str, ...]]:
    """Who is told, each person once and in their first role, and the functions nobody holds.

    A function of the facility, or an EU Delegation, that nobody holds falls to the desk (domain rules, 11.6). Without a
    desk either, the notice waits for that function: for whoever comes first of its holders and the desk. Somebody told
    in an own role is not told again as a stand-in.
    """
    found: dict[str, Addressee] = {}
    to_desk: list[Holder] = []
    unfilled: list[str] = []
    for recipient in recipients:
        if isinstance(recipient, Person):
            found.setdefault(recipient.id, Addressee(recipient.id, recipient.function, known=True))
            continue
        for contact_id in holders.get(recipient.reference, ()):
            found.setdefault(contact_id, Addressee(contact_id, recipient.function, known=True))
        if not holders.get(recipient.reference):
            if recipient.falls_to_desk:
                unfilled.append(recipient.function)
                to_desk.append(recipient)
            else:
                found.setdefault(recipient.reference, Addressee(recipient.reference, recipient.function, known=False))
    for missing in to_desk:
        stand_ins = holders.get(TO_DESK.reference, ())
        for contact_id in stand_ins:
            found.setdefault(contact_id, Addressee(contact_id, missing.function, known=True, stands_in=True))
        if not stand_ins:
            found.setdefault(missing.reference, Addressee(missing.reference, missing.function, known=False))
    return tuple(found.values()), tuple(unfilled)


def deliveries(notice: Notice, to: Sequence[Addressee], now: datetime, times: Times) -> Iterator[Delivery]:
    """One delivery per addressee and channel of the row."""
    for addressee in to:
        for channel in CHANNELS[notice.row.priority]:
            yield _delivery(notice, addressee, channel, now, times)


def _delivery(notice: Notice, to: Addressee, channel: Channel, now: datetime, times: Times) -> Delivery:
    state, due_at = _first_state(to, channel, now, times)
    return Delivery(
        id=delivery_id(notice.event_id, to.recipient, channel),
        event_id=notice.event_id,
        event_type=notice.event_type,
        occurred_at=notice.occurred_at,
        type=notice.row.type,
        row=notice.row.number,
        priority=notice.row.priority,
        recipient=to.recipient,
        role=to.role,
        stands_in=to.stands_in,
        channel=channel,
        state=state,
        case_id=notice.case_id,
        facts={name: notice.content.get(name) for name in notice.row.facts},
        waiting_for=None if to.known else to.recipient,
        due_at=due_at,
    )


def _first_state(to: Addressee, channel: Channel, now: datetime, times: Times) -> tuple[State, datetime | None]:
    if not to.known:
        return State.WAITING, now + times.look_again
    if channel == "inbox":
        return State.DELIVERED, None
    return State.QUEUED, now + times.lease


def found_for(
    delivery: Delivery, contact_ids: Sequence[str], now: datetime, times: Times, *, stands_in: bool = False
) -> Iterator[Delivery]:
    """What a delivery that waited for a function becomes: one for each person found, with the person's own id.
    `stands_in`: they are the desk's, told because nobody holds it still."""
    for contact_id in contact_ids:
        to = Addressee(contact_id, delivery.role, known=True, stands_in=stands_in or delivery.stands_in)
        state, due_at = _first_state(to, delivery.channel, now, times)
        yield delivery.model_copy(
            update={
                "id": delivery_id(delivery.event_id, contact_id, delivery.channel),
                "recipient": contact_id,
                "stands_in": to.stands_in,
                "state": state,
                "waiting_for": None,
                "due_at": due_at,
            }
        )
