"""What a finished case leaves behind, and as many copies of it as wanted: other ids, earlier instants."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.matching.domain.calendar import Calendar, Hold, prune
from services.matching.domain.requirement import Window

Row = dict[str, Any]
CASES_A_YEAR = 1_000
"""How densely the copies lie: far above the field's forty, so that a year of them shows in every calendar."""
BETWEEN_MS = 365 * 86_400_000 // CASES_A_YEAR
ENDED_DAYS_AGO = 31
"""The latest copy ended so long ago that its holds are pruned. Default, from the calendars' own thirty days."""

PEOPLE = ("ins", "con", "stf", "del", "exp", "per")
"""Prefixes of ids that stand for people and bodies: a copy names the same ones."""
NOT_OF_A_CASE = frozenset(
    {
        "registration.institutions", "registration.contacts", "registration.staff", "registration.delegations",
        "registration.experts", "registration.numbers", "matching.institutions", "matching.roster",
        "matching.calendars", "notifications.contacts",
    }
)  # fmt: skip
"""Collections of people, bodies and counters, which name a case at most in passing."""
_OWN = re.compile(rf"((?<![a-z_])(?!(?:{'|'.join(PEOPLE)})_)[a-z]+_[0-9a-f]{{32}}|REQ-\d{{4}}-\d{{4,}})")


def of_case(request_id: str, rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The documents of one case, by collection: those that name its request, or a document found so."""
    texts = {
        (place, number): json.dumps(row)
        for place, all_ in rows.items()
        if place not in NOT_OF_A_CASE
        for number, row in enumerate(all_)
    }
    ids, found = {request_id}, set[tuple[str, int]]()
    while new := {key for key, text in texts.items() if key not in found and ids & set(_OWN.findall(text))}:
        found |= new
        ids |= {str(rows[place][number]["_id"]) for place, number in new}
    return {
        place: [row for number, row in enumerate(all_) if (place, number) in found]
        for place, all_ in rows.items()
        if any(key[0] == place for key in found)
    }


def waits(rows: Iterable[Row]) -> bool:
    """Whether anything of these documents is still to be announced, or due later."""
    return any(row["pending"] or row["next_deadline"] for row in rows)


@dataclass(frozen=True)
class Template:
    """One document, cut at every id of its case."""

    pieces: tuple[str, ...]
    created_at: int
    updated_at: int

    @classmethod
    def of(cls, row: Row) -> Template:
        """Cut once, so that a copy is a join."""
        return cls(tuple(_OWN.split(json.dumps(row))), row["created_at"], row["updated_at"])

    def copy(self, number: int) -> Row:
        """The document of the copy with this number: the same number gives the same ids in every document."""
        pieces = (renamed(piece, number) if odd % 2 else piece for odd, piece in enumerate(self.pieces))
        made: Row = json.loads("".join(pieces))
        earlier = (number + 1) * BETWEEN_MS + ENDED_DAYS_AGO * 86_400_000
        made["created_at"], made["updated_at"] = self.created_at - earlier, self.updated_at - earlier
        return made


def renamed(name: str, number: int) -> str:
    """An id or a reference as copy `number` has it; still of its kind and, but for references, of its length."""
    if name.startswith("REQ-"):
        return f"{name[:8]}-{number:06d}"
    prefix, own = name.split("_")
    return f"{prefix}_{number:012x}{hashlib.sha256(own.encode()).hexdigest()[:20]}"


def copies(templates: Sequence[Template], numbers: Iterable[int]) -> Iterator[Row]:
    """The documents of the copies with these numbers, copy by copy."""
    for number in numbers:
        for template in templates:
            yield template.copy(number)


def calendars_after(
    calendars: dict[str, Calendar], days: Sequence[int], copies_made: int, today: date
) -> dict[str, Calendar]:
    """The experts' calendars once so many copies, with positions of so many working `days`, have passed through them.

    The experts take turns. The holds are pruned by the service's own rule, as its next write would do.
    """
    experts = sorted(calendars)
    holds: dict[str, list[Hold]] = {expert: [] for expert in experts}
    for number in range(copies_made):
        for position, worked in enumerate(days):
            hold = _spent(number, position, worked, today)
            holds[experts[(number * len(days) + position) % len(experts)]].append(hold)
    full = {
        expert: calendar.model_copy(update={"holds": (*holds[expert], *calendar.holds)})
        for expert, calendar in calendars.items()
    }
    return {expert: prune(calendar, today) for expert, calendar in full.items()}


def _spent(number: int, position: int, days: int, today: date) -> Hold:
    ended = today - timedelta(days=ENDED_DAYS_AGO + number * BETWEEN_MS // 86_400_000)
    began = ended - timedelta(days=days)
    asked = began - timedelta(days=30)
    return Hold.model_validate(
        {
            "offer_id": f"off_{number:012x}{position:020x}",
            "activity_id": f"acy_{number:032x}",
            "position_id": f"pos_{number:012x}{position:020x}",
            "window": Window(start=began, end=ended),
            "days": days,
            "state": "accepted",
            "expires_at": f"{began}T00:00:00Z",
            "held_on": asked,
        }
    )
