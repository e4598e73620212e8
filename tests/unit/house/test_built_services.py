"""Every consumer of every service as it is really built keeps the house's rules, with three broker addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.matching.main import build as build_matching
from services.matching.settings import MatchingSettings
from services.notifications.main import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.registration.main import build as build_registration
from services.registration.settings import RegistrationSettings
from shared.clock import ManualClock
from shared.contracts.catalogue import contracts_on
from shared.messaging.part import Messaging
from shared.runtime.assembly import Replaced
from shared.runtime.settings import Settings
from shared.store import MemoryDocuments
from tests.support.house_rules import broker_faults

BROKERS = ["kafka-1:9092", "kafka-2:9092", "kafka-3:9092"]
SERVICES: dict[str, tuple[Callable[..., Any], type[Settings]]] = {
    "registration": (build_registration, RegistrationSettings),
    "matching": (build_matching, MatchingSettings),
    "notifications": (build_notifications, NotificationsSettings),
}


def built(service: str) -> Messaging:
    build, settings = SERVICES[service]
    given: dict[str, Any] = {"kafka": ",".join(BROKERS), "mongodb": "mongodb://unused:27017", "database": service}
    replaced = Replaced(clock=ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), documents=MemoryDocuments)
    messaging = build(settings(**given, issuer="http://unused"), replaced).messaging
    assert isinstance(messaging, Messaging)
    return messaging


@pytest.mark.parametrize("service", SERVICES)
def test_every_consumer_keeps_the_rules(service: str) -> None:
    messaging = built(service)
    assert broker_faults(messaging.broker, service) == []
    assert messaging.broker._connection_kwargs["bootstrap_servers"] == BROKERS


@pytest.mark.parametrize("service", SERVICES)
def test_the_catalogue_names_the_consumers_that_there_are(service: str) -> None:
    heard = {member.consumer.subscription.topic for member in built(service).members}
    for topic in heard:
        assert all(service in contract.consumers for contract in contracts_on(topic)), topic.name
