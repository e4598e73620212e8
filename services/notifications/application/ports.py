"""What the use cases need from outside: a way to hand over a mail, a way to word it, somebody to wake, gauges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notifications.domain.case import Case
from services.notifications.domain.delivery import Delivery
from shared.store import Stored


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in words."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be handed over. `delivery_id` becomes its Message-ID: a repeat is recognised by it."""

    delivery_id: str
    event_id: str
    type: str
    to_name: str
    to_address: str
    text: Text
    at: datetime


class MailServerAway(Exception):
    """The mail server takes no mail of ours at the moment, whatever the mail. The message carries no address."""


class NotHandedOver(Exception):
    """The mail server is there and did not take this mail, and that may mend itself. The message carries no address."""


class BrokenOff(NotHandedOver):
    """The connection ended in the middle of this mail, without a verdict on it, and the mail server is there still."""


class Unacceptable(Exception):
    """The mail server refused this mail for good. The message carries no address."""


class Mailer(Protocol):
    """Hands mails over to a mail server."""

    async def send(self, mail: Mail) -> None:
        """Return once the server has taken the mail over. Raises MailServerAway, NotHandedOver, BrokenOff or
        Unacceptable."""
        ...


class Wording(Protocol):
    """Puts a delivery into words."""

    def say(
        self, delivery: Delivery, *, name: str, language: str, case: Case | None, names: Mapping[str, str] | None = None
    ) -> Text:
        """The notice in `language` (English where it has no wording in it), addressed to `name` ("" for unknown), with
        `names` of others it tells, by id.

        Raises ValueError where the wording cannot be made from the delivery's facts.
        """
        ...


class Wake(Protocol):
    """Wakes the sender for mails that the caller has just queued, as it has written them: by the lease that stands
    there, `due_at`, the sender knows them for its own. Never waits and never fails: the sweep is the truth."""

    def __call__(self, queued: Sequence[Stored[Delivery]]) -> None: ...


class Gauges(Protocol):
    """What operators see of the deliveries."""

    def unfilled(self, function: str) -> None:
        """A function that nobody holds was to be told."""
        ...

    def made(self, type_: str, channel: str) -> None:
        """A delivery was made."""
        ...

    def ended(self, type_: str, state: str) -> None:
        """A mail was sent, or failed for good."""
        ...
