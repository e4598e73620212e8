"""Records that lie on their topic twice, and mails that arrived twice: how many of them kills explain, and which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.audit import Copy, Findings
from shared.contracts.topics import TOPICS

IN_HAND = 40
"""Most announcements, or mails, that one process has under way: the relay's 32 documents, the sender's workers."""

WINDOW_MS = 10_000
"""A record is taken out of its outbox as soon as it is confirmed: three calls to the store, of at most 3 s each. What
was published longer before a kill is not published again because of it."""

_ARRIVED = re.compile(r" arrived (\d+) times ")


@dataclass(frozen=True, slots=True)
class Kill:
    """A service that was killed, and when it was gone: milliseconds since 1970, by the clock of its records."""

    service: str
    at: int


def unexplained(findings: Findings, kills: Sequence[Kill], servers: int = 0) -> dict[str, list[str]]:
    """In words, by `republished` and `mail_repeats`, the copies that no kill explains: a record's where its own service
    was not killed between the two and soon after the first, a mail's where notifications was not, more than one process
    has under way. A server that is killed explains as many, of whichever service."""
    fallen = Counter(kill.service for kill in kills)
    return {
        "republished": _records(findings.republished, kills, fallen, servers),
        "mail_repeats": _mails(findings.mail_repeats, fallen["notifications"], servers),
    }


def _records(found: Sequence[Copy], kills: Sequence[Kill], fallen: Counter[str], servers: int) -> list[str]:
    copies: Counter[str] = Counter()
    strange = []
    for copy in found:
        service = TOPICS[copy.topic].producer
        if any(_explains(kill, copy) for kill in kills):
            copies[service] += 1
        else:
            strange.append(f"{copy} and no kill of {service} explains it")
    wrong = strange if len(strange) > servers * IN_HAND else []
    return wrong + [
        f"{n} records of {service} after {fallen[service]} kills of it"
        for service, n in copies.items()
        if n > fallen[service] * IN_HAND
    ]


def _explains(kill: Kill, copy: Copy) -> bool:
    own = kill.service == TOPICS[copy.topic].producer
    return own and kill.at - WINDOW_MS <= copy.before <= kill.at <= copy.published


def _mails(found: Sequence[str], senders: int, servers: int) -> list[str]:
    again = sum(int(times[1]) - 1 if (times := _ARRIVED.search(said)) else 1 for said in found)
    if again <= (senders + servers) * IN_HAND:
        return []
    return [f"{again} after {senders} kills of notifications and {servers} of servers"]
