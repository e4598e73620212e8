"""What messaging measures. The runtime's metrics have these names; without them nothing is counted."""

from __future__ import annotations

from typing import Any, Protocol


class Count(Protocol):
    """A number that only grows."""

    def inc(self, amount: float = 1, /) -> None: ...


class Level(Protocol):
    """A number as it stands."""

    def set(self, value: float, /) -> None: ...


class Counts(Protocol):
    """Counts by label."""

    def labels(self, *values: Any, **named: Any) -> Count: ...


class Levels(Protocol):
    """Levels by label."""

    def labels(self, *values: Any, **named: Any) -> Level: ...


class Metrics(Protocol):
    """The measures of consumers (labels `group`, `topic`) and of the relay (label `collection`)."""

    @property
    def events_handled(self) -> Counts: ...
    @property
    def events_retried(self) -> Counts: ...
    @property
    def events_parked(self) -> Counts: ...
    @property
    def events_repeated(self) -> Counts: ...
    @property
    def events_passed_over(self) -> Counts: ...
    @property
    def event_gaps(self) -> Counts: ...
    @property
    def commit_failures(self) -> Counts: ...
    @property
    def consumer_lag(self) -> Levels: ...
    @property
    def consumer_paused(self) -> Levels: ...
    @property
    def consumer_stopped(self) -> Levels: ...
    @property
    def outbox_oldest_seconds(self) -> Levels: ...
    @property
    def outbox_depth(self) -> Levels: ...
    @property
    def outbox_refused(self) -> Levels: ...
    @property
    def publish_retries(self) -> Counts: ...
    @property
    def store_away(self) -> Counts: ...


class _Nothing:
    """Takes every number and keeps none."""

    def labels(self, *values: Any, **named: Any) -> _Nothing:  # noqa: ARG002 - the shape of the port
        return self

    def inc(self, amount: float = 1, /) -> None:
        """Nothing."""

    def set(self, value: float, /) -> None:
        """Nothing."""


class NullMetrics:
    """Counts nothing."""

    def __init__(self) -> None:
        nothing = _Nothing()
        self.events_handled = nothing
        self.events_retried = nothing
        self.events_parked = nothing
        self.events_repeated = nothing
        self.events_passed_over = nothing
        self.event_gaps = nothing
        self.commit_failures = nothing
        self.consumer_lag = nothing
        self.consumer_paused = nothing
        self.consumer_stopped = nothing
        self.outbox_oldest_seconds = nothing
        self.outbox_depth = nothing
        self.outbox_refused = nothing
        self.publish_retries = nothing
        self.store_away = nothing
