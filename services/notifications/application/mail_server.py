"""Whether the mail server can be reached, as this process finds it while it hands mails over."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from services.notifications.domain.retrying import Looks
from shared.clock import Clock

log = structlog.get_logger()


class MailServer:
    """Known by what came of the last mails: nothing else asks it.

    While it is away one mail asks for all of them, at growing intervals: the one that found out. The others are held
    without trying, so that an hour of it costs neither a mail its attempts nor the database a write per mail and
    minute. Every replica looks for itself, and any of them may come to the mail that asks for another one: so the next
    mail that comes up asks in its place where it is late by the first pause, and `grace` after one that has begun to
    ask and of which nothing is heard.
    """

    def __init__(self, clock: Clock, looks: Looks, grace: timedelta) -> None:
        self._clock = clock
        self._looks = looks
        self._grace = grace
        self._since: datetime | None = None
        self._look_at = clock.now()
        self._pause: timedelta | None = None
        self._asks = ""
        self._heard_by = self._look_at
        self._why = ""
        self._has_answered = False

    @property
    def is_away(self) -> bool:
        """Whether it is, as far as this process knows."""
        return self._since is not None

    @property
    def is_there(self) -> bool:
        """Whether it is, as far as this process knows; not before it has answered once."""
        return self._since is None and self._has_answered

    def holds(self, delivery_id: str, *, again: bool = False) -> tuple[str, datetime] | None:
        """Why this mail may not be tried now, and when it is to be looked at again; None where it may: then it asks.

        `again`: it has been held before. A new one is looked at when the next answer is due, for another replica may
        have found the server back; those that wait already must not all be written as often."""
        if self._since is None:
            return None
        now, free_at = self._clock.now(), self._free_at(delivery_id)
        if now >= free_at:
            self._asks, self._heard_by = delivery_id, now + self._grace
            return None
        answer_is_due = now >= max(self._look_at, self._heard_by)
        if again and delivery_id != self._asks and not answer_is_due:
            return self._why, now + self._looks.held
        return self._why, free_at

    def _free_at(self, delivery_id: str) -> datetime:
        if delivery_id == self._asks:
            return self._look_at
        return max(self._look_at + self._looks.first, self._heard_by)

    def is_said_away(self, delivery_id: str, why: str) -> None:
        """This mail, which comes up now, was held by a replica that found it away: it asks for this one too."""
        if self._since is None:
            log.warning("mail_server.away", why=why)
            self._since, self._why = self._clock.now(), why
            self._look_at, self._pause = self._since, None
            self._asks, self._heard_by = delivery_id, self._since + self._grace

    def went_away(self, delivery_id: str, why: str) -> datetime:
        """This mail has found it away; when it is to be looked at again."""
        now, self._why = self._clock.now(), why
        if self._since is None:
            log.warning("mail_server.away", why=why)
            self._since, self._asks = now, delivery_id
        elif delivery_id != self._asks:
            return self._free_at(delivery_id)
        self._pause = self._looks.after(self._pause)
        self._look_at, self._heard_by = now + self._pause, now
        return self._look_at

    def is_back(self) -> bool:
        """It has answered about a mail; whether it was away until now."""
        self._has_answered = True
        if self._since is None:
            return False
        log.info("mail_server.back", away_seconds=round((self._clock.now() - self._since).total_seconds()))
        self._since, self._pause = None, None
        return True
