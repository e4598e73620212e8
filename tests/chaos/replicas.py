"""Two processes of each service on one cluster: the same group, the same database, ports of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

import httpx

from deploy.demo.interfaces import Interfaces
from deploy.embedded.stack import Service, Stack
from deploy.services import SERVICES
from tests.chaos.plan import REPLICAS, replicas, service_of
from tests.support.copies import SEND_LEASE_SECONDS
from tests.support.load import CALL_SECONDS, PAUSE_SECONDS

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "registration": {},
    # answers travel through elections of 12 s and starts of 6 s: with less, hardly an offer is accepted in time
    "matching": {"ENTENTE_OFFER_RESPONSE": "30 seconds"},
    "notifications": {"ENTENTE_SMTP_TIMEOUT_SECONDS": "5", "ENTENTE_SEND_LEASE_SECONDS": str(SEND_LEASE_SECONDS)},
}
READY_WITHIN = 240.0
"""Six processes that import their libraries and make indexes on two cores beside six servers: 120 s were not enough
with the machine shared (load average above 15)."""


def databases() -> dict[str, str]:
    """Service -> database; the cluster is this run's own."""
    return {service: f"chaos_{service}" for service in SERVICES}


def stack_of_replicas(directory: Path) -> Stack:
    """All replicas as children of one stack. The servers are taken from ENTENTE_KAFKA and ENTENTE_MONGODB."""
    common = {"ENTENTE_KAFKA_FETCH_MAX_WAIT_MS": "500"}  # a real broker answers a waiting fetch at once
    return Stack(
        services=[
            Service(name, (sys.executable, "-m", f"services.{service_of(name)}"), service_of(name) == "notifications")
            for name in replicas()
        ],
        extra_env={
            name: {**common, **SETTINGS[service_of(name)], "ENTENTE_DATABASE": databases()[service_of(name)]}
            for name in replicas()
        },
        directory=directory,
        logs=directory / "logs",
        ready_within=READY_WITHIN,
    )


class AnyReplica(Interfaces):
    """Callers that know every replica of a service and ask them in turn: a repeated call meets another one."""

    def __init__(self, stack: Stack, patience: float) -> None:
        places = {service: [stack.urls[f"{service}-{n + 1}"] for n in range(REPLICAS)] for service in SERVICES}
        client = httpx.AsyncClient(timeout=CALL_SECONDS)
        super().__init__({}, stack.issuer, client, patience=patience, pause=PAUSE_SECONDS)
        self._turns = {service: cycle(urls) for service, urls in places.items()}

    def place(self, service: str) -> str:
        """The replica whose turn it is."""
        return next(self._turns[service])
