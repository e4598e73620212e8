"""What each replica of a service has done, by its own metrics."""

from __future__ import annotations

import re
from dataclasses import dataclass

READ = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/metrics', timeout=5).read().decode())"
_SAMPLE = re.compile(r"^(entente_\w+)\{(.*)\} ([0-9.e+]+)$")
_OF_PROBES = ("/health", "/metrics")


@dataclass(frozen=True, slots=True)
class Work:
    """Work of one replica: requests answered (not those of probes), and events handled."""

    replica: str
    requests: int
    events: int


def work_of(replica: str, metrics: str) -> Work:
    """Read from the text of /metrics."""
    requests = events = 0.0
    for line in metrics.splitlines():
        if (sample := _SAMPLE.match(line)) is None:
            continue
        name, labels, value = sample.groups()
        if name == "entente_events_handled_total":
            events += float(value)
        elif name == "entente_http_requests_total" and not any(f'route="{probe}' in labels for probe in _OF_PROBES):
            requests += float(value)
    return Work(replica, int(requests), int(events))


def idle(work: list[Work], replicas: int) -> list[str]:
    """What is missing for "all of them were reached": by callers and by events."""
    missing = [] if len(work) == replicas else [f"{len(work)} replicas run instead of {replicas}"]
    missing += [f"{one.replica} answered no caller" for one in work if not one.requests]
    return missing + [f"{one.replica} handled no event" for one in work if not one.events]


def not_replaced(before: list[str], after: list[str]) -> list[str]:
    """What is missing for "each is another one, and they are as many": `before` and `after` are ids of containers."""
    wrong = [f"{one[:12]} was not replaced" for one in before if one in after]
    return wrong if len(after) == len(before) else [*wrong, f"{len(after)} replicas run instead of {len(before)}"]
