"""What this service is told from outside, beyond what every service is told."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic.config import JsonDict

from services.notifications.domain.notice import Times
from services.notifications.domain.retrying import Looks, RetryPlan
from shared.runtime.settings import DEFAULT, DatabaseName, HostName, Settings, ZoneName

RFC_5321: JsonDict = {"source": "RFC 5321 4.5.4.1: at least 30 minutes apart, for 4 to 5 days"}
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?")


def _domain(value: str) -> str:
    if _DOMAIN.fullmatch(value) is None:
        raise ValueError("a mail domain has letters, digits, dots and hyphens, for example facility.example")
    return value


def _sender(value: str) -> str:
    _, address = parseaddr(value)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or "\n" in value:
        raise ValueError("a sender is an address, or a name and an address: Facility <no-reply@facility.example>")
    return value


class NotificationsSettings(Settings):
    """Settings of the notifications service."""

    database: DatabaseName = Field("notifications", description="this service's own database")
    http_port: int = Field(8003, ge=0, le=65535, description="port of the HTTP interface; 0 takes any free one")
    smtp_host: HostName = Field("127.0.0.1", description="mail server that takes our mails")
    smtp_port: int = Field(25, ge=1, le=65535, description="port of the mail server")
    smtp_user: str | None = Field(
        None, description="name to sign in to the mail server, never without TLS; none for no sign-in"
    )
    smtp_password: SecretStr | None = Field(None, description="password for smtp_user")
    smtp_tls: bool = Field(
        False,
        description="speak TLS from the first byte; without it STARTTLS: required with smtp_user, else where offered",
    )
    smtp_timeout_seconds: float = Field(
        10, gt=0, le=60, json_schema_extra=DEFAULT,
        description="seconds a hand-over may take in all; a quarter more where it breaks off, to see whether the mail "
        "server is there still",
    )  # fmt: skip
    smtp_away_seconds: float = Field(
        60, ge=1, le=3600, json_schema_extra=DEFAULT,
        description="most seconds between two looks at a mail server that is away (the pauses double from 1 s); no "
        "mail is tried meanwhile, and no attempt is counted",
    )  # fmt: skip
    mail_from: Annotated[str, AfterValidator(_sender)] = Field(
        "Technical assistance facility <no-reply@facility.example>", description="sender of every mail"
    )
    mail_domain: Annotated[str, AfterValidator(_domain)] = Field(
        "facility.example", description="right side of every Message-ID; keep it: repeats are recognised by it"
    )
    zone: ZoneName = Field(
        "Europe/Brussels",
        json_schema_extra=DEFAULT,
        description="time zone in which instants are told, and named. Set it together with ENTENTE_ZONE of matching, "
        "which counts working days in it",
    )
    retry_attempts: int = Field(
        45, ge=1, le=50, json_schema_extra=RFC_5321,
        description="attempts to hand a mail over that the mail server puts off (4xx), before it has failed: with "
        "these pauses over four days; what it refuses (5xx) fails at once, a server that is away counts for none, and "
        "where a connection breaks five attempts within six minutes come before",
    )  # fmt: skip
    retry_first_seconds: float = Field(
        1800, gt=0, le=3600, json_schema_extra=RFC_5321,
        description="seconds between the first and the second attempt",
    )  # fmt: skip
    retry_most_seconds: float = Field(
        21_600, gt=0, le=86_400, json_schema_extra=RFC_5321,
        description="seconds before the last attempt; each pause is longer than the one before by the same factor",
    )  # fmt: skip
    send_lease_seconds: float = Field(
        30, gt=1, le=3600, json_schema_extra=DEFAULT,
        description="seconds a sender has a mail to itself; after a crash the sweep sends it then",
    )  # fmt: skip
    look_again_seconds: float = Field(
        600, ge=1, le=86_400, json_schema_extra=DEFAULT,
        description="seconds between two looks for a recipient nobody knows yet; an arrival is noticed at once",
    )  # fmt: skip
    resend_days: int = Field(
        14, ge=0, le=365, json_schema_extra=DEFAULT,
        description="days after its event in which a mail that failed goes to a corrected address by itself",
    )  # fmt: skip
    send_workers: int = Field(8, ge=1, le=200, json_schema_extra=DEFAULT, description="mails handed over side by side")
    send_queue: int = Field(
        5_000, ge=1, le=1_000_000, json_schema_extra=DEFAULT,
        description="mails that may wait in memory; what finds no room is sent by the sweep",
    )  # fmt: skip

    @model_validator(mode="after")
    def _lease_covers_a_hand_over(self) -> NotificationsSettings:
        if self.send_lease_seconds < 1.5 * self.smtp_timeout_seconds:
            raise ValueError("send_lease_seconds must be at least 1.5 times smtp_timeout_seconds")
        if self.retry_most_seconds < self.retry_first_seconds:
            raise ValueError("retry_most_seconds must not be less than retry_first_seconds")
        return self

    @property
    def retry_plan(self) -> RetryPlan:
        """The plan of these settings."""
        first, most = timedelta(seconds=self.retry_first_seconds), timedelta(seconds=self.retry_most_seconds)
        return RetryPlan(self.retry_attempts, first, most)

    @property
    def looks(self) -> Looks:
        """When a mail server that is away is asked again, by these settings."""
        return Looks(timedelta(seconds=1), timedelta(seconds=self.smtp_away_seconds))

    @property
    def times(self) -> Times:
        """Lease and look-again of these settings."""
        return Times(timedelta(seconds=self.send_lease_seconds), timedelta(seconds=self.look_again_seconds))
