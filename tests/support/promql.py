"""What a PromQL expression asks for: metrics, the labels it picks or groups by, and the values it picks. Enough for
rules and panels."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_args

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.notifications.domain.delivery import Channel, State
from shared.runtime.metrics import Measure, Metrics
from tests.support.built import SERVICES, built

OF_PROMETHEUS = {
    "up": frozenset({"job", "instance"}),
    "ALERTS": frozenset({"job", "alertname", "alertstate", "severity"}),
    "process_resident_memory_bytes": frozenset({"job", "instance"}),
    "process_cpu_seconds_total": frozenset({"job", "instance"}),
}
"""Metrics that Prometheus or its client library makes, with their labels."""

ADDED = frozenset({"job", "instance"})
"""Labels that Prometheus adds to everything it scrapes."""

SHOWN_LATER: Mapping[str, list[dict[str, str]]] = {
    "entente_deliveries_made_total": [{"channel": channel} for channel in get_args(Channel)],
    "entente_deliveries_ended_total": [{"state": State.SENT.value}, {"state": State.FAILED.value}],
}
"""Series that begin with the first thing counted: their labels of which all values are known."""

_WORDS = re.compile(r"[\w.-]+(\|[\w.-]+)*")
"""A regular expression that names its values one by one."""

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


@cache
def shown() -> Mapping[str, list[dict[str, str]]]:
    """The labels of every series by the name of its metric: those that the services show from their start, and
    SHOWN_LATER."""
    series: dict[str, list[dict[str, str]]] = defaultdict(list, {name: [*some] for name, some in SHOWN_LATER.items()})
    for service in SERVICES:
        for family in text_string_to_metric_families(asyncio.run(_exposed(service))):
            for sample in family.samples:
                series[sample.name].append({**sample.labels, "job": service})
    return series


async def _exposed(service: str) -> str:
    transport = httpx.ASGITransport(built(service).app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{service}") as client:
        return (await client.get("/metrics")).text


def faults(expression: str) -> Iterator[str]:
    """What the expression asks for that no service has: metrics, labels of the metrics it names, and values that are
    picked where all values are known."""
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
    for name, picked in re.findall(r"(\w+)\s*\{([^}]*)\}", expression):
        yield from _values_of_none(name, picked)


def _values_of_none(name: str, picked: str) -> Iterator[str]:
    """Whether it picks or leaves out: what is named must be there, all of it in one series."""
    series = shown().get(name, [])
    known_labels = {label for labels in series for label in labels}
    choices: list[list[tuple[str, str]]] = []
    for label, operator, value in re.findall(r"(\w+)\s*(=~|!~|!=|=)\s*\"([^\"]*)\"", picked):
        named = value.split("|") if "~" in operator and _WORDS.fullmatch(value) else [value]
        if label == "job":
            yield from (f"no service is called {job}" for job in named if job not in SERVICES)
        elif label in known_labels:
            choices.append([(label, one) for one in named])
    for together in map(dict, itertools.product(*choices)):
        if together and not any(together.items() <= labels.items() for labels in series):
            asked = ", ".join(f'{label}="{value}"' for label, value in together.items())
            yield f"no service shows {name}{{{asked}}}"
