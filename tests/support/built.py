"""Each service as it is really built, with three broker addresses and documents in memory; nothing connects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.matching.main import build as build_matching
from services.matching.settings import MatchingSettings
from services.notifications.main import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.registration.main import build as build_registration
from services.registration.settings import RegistrationSettings
from shared.clock import ManualClock
from shared.runtime.assembly import BuiltService, Replaced
from shared.runtime.settings import Settings
from shared.store import MemoryDocuments

BROKERS = ["kafka-1:9092", "kafka-2:9092", "kafka-3:9092"]
SERVICES: dict[str, tuple[Callable[..., BuiltService], type[Settings]]] = {
    "registration": (build_registration, RegistrationSettings),
    "matching": (build_matching, MatchingSettings),
    "notifications": (build_notifications, NotificationsSettings),
}


def built(service: str) -> BuiltService:
    """One of the three, by its name."""
    build, settings = SERVICES[service]
    given: dict[str, Any] = {"kafka": ",".join(BROKERS), "mongodb": "mongodb://unused:27017", "database": service}
    replaced = Replaced(clock=ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), documents=MemoryDocuments)
    return build(settings(**given, issuer="http://unused"), replaced)
