"""Records that lie on their topic twice, and mails that arrived twice: each is explained by one kill, or by none."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from deploy.audit import Copy, Findings
from shared.contracts.topics import TOPICS
from shared.messaging.backoff import AWAY
from shared.messaging.relay_policy import LEFT_BEHIND

BROKER, STORE = "broker", "store"
SENDER = "notifications"

IN_HAND = 40
"""Most announcements, or mails, that one process has under way: the relay's 32 documents, the sender's workers."""

WINDOW_MS = 10_000
"""A record is taken out of its outbox as soon as it is confirmed, and a mail noted as soon as it is handed over: three
calls to the store, of at most 3 s each. What was done longer before a kill is not done again because of it."""

TAKEN_OVER_MS = LEFT_BEHIND // timedelta(milliseconds=1)
"""From its announcement on, for so long nobody but its announcer publishes a record; of two publications by two
processes the second comes later."""

ANEW_MS = int(AWAY.first * 1_000)
"""For so long a relay waits before it publishes again itself what Kafka did not confirm."""

STOOD_IN_MS = 13_000
"""After a server's end another does its part: an election of the store takes 12 s; a broker is missed after 9 s, and
after 3 s more where it led the controllers. The start script returns no earlier than the store has a primary."""

ANSWERED_MS = 12_000
"""After that, whoever waited has an answer: a pause of the relay of 2.5 s, and three calls of 3 s."""

SETTLED_MS = 31_000
"""After a server is back: an election of 12 s, a pause of the relay of 2.5 s, three calls of 3 s, a sweep in 7."""

CAUGHT_MS = 2_000
"""What the dead had handed over may be written down by the mail catcher when they are gone."""

SEND_LEASE_SECONDS = 10
"""How long a mail is its sender's in the runs that kill. By default 30 s; a lease much shorter than the backlog takes
would be renewed all the time."""

LEASED_MS = 1_000
"""Between two arrivals of a mail: the second is sent when the lease of the first is over, which had 3.75 s left or more
when its sender began; of those the catcher may take 2 s, and reading and handing over the rest but for this."""

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
    def over(self) -> int:
        """When a server, or who stands in for it, was there again."""
        return max(self.at + STOOD_IN_MS, self.back)

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


def put_off(log: Path) -> Counter[str]:
    """How often a sender says in its log that it could not note a delivery, its store being away: an emulated one
    beside others on two cores has not answered within the three calls of 3 s."""
    said = Counter[str]()
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if '"delivery.postponed"' in line and '"the database is away"' in line:
            said[json.loads(line)["delivery"]] += 1
    return said


def unexplained(
    findings: Findings,
    kills: Sequence[Kill],
    arrived: Mapping[str, Sequence[int]] | None = None,
    postponed: Mapping[str, int] | None = None,
) -> dict[str, list[str]]:
    """In words, by `republished` and `mail_repeats`, the copies that no kill explains. A kill explains what was under
    way in the moment it fell, at most IN_HAND copies of each kind; `arrived` says when each mail came. Each time that a
    mail is said to be `postponed` (`put_off`) explains one repeat of that mail."""
    return {
        "republished": _records(findings.republished, kills),
        "mail_repeats": _mails(findings.mail_repeats, kills, arrived or {}, postponed or {}),
    }


def instants(
    findings: Findings, kills: Sequence[Kill], arrived: Mapping[str, Sequence[int]] | None = None
) -> dict[str, Any]:
    """What `unexplained` goes by, for a report: all kills, all copies, and the arrivals of each mail that came again.
    In milliseconds since 1970."""
    return {
        "kills": [asdict(kill) for kill in kills],
        "records": [asdict(copy) for copy in findings.republished],
        "mails": {delivery: list(came) for delivery, came in (arrived or {}).items() if len(came) > 1},
    }


def _records(copies: Sequence[Copy], kills: Sequence[Kill]) -> list[str]:
    """A broker may lose the confirmation of one record again and again; what dies otherwise leaves it to be taken over
    once."""
    causes = [
        {n: copy if kill.victim == BROKER else copy.named for n, kill in enumerate(kills) if _explains(kill, copy)}
        for copy in copies
    ]
    return [f"{copies[n]} and no kill explains it" for n in _left(causes)]


def _explains(kill: Kill, copy: Copy) -> bool:
    """A service's kill explains the records it had just published, a server's those of any service that were published
    around it. In both cases another process took them over, having waited for that; only where a broker dies may a
    relay publish sooner, what it has published itself. Which of the two lies first on the topic does not count: what
    waits in its announcer for a broker that died may come behind the copy of whoever took it over meanwhile."""
    first, second = sorted((copy.before, copy.published))
    if not (kill.at - WINDOW_MS <= first and kill.at <= second):
        return False
    taken_over = second >= copy.announced + TAKEN_OVER_MS
    if kill.victim not in (BROKER, STORE):
        return taken_over and kill.victim == TOPICS[copy.topic].producer and first <= kill.at
    anew = kill.victim == BROKER and second >= first + ANEW_MS
    around = first <= kill.over + ANSWERED_MS and second <= kill.settled
    return around and (taken_over or anew)


def _mails(
    found: Iterable[str], kills: Sequence[Kill], arrived: Mapping[str, Sequence[int]], postponed: Mapping[str, int]
) -> list[str]:
    strange, twice = [], []
    for said in found:
        delivery = said.partition(" ")[0]
        again = [(delivery, *both) for both in pairwise(arrived.get(delivery, ()))]
        twice += again[postponed.get(delivery, 0) :]
        if not again:
            strange.append(f"{said} and nobody knows when")
    causes = [
        {n: delivery for n, kill in enumerate(kills) if _explains_mail(kill, first, second)}
        for delivery, first, second in twice
    ]
    for delivery, first, second in (twice[n] for n in _left(causes)):
        strange.append(f"{delivery} arrived again after {second - first} ms and no kill explains it")
    return strange


def _explains_mail(kill: Kill, first: int, second: int) -> bool:
    """The end of its sender, or of the store, before the mail was noted as sent; the next sender waits for the lease's
    end."""
    if kill.victim not in (SENDER, STORE):
        return False
    over = kill.at + CAUGHT_MS if kill.victim == SENDER else kill.over
    latest = (kill.at if kill.victim == SENDER else kill.settled) + AGAIN_MS
    return kill.at - WINDOW_MS <= first <= over and max(kill.at, first + LEASED_MS) <= second <= latest


def _left(causes: Sequence[Mapping[int, Hashable]]) -> list[int]:
    """Which copies remain, by their places, dealt out so that as few as can be do. `causes` says of each copy by which
    kills it may be explained, and as what: a kill explains each thing once, and at most IN_HAND things."""
    by_kill: dict[int, dict[Hashable, int]] = defaultdict(dict)

    def dealt(copy: int, asked: set[tuple[int, Hashable]], full: set[int]) -> bool:
        for kill, thing in causes[copy].items():
            held = by_kill[kill]
            if thing in held:
                freed = moved(kill, thing, asked, full)
            elif len(held) < IN_HAND:
                freed = True
            elif kill in full:
                continue
            else:
                full.add(kill)
                freed = any(moved(kill, other, asked, full) for other in list(held))
            if freed:
                held[thing] = copy
                return True
        return False

    def moved(kill: int, thing: Hashable, asked: set[tuple[int, Hashable]], full: set[int]) -> bool:
        """Whether what this kill explains as `thing` could be given to another kill."""
        if (kill, thing) in asked:
            return False
        asked.add((kill, thing))
        if not dealt(by_kill[kill][thing], asked, full):
            return False
        del by_kill[kill][thing]
        return True

    return [n for n in range(len(causes)) if not dealt(n, set(), set())]
