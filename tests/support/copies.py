"""Records that lie on their topic twice, and mails that arrived twice: each is explained by one kill, or by none."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from deploy.audit import Copy, Findings
from shared.contracts.topics import TOPICS

T = TypeVar("T")
BROKER, STORE = "broker", "store"
SENDER = "notifications"

IN_HAND = 40
"""Most announcements, or mails, that one process has under way: the relay's 32 documents, the sender's workers."""

WINDOW_MS = 10_000
"""A record is taken out of its outbox as soon as it is confirmed, and a mail noted as soon as it is handed over: three
calls to the store, of at most 3 s each. What was done longer before a kill is not done again because of it."""

SETTLED_MS = 31_000
"""After a server is back: an election of 12 s, a pause of the relay of 2.5 s, three calls of 3 s, a sweep in 7."""

CAUGHT_MS = 2_000
"""What the dead had handed over may be written down by the mail catcher when they are gone."""

SEND_LEASE_SECONDS = 10
"""How long a mail is its sender's in the runs that kill. By default 30 s; a lease much shorter than the backlog takes
would be renewed all the time."""

AGAIN_MS = SEND_LEASE_SECONDS * 1_000 + 10_000 + 280_000
"""A mail of a dead sender goes out again when its lease is over, and the claim of whoever swept and died (10 s), and
what was killed works again: on two cores under a load of 40, the store emulated, a mail came again 248 s after the
first. It is patience alone: what ties a copy to a kill is when the first one came."""


@dataclass(frozen=True, slots=True)
class Kill:
    """What was killed, a service by its name, or BROKER or STORE for a server; when it was gone, and when a server was
    back: milliseconds since 1970, by the clock of records and mails."""

    victim: str
    at: int
    back: int = 0

    @property
    def settled(self) -> int:
        """When nothing that a server's end left open is open any more."""
        return max(self.at, self.back) + SETTLED_MS


def now_ms() -> int:
    """The instant of a kill that has just fallen."""
    return int(time.time() * 1000)


def arrivals(mails: Path) -> dict[str, list[int]]:
    """When each delivery's mails arrived, in milliseconds since 1970, from the files of the mail catcher."""
    arrived: dict[str, list[int]] = defaultdict(list)
    for file in sorted(mails.glob("*.eml")):
        delivery = file.name.partition("-")[2].partition("@")[0]
        arrived[delivery].append(file.stat().st_mtime_ns // 1_000_000)
    return dict(arrived)


def unexplained(
    findings: Findings, kills: Sequence[Kill], arrived: Mapping[str, Sequence[int]] | None = None
) -> dict[str, list[str]]:
    """In words, by `republished` and `mail_repeats`, the copies that no kill explains. A kill explains what was under
    way in the moment it fell, at most IN_HAND copies of each kind; `arrived` says when each mail came."""
    left = _left(findings.republished, kills, _explains_record)
    return {
        "republished": [f"{copy} and no kill explains it" for copy in left],
        "mail_repeats": _mails(findings.mail_repeats, kills, arrived or {}),
    }


def _explains_record(kill: Kill, copy: Copy) -> bool:
    """A service's kill the records it had just published; a server's those of any service that was under way then."""
    if kill.victim in (BROKER, STORE):
        return all(kill.at - WINDOW_MS <= instant <= kill.settled for instant in (copy.before, copy.published))
    own = kill.victim == TOPICS[copy.topic].producer
    return own and kill.at - WINDOW_MS <= copy.before <= kill.at <= copy.published


def _mails(found: Iterable[str], kills: Sequence[Kill], arrived: Mapping[str, Sequence[int]]) -> list[str]:
    strange, twice = [], []
    for said in found:
        delivery = said.partition(" ")[0]
        again = [(delivery, *both) for both in pairwise(arrived.get(delivery, ()))]
        twice += again
        if not again:
            strange.append(f"{said} and nobody knows when")
    return strange + [
        f"{delivery} arrived again after {second - first} ms and no kill explains it"
        for delivery, first, second in _left(twice, kills, _explains_mail)
    ]


def _explains_mail(kill: Kill, mail: tuple[str, int, int]) -> bool:
    """The end of its sender, or of the store, before the mail was noted as sent."""
    _, first, second = mail
    if kill.victim not in (SENDER, STORE):
        return False
    over = kill.at + CAUGHT_MS if kill.victim == SENDER else kill.settled
    latest = (kill.at if kill.victim == SENDER else kill.settled) + AGAIN_MS
    return kill.at - WINDOW_MS <= first <= over and kill.at <= second <= latest


def _left(copies: Sequence[T], kills: Sequence[Kill], explains: Callable[[Kill, T], bool]) -> list[T]:
    """The copies that remain when each kill explains at most IN_HAND, dealt out so that as few as can be remain."""
    by_kill: dict[int, list[int]] = defaultdict(list)
    causes = [[n for n, kill in enumerate(kills) if explains(kill, copy)] for copy in copies]

    def dealt(copy: int, asked: set[int]) -> bool:
        for kill in causes[copy]:
            if kill in asked:
                continue
            asked.add(kill)
            if len(by_kill[kill]) < IN_HAND:
                by_kill[kill].append(copy)
                return True
            for other in by_kill[kill]:
                if dealt(other, asked):
                    by_kill[kill].remove(other)
                    by_kill[kill].append(copy)
                    return True
        return False

    return [copy for n, copy in enumerate(copies) if not dealt(n, set())]
