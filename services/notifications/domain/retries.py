"""One call that has many failed mails tried again: what it asks for, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.notifications.domain.delivery import Delivery, State, again

MOST = 500
"""Failed mails that one call looks at: about a second of writes, and a caller must have an answer within five."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which failed mails: all that is given must match. `reason` is a part of what the mail server said, in any case;
    `since` and `until` are about the event a notice tells of, from the one instant to before the other, UTC."""

    limit: int
    after: str | None = None
    channel: str | None = None
    type: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, delivery: Delivery) -> bool:
        """Whether this one is meant."""
        return (
            self.channel in (None, delivery.channel)
            and self.type in (None, delivery.type)
            and (self.reason or "").casefold() in (delivery.failure or "").casefold()
            and (self.since is None or delivery.occurred_at >= self.since)
            and (self.until is None or delivery.occurred_at < self.until)
        )


class Retries(BaseModel):
    """The call as it was decided: `deliveries` are those to be tried again, `next` is where the next call goes on.
    `queued` once all of them are: a repeat has nothing left to do then."""

    model_config = ConfigDict(frozen=True)

    id: str
    looked_at: int
    deliveries: tuple[str, ...]
    next: str | None
    queued: bool = False


def again_in(delivery: Delivery, call: str, until: datetime) -> Delivery:
    """The mail tried again by this call, once: one that has failed anew since, or has not failed, stays as it is."""
    if delivery.state is not State.FAILED or delivery.retried_in == call:
        return delivery
    return again(delivery, until).model_copy(update={"retried_in": call})
