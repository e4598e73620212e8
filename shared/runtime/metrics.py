"""The catalogue of Prometheus metrics: each declared once, with its meaning; one registry per service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HTTP_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; a write takes a few milliseconds, and 5 s is when a caller must have heard 503."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric as documented."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


class Metrics:
    """All metrics of one service. Two of them in one process do not meet: nothing is registered globally."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.catalogue: list[Measure] = []
        ProcessCollector(registry=self.registry)

        self.http_requests = self._counter("http_requests", "HTTP requests answered", ("method", "route", "status"))
        self.http_seconds = self._histogram(
            "http_request_seconds", "Seconds until an HTTP request was answered", ("method", "route")
        )
        event = ("group", "topic")
        self.events_handled = self._counter("events_handled", "Events whose effects were applied", event)
        self.events_retried = self._counter("events_retried", "Repeated attempts after a transient fault", event)
        self.events_parked = self._counter("events_parked", "Events set aside for an operator", event)
        self.events_repeated = self._counter("events_repeated", "Events met again and left without effect", event)
        self.events_passed_over = self._counter(
            "events_passed_over", "Catalogued events this consumer has no use for", event
        )
        self.event_gaps = self._counter(
            "event_gaps", "Events whose predecessor is missing on a topic kept for ever", event
        )
        self.commit_failures = self._counter("commit_failures", "Commits of offsets that failed", event)
        self.consumer_lag = self._gauge(
            "consumer_lag", "Records that wait to be consumed", ("group", "topic", "partition")
        )
        self.consumer_paused = self._gauge(
            "consumer_paused", "1 while a consumer waits for store, broker or room in its parking lot", event
        )
        self.consumer_stopped = self._gauge(
            "consumer_stopped", "1 once a consumer has stopped by itself and waits for a restart", event
        )
        self.parked_keys = self._gauge("parked_keys", "Keys whose events wait in the parking lot", event)
        self.outbox_oldest_seconds = self._gauge(
            "outbox_oldest_seconds", "Age in seconds of the oldest announcement not yet confirmed", ("collection",)
        )
        self.outbox_depth = self._gauge(
            "outbox_depth", "Documents with announcements not yet confirmed", ("collection",)
        )
        self.outbox_refused = self._gauge(
            "outbox_refused", "Documents whose next announcement Kafka refuses as it is", ("collection",)
        )
        self.publish_retries = self._counter(
            "publish_retries", "Times a record was not confirmed by Kafka and is published again", ("collection",)
        )
        self.deadlines_late = self._gauge(
            "deadlines_late", "Aggregates with a deadline more than a minute overdue", ("service",)
        )
        self.store_away = self._counter(
            "store_away", "Attempts to which the database, or Kafka from a handler, did not answer", ("where",)
        )
        self.unfilled_functions = self._counter(
            "unfilled_functions", "Notices for a function that nobody holds", ("function",)
        )
        self.deliveries_made = self._counter("deliveries_made", "Deliveries made", ("type", "channel"))
        self.deliveries_ended = self._counter(
            "deliveries_ended", "Mails handed over (sent) or given up (failed)", ("type", "state")
        )
        self.check_red = self._gauge("check_red", "1 while a check of /health/ready is red", ("check",))
        self.open_work = self._gauge(
            "open_work", "Documents in a state in which they wait for somebody, up to 10,000", ("collection", "state")
        )

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, meaning: str, labels: Sequence[str]) -> Counter:
        self._note(f"{name}_total", "counter", meaning, labels)
        return Counter(f"entente_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, labels: Sequence[str]) -> Gauge:
        self._note(name, "gauge", meaning, labels)
        return Gauge(f"entente_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, labels: Sequence[str]) -> Histogram:
        self._note(name, "histogram", meaning, labels)
        return Histogram(f"entente_{name}", meaning, labels, registry=self.registry, buckets=HTTP_BUCKETS)

    def _note(self, name: str, kind: str, meaning: str, labels: Sequence[str]) -> None:
        self.catalogue.append(Measure(f"entente_{name}", kind, tuple(labels), meaning))


def table(metrics: Metrics | None = None) -> str:
    """A markdown table of all metrics."""
    rows = [
        f"| `{measure.name}` | {measure.kind} | {', '.join(measure.labels)} | {measure.meaning} |"
        for measure in (metrics or Metrics()).catalogue
    ]
    return "\n".join(["| Metric | Kind | Labels | Meaning |", "|---|---|---|---|", *rows]) + "\n"
