"""Settings are checked at the start, by name, and no secret is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.notifications.settings import NotificationsSettings
from shared.runtime.settings import table

NEEDED: dict[str, Any] = {"kafka": ["k:9092"], "mongodb": "mongodb://s", "issuer": "http://i.test"}


def _settings(**given: Any) -> NotificationsSettings:
    return NotificationsSettings(**{**NEEDED, **given})


def test_the_defaults_are_those_that_are_documented() -> None:
    settings = _settings()
    plan = settings.retry_plan
    pauses = [plan.pause_after(n) or timedelta() for n in range(1, settings.retry_attempts)]
    assert min(pauses) == timedelta(minutes=30), "RFC 5321: at least half an hour"
    assert max(pauses) == timedelta(hours=6)
    assert timedelta(days=4) <= sum(pauses, timedelta()) <= timedelta(days=5), "RFC 5321: four to five days"
    assert plan.pause_after(settings.retry_attempts) is None
    assert settings.times.lease > timedelta(seconds=settings.smtp_timeout_seconds)


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Brussels"},
        {"zone": "../etc/passwd"},
        {"mail_from": "nobody"},
        {"mail_from": "a@b.example\nBcc: c@d.example"},
        {"mail_domain": "a b"},
        {"mail_domain": "x>"},
        {"smtp_port": 0},
        {"retry_attempts": 0},
        {"send_lease_seconds": 5, "smtp_timeout_seconds": 10},
        {"retry_first_seconds": 10, "retry_most_seconds": 1},
    ],
    ids=lambda wrong: ",".join(f"{k}" for k in wrong),
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _settings(**wrong)


def test_the_password_is_not_shown() -> None:
    assert "s3cret" not in str(_settings(smtp_password="s3cret").shown())


def test_every_number_of_the_business_says_where_it_comes_from() -> None:
    rows = {line.split("`")[1]: line for line in table(NotificationsSettings).splitlines()[2:]}
    ruled = ["RETRY_ATTEMPTS", "RETRY_FIRST_SECONDS", "RETRY_MOST_SECONDS"]
    ours = ["SEND_LEASE_SECONDS", "LOOK_AGAIN_SECONDS", "SMTP_AWAY_SECONDS"]
    assert all("RFC 5321" in rows[f"ENTENTE_{number}"] for number in ruled)
    assert all("no public source" in rows[f"ENTENTE_{number}"] for number in ours)
