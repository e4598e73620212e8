"""Deliveries in numbers, for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter

from shared.runtime.metrics import Metrics


class PrometheusGauges:
    """Counts in the service's registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._unfilled = metrics.unfilled_functions
        self._made = Counter(
            "entente_deliveries_made", "Deliveries made", ("type", "channel"), registry=metrics.registry
        )
        self._ended = Counter(
            "entente_deliveries_ended",
            "Mails handed over (sent) or given up (failed)",
            ("type", "state"),
            registry=metrics.registry,
        )

    def unfilled(self, function: str) -> None:
        self._unfilled.labels(function=function).inc()

    def made(self, type_: str, channel: str) -> None:
        self._made.labels(type=type_, channel=channel).inc()

    def ended(self, type_: str, state: str) -> None:
        self._ended.labels(type=type_, state=state).inc()
