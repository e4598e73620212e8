"""Hand one queued mail over to the mail server, and note what came of it.

A mail cannot be part of a write: after a crash between hand-over and note it goes out again, with the same
Message-ID. Everything else that could send it twice is excluded by the lease: a sender hands over only while the
instant up to which it has itself taken the mail lies ahead by more than a hand-over may take.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.notifications.application.find_names import find_names
from services.notifications.application.mail_server import MailServer
from services.notifications.application.ports import (
    BrokenOff,
    Gauges,
    Mail,
    Mailer,
    MailServerAway,
    NotHandedOver,
    Text,
    Unacceptable,
    Wording,
)
from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.release_held import ReleaseHeld
from services.notifications.application.release_waiting import ReleaseWaiting, keep_waiting
from services.notifications.application.resend_failed import ResendFailed
from services.notifications.application.stores import Stores
from services.notifications.application.take_mail import take_mail
from services.notifications.domain.contact import Contact
from services.notifications.domain.delivery import (
    Delivery,
    State,
    failed,
    given_up,
    held,
    interrupted,
    is_held,
    marked,
    queued,
    sent,
    tried,
    watched,
)
from services.notifications.domain.notice import Times
from services.notifications.domain.retrying import RetryPlan
from shared.clock import Clock
from shared.contracts.envelope import Actor
from shared.store import Decision, Origin, Step, StoreAway, Stored

NOTE_AGAIN_SECONDS = 0.2
"""Between tries to note a hand-over while the database is away; default, no public source."""

SENDER = Actor(kind="system", id="notifications", role="system")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SendDelivery:
    """Sends a mail that is queued and due to this sender; anything else is left alone."""

    stores: Stores
    recent: RecentlyRead
    clock: Clock
    times: Times
    plan: RetryPlan
    longest: timedelta
    """How long one hand-over may take; shorter than the lease."""
    mailer: Mailer
    server: MailServer
    wording: Wording
    gauges: Gauges
    release: ReleaseWaiting
    release_held: ReleaseHeld
    resend: ResendFailed

    async def __call__(self, mail: Stored[Delivery]) -> None:
        """One attempt, noted durably when it returns; none where the mail server is known to be away: then the mail
        waits for it, and nothing is counted. Raises StoreAway where nothing was handed over.

        `mail` is as this process wrote it when it took it: its `due_at` is the lease.
        """
        stored = await self._claimed(mail)
        if stored is None:
            return
        delivery, cause = stored.state, _step(stored)
        contact = await self.recent.contact(delivery.recipient)
        if contact is None:
            # the lease, not the long wait: a crash before the look below must not keep a known person waiting
            look_again = self.clock.now() + self.times.lease
            waits = await keep_waiting(self.stores, delivery.id, delivery.recipient, look_again, cause)
            if waits is not None:
                await self.release.one(waits, cause)
            return
        why = _unreachable(contact.state)
        if why:
            to_try = contact.state.active and not contact.state.erased
            await self._note(stored, cause, lambda d: given_up(marked(d, "") if to_try else d, why))
            return
        try:
            text = await self._worded(delivery, contact.state)
        except ValueError as error:
            reason = f"no wording: {error}"[:200]
            await self._note(stored, cause, lambda d: given_up(d, reason))
            return
        await self._attempt(stored, contact.state, text, cause)

    async def _claimed(self, mail: Stored[Delivery]) -> Stored[Delivery] | None:
        """The mail while it is this sender's. One that has waited here beyond its lease is taken anew, unless somebody
        else has it by now, has put it off, or holds it for the mail server."""
        now, own = self.clock.now(), mail.state.due_at
        if own is not None and own - now > self.longest:
            return mail
        until = now + self.times.lease
        return await take_mail(
            self.stores, mail.id, _step(mail), lambda d: queued(d, until) if _is_free(d, own, now) else d
        )

    async def _worded(self, delivery: Delivery, contact: Contact) -> Text:
        case = await self.recent.case(delivery.case_id) if delivery.case_id is not None else None
        return self.wording.say(
            delivery,
            name=contact.name,
            language=contact.language,
            case=case.state if case is not None else None,
            names=await find_names(self.stores, [delivery]),
        )

    async def _attempt(self, stored: Stored[Delivery], contact: Contact, text: Text, cause: Step) -> None:
        delivery = stored.state
        if (away := self.server.holds(delivery.id)) is not None:
            await self._hold(stored, cause, *away)
            return
        mail = Mail(
            delivery_id=delivery.id,
            event_id=delivery.event_id,
            type=delivery.type,
            to_name=contact.name,
            to_address=contact.email,
            text=text,
            at=self.clock.now(),
        )
        try:
            await self.mailer.send(mail)
        except MailServerAway as error:
            await self._hold(stored, cause, str(error), self.server.went_away(delivery.id, str(error)))
            return
        except Unacceptable as error:
            reason = str(error)
            await self._note(stored, cause, lambda d: failed(marked(d, contact.email), reason))
        except BrokenOff as error:
            reason, now = str(error), self.clock.now()
            await self._note(stored, cause, lambda d: interrupted(marked(d, contact.email), reason, now, self.plan))
        except NotHandedOver as error:
            reason, now = str(error), self.clock.now()
            await self._note(stored, cause, lambda d: tried(marked(d, contact.email), reason, now, self.plan))
        except Exception as error:
            log.exception("delivery.error", delivery=delivery.id)
            reason, now = f"unexpected: {type(error).__name__}", self.clock.now()
            await self._note(stored, cause, lambda d: interrupted(d, reason, now))
            return  # says nothing of the server
        else:
            at = self.clock.now()
            await self._note(stored, cause, lambda d: sent(d, at))
        if self.server.is_back():
            await self._release_held(cause)

    async def _hold(self, stored: Stored[Delivery], cause: Step, why: str, look_again: datetime) -> None:
        await self._note(stored, cause, lambda d: held(d, why, look_again))
        if not self.server.is_away:  # another mail has found it back meanwhile, and has not seen this one waiting
            await self._release_held(cause)

    async def _release_held(self, cause: Step) -> None:
        with contextlib.suppress(StoreAway):  # each of them looks for itself as well
            await self.release_held(cause)

    async def _note(self, stored: Stored[Delivery], cause: Step, become: Callable[[Delivery], Delivery]) -> None:
        """Note what came of it, once, however long the database is away within the lease: after that the sweep may
        send it again."""
        until = self.clock.now() + self.times.lease
        while True:
            try:
                outcome = await self.stores.deliveries.change(
                    stored.id,
                    cause,
                    lambda d: Decision(watched(become(d), until) if d and _to_send(d) else d),
                    known=stored,
                )
            except StoreAway:
                if self.clock.now() >= until:
                    raise
                await asyncio.sleep(NOTE_AGAIN_SECONDS)
            else:
                break
        after = outcome.stored.state if outcome.stored is not None else stored.state
        if after.state is State.FAILED:
            # a new address may have come while the old one was tried: whoever brought it has not seen this failure
            with contextlib.suppress(StoreAway):
                await self.resend.to(after.recipient, cause)
            log.warning("delivery.failed", delivery=stored.id, type=after.type, reason=after.failure)
        if after.state in (State.SENT, State.FAILED):
            self.gauges.ended(after.type, after.state.value)


def _to_send(delivery: Delivery) -> bool:
    return delivery.state is State.QUEUED and delivery.channel == "mail"


def _is_free(delivery: Delivery, own: datetime | None, now: datetime) -> bool:
    """Whether a sender whose lease was up to `own` may take it: it is that one's still, or its time has come."""
    if not _to_send(delivery) or is_held(delivery) or delivery.due_at is None:
        return False
    return delivery.due_at == own or delivery.due_at <= now


def _unreachable(contact: Contact) -> str:
    """Why no mail can go there; empty where one can."""
    if contact.erased:
        return "the person's data were erased"
    if not contact.active:
        return "the contact is no longer active"
    return "" if contact.email else "the contact has no address"


def _step(stored: Stored[Delivery]) -> Step:
    origin = Origin(actor=SENDER, correlation_id=stored.correlation_id, causation_id=stored.state.event_id)
    return Step(origin=origin)
