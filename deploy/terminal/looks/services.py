"""The three services as an operator must know them: answering, ready, and set up like this terminal."""

from __future__ import annotations

import asyncio
import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.services import SERVICES
from deploy.terminal.asking import Asking
from deploy.terminal.failing import Failed, Misplaced
from deploy.terminal.looks.clock import judged, off_by
from deploy.terminal.looks.finding import Finding, State
from deploy.terminal.looks.replicas import Replica, replicas_of
from deploy.terminal.settings import TerminalSettings, variable_of

SECONDS = 5.0
SHARED = ("issuer", "audience", "kafka_partitions")
"""Settings that must be the same in all services: who may call, and where an event's key lies."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a replica says of itself. `red` names its red checks; None where it does not answer. `address` tells the
    replicas of a service apart; empty where its name leads to one place alone."""

    service: str
    red: tuple[str, ...] | None
    why: str = ""
    off: timedelta = timedelta()
    address: str = ""

    @property
    def who(self) -> str:
        """The service, with the replica's address where there are several."""
        return f"{self.service} at {self.address}" if self.address else self.service

    @property
    def ready(self) -> bool:
        """Whether it answers and every check is green."""
        return self.red == ()


async def readiness(settings: TerminalSettings) -> list[Readiness]:
    """Each replica's own word, asked side by side."""
    found = await asyncio.gather(*(replicas_of(settings.services[name]) for name in SERVICES))
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        all_ = [(name, replica) for name, those in zip(SERVICES, found, strict=True) for replica in those]
        return list(await asyncio.gather(*(_ready(http, name, replica) for name, replica in all_)))


async def _ready(http: httpx.AsyncClient, service: str, replica: Replica) -> Readiness:
    asked, url, address = datetime.now(UTC), replica.url, replica.address
    try:
        answer = await replica.get(http, "/health/ready")
        said = answer.json()
        if (who := said.get("service", service)) != service:
            return Readiness(service, None, f"what answers at {url} is {who}, not {service}", address=address)
        red = tuple(f"{c['name']}: {c['reason']}" for c in said["checks"] if not c["ok"])
    except httpx.HTTPError as error:
        return Readiness(service, None, f"does not answer at {url}: {type(error).__name__}", address=address)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Readiness(
            service, None, f"what answers at {url} is not {service} ({answer.status_code})", address=address
        )
    return Readiness(service, red, off=_off(answer, asked), address=address)


def _off(answer: httpx.Response, asked: datetime) -> timedelta:
    try:
        told = email.utils.parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return timedelta()
    return off_by(told, asked, datetime.now(UTC), timedelta(seconds=1))


async def look_at_services(settings: TerminalSettings) -> tuple[list[Finding], dict[str, dict[str, Any]]]:
    """Reachability, readiness, clock, tokens and settings; and how each service that tells is set up."""
    found: list[Finding] = []
    all_ = await readiness(settings)
    for one in all_:
        found += _health(one)
    answering = dict.fromkeys(one.service for one in all_ if one.red is not None)
    setups: dict[str, dict[str, Any]] = {}
    async with Asking(settings) as ask:
        for service in answering:
            try:
                setups[service] = await ask.setup(service)
            except Misplaced as error:
                what, _, mend = str(error).partition(": ")
                found.append(Finding(service, State.AWAY, what, mend))
            except Failed as error:
                found.append(
                    Finding("settings", State.UNKNOWN, str(error), "set ENTENTE_TOKEN to a token of an operator")
                )
    return found + agreement(settings, setups), setups


def _health(one: Readiness) -> list[Finding]:
    where = f"at {one.address} " if one.address else ""
    if one.red is None:
        mend = f"start {one.service}, or correct ENTENTE_SERVICES"
        return [Finding(one.service, State.AWAY, f"{where}{one.why}", mend)]
    found = [judged(f"the clock of {one.who}", one.off)]
    if one.ready:
        return [Finding(one.service, State.OK, f"{where}answers and is ready"), *found]
    mend = f"mend what it waits for (here, or in its log); its log says more: event 'check is red' of {one.service}"
    return [*(Finding(one.service, State.WRONG, f"{where}is not ready: {red}", mend) for red in one.red), *found]


def agreement(settings: TerminalSettings, setups: dict[str, dict[str, Any]]) -> list[Finding]:
    """Whether services and terminal were told the same. Pure."""
    found = []
    for service, setup in setups.items():
        told, ours = setup["settings"], settings.databases[service]
        if told["database"] != ours:
            what = f"{service} works on database {told['database']}, this terminal looks at {ours}"
            mend = f"name {service}={told['database']} in {variable_of('databases')}"
            found.append(Finding("settings", State.WRONG, what, mend))
        if told["kafka_partitions"] != str(settings.kafka_partitions):
            what = f"{service} expects {told['kafka_partitions']} partitions, this terminal {settings.kafka_partitions}"
            mend = f"set {variable_of('kafka_partitions')}={told['kafka_partitions']} here"
            found.append(Finding("settings", State.WRONG, what, mend))
    for name in SHARED:
        values = {service: setup["settings"].get(name, "") for service, setup in setups.items()}
        if len(set(values.values())) > 1:
            what = f"{name} differs: " + ", ".join(f"{service} {value}" for service, value in values.items())
            mend = f"set {variable_of(name)} alike for all services and restart those that differ"
            found.append(Finding("settings", State.WRONG, what, mend))
    if setups and not found:
        found.append(Finding("settings", State.OK, f"{', '.join(setups)} and this terminal were told the same"))
    return found
