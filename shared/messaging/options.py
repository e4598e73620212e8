"""What messaging must be told, taken from a service's settings by its composition root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

SESSION_TIMEOUT_MS = 30_000
FETCH_MAX_WAIT_MS = 500
BATCH_SIZE = 200
"""What is taken where nobody sets it; the settings say what each is."""

BROKERS_CHOICE = -1
"""Replication factor that leaves the number to the cluster's own default."""


class Settings(Protocol):
    """The settings used here; the runtime's have these names."""

    @property
    def kafka(self) -> Sequence[str]: ...
    @property
    def kafka_partitions(self) -> int: ...
    @property
    def kafka_session_timeout_ms(self) -> int: ...
    @property
    def kafka_fetch_max_wait_ms(self) -> int: ...
    @property
    def kafka_batch_size(self) -> int: ...
    @property
    def parking_share(self) -> float: ...
    @property
    def parking_keys(self) -> int: ...
    @property
    def parking_window_seconds(self) -> int: ...
    @property
    def idempotency_hours(self) -> int: ...
    @property
    def stop_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaOptions:
    """`addresses` are host:port, one each. Times are in milliseconds, `stop_seconds` bounds one stop altogether.

    `topic_prefix` stands before every topic's name and serves tests that share one broker.
    """

    addresses: tuple[str, ...]
    client_id: str
    session_timeout_ms: int = SESSION_TIMEOUT_MS
    fetch_max_wait_ms: int = FETCH_MAX_WAIT_MS
    batch_size: int = BATCH_SIZE
    metadata_max_age_ms: int = 60_000
    topic_prefix: str = ""
    stop_seconds: float = 5.0

    def __post_init__(self) -> None:
        if not self.addresses or any("," in address or ":" not in address for address in self.addresses):
            raise ValueError("addresses: give a tuple of host:port, one for each broker; a comma list is not split")

    @classmethod
    def of(cls, settings: Settings, service: str, *, topic_prefix: str = "") -> KafkaOptions:
        """From a service's settings. Messaging takes 0.6 of the process' time for a stop; HTTP ends before it."""
        return cls(
            addresses=tuple(settings.kafka),
            client_id=service,
            session_timeout_ms=settings.kafka_session_timeout_ms,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            batch_size=settings.kafka_batch_size,
            topic_prefix=topic_prefix,
            stop_seconds=settings.stop_seconds * 0.6,
        )
