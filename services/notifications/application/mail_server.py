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
    minute. Where the one that asks is late by `grace` (it was withdrawn, or sent by another replica), the next that
    comes up asks in its place.
    """

    def __init__(self, clock: Clock, looks: Looks, grace: timedelta) -> None:
        self._clock = clock
        self._looks = looks
        self._grace = grace
        self._since: datetime | None = None
        self._look_at = clock.now()
        self._pause: timedelta | None = None
        self._asks = ""
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

    def holds(self, delivery_id: str) -> tuple[str, datetime] | None:
        """Why this mail may not be tried now, and when it is to be looked at again; None where it may."""
        if self._since is None:
            return None
        now, asks = self._clock.now(), delivery_id == self._asks
        if now >= self._look_at + (timedelta() if asks else self._grace):
            self._asks = delivery_id
            return None
        return self._why, self._look_at if asks else now + self._looks.held

    def went_away(self, delivery_id: str, why: str) -> datetime:
        """This mail has found it away; when it is to be looked at again."""
        now, self._why = self._clock.now(), why
        if self._since is None:
            log.warning("mail_server.away", why=why)
            self._since, self._asks = now, delivery_id
        elif delivery_id != self._asks:
            return now + self._looks.held
        self._pause = self._looks.after(self._pause)
        self._look_at = now + self._pause
        return self._look_at

    def is_back(self) -> bool:
        """It has answered about a mail; whether it was away until now."""
        self._has_answered = True
        if self._since is None:
            return False
        log.info("mail_server.back", away_seconds=round((self._clock.now() - self._since).total_seconds()))
        self._since, self._pause = None, None
        return True
