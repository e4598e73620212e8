"""Deliveries in numbers, for Prometheus."""

from __future__ import annotations

from shared.runtime.metrics import Metrics


class PrometheusGauges:
    """Counts in the service's registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._unfilled = metrics.unfilled_functions
        self._made = metrics.deliveries_made
        self._ended = metrics.deliveries_ended

    def unfilled(self, function: str) -> None:
        self._unfilled.labels(function=function).inc()

    def made(self, type_: str, channel: str) -> None:
        self._made.labels(type=type_, channel=channel).inc()

    def ended(self, type_: str, state: str) -> None:
        self._ended.labels(type=type_, state=state).inc()
