"""What one run does. All of it follows from the seed: who dies when, for how long, and what the load decides."""

from __future__ import annotations

import random
from dataclasses import dataclass

from deploy.services import SERVICES

REPLICAS = 2
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
PRIMARY, SECONDARY = "mongo primary", "mongo secondary"
"""Which member that is turns out when the kill falls."""

STEPS = ("drafted", "submitted", "approved", "finalised", "ended")
"""Every case takes each of these once: a run's progress is counted in them, so that kills keep pace with the load."""

KILLS_PER_SERVER_KILL = 9
JITTER_SECONDS = 1.5
DOWN_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Kill:
    """`victim` dies `after` seconds after the load has taken `at` steps, and is started again `down` seconds later."""

    at: int
    after: float
    victim: str
    down: float


@dataclass(frozen=True, slots=True)
class Plan:
    """`kills` of services and `server_kills` of brokers and store members while `requests` whole cases run."""

    seed: int
    requests: int = 40
    kills: int = 80
    experts: int = 40
    at_once: int = 8
    """Cases side by side."""

    @property
    def server_kills(self) -> int:
        """One for every nine kills of services, at least one; none where nothing is to be killed."""
        return max(1, self.kills // KILLS_PER_SERVER_KILL) if self.kills else 0

    @property
    def steps(self) -> int:
        """All steps of all cases."""
        return self.requests * len(STEPS)

    def of_services(self) -> list[Kill]:
        """In order of their moments; every replica has its share."""
        chance = random.Random(f"{self.seed} kills of services")
        return self._spread(chance, _shares(chance, replicas(), self.kills))

    def of_servers(self) -> list[Kill]:
        """Brokers and store members, half and half; the store's primary twice as often as another member."""
        chance = random.Random(f"{self.seed} kills of servers")
        store = _shares(chance, (PRIMARY, PRIMARY, SECONDARY), self.server_kills - self.server_kills // 2)
        brokers = _shares(chance, BROKERS, self.server_kills // 2)
        victims = [*store, *brokers]
        chance.shuffle(victims)
        return self._spread(chance, victims)

    def _spread(self, chance: random.Random, victims: list[str]) -> list[Kill]:
        """Between 2 % and 95 % of the load, evenly but not regularly; half of the dead come back at once."""
        first, last = self.steps * 0.02, self.steps * 0.95
        each = (last - first) / max(1, len(victims))
        return [
            Kill(
                at=int(first + each * (number + chance.random())),
                after=round(chance.random() * JITTER_SECONDS, 3),
                victim=victim,
                down=round(chance.choice((0.0, chance.random() * DOWN_SECONDS)), 3),
            )
            for number, victim in enumerate(victims)
        ]


def replicas() -> tuple[str, ...]:
    """The names of all replicas of all services."""
    return tuple(f"{service}-{number}" for service in SERVICES for number in range(1, REPLICAS + 1))


def service_of(replica: str) -> str:
    """The service a replica runs."""
    return replica.rpartition("-")[0]


def _shares(chance: random.Random, among: tuple[str, ...], count: int) -> list[str]:
    """`count` of them, each as often as the others or once more, in an order of chance."""
    dealt: list[str] = []
    while len(dealt) < count:
        dealt += chance.sample(among, len(among))
    return dealt[:count]
