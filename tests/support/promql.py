"""What a PromQL expression asks for: metrics, and the labels it picks or groups by. Enough for rules and panels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.runtime.metrics import Measure, Metrics

OF_PROMETHEUS = {
    "up": frozenset({"job", "instance"}),
    "ALERTS": frozenset({"job", "alertname", "alertstate", "severity"}),
    "process_resident_memory_bytes": frozenset({"job", "instance"}),
    "process_cpu_seconds_total": frozenset({"job", "instance"}),
}
"""Metrics that Prometheus or its client library makes, with their labels."""

ADDED = frozenset({"job", "instance"})
"""Labels that Prometheus adds to everything it scrapes."""

_HISTOGRAM = ("_bucket", "_sum", "_count")


def known() -> dict[str, frozenset[str]]:
    """Every series a service exposes, by name, with its labels."""
    series = dict(OF_PROMETHEUS)
    for measure in Metrics().catalogue:
        series.update(_series(measure))
    return series


def _series(measure: Measure) -> dict[str, frozenset[str]]:
    labels = frozenset(measure.labels) | ADDED
    if measure.kind != "histogram":
        return {measure.name: labels}
    return {measure.name + suffix: labels | ({"le"} if suffix == "_bucket" else set()) for suffix in _HISTOGRAM}


def faults(expression: str) -> Iterator[str]:
    """What the expression asks for that no service has: metrics, and labels of the metrics it names."""
    series = known()
    names = set(re.findall(r"\b(?:entente_\w+|process_\w+|up|ALERTS)\b", expression))
    if not names:
        yield "it names no metric"
    for name in sorted(names - series.keys()):
        yield f"there is no metric {name}"
    labels: set[str] = set()
    for name in names & series.keys():
        labels |= series[name]
    grouped = re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", expression)
    asked = {label.strip() for group in grouped for label in group.split(",")}
    for picked in re.findall(r"\{([^}]*)\}", expression):
        asked |= set(re.findall(r"(\w+)\s*[=!]", re.sub(r'"[^"]*"', '""', picked)))
    for label in sorted(asked - labels):
        yield f"its metrics have no label {label}"
