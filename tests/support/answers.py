"""What experts have said to the offers of one position: each says it until it is confirmed, and never again."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STATES = {"acceptance": "accepted", "decline": "declined"}
"""An answer that was confirmed -> the state of its offer from then on."""

LAPSE = "lapse"

SEEN_WITHIN = 30.0
"""Seconds after which a read that begins shows what was confirmed before: until a cut-off primary has stepped down and
another is elected, it may show what was before."""


@dataclass(slots=True)
class Answers:
    """The same seed answers alike, however often an offer is looked at."""

    _chosen: dict[str, str] = field(default_factory=dict)
    _confirmed: dict[str, tuple[str, float]] = field(default_factory=dict)

    def to_give(self, offer_id: str, chance: random.Random) -> str | None:
        """`acceptance`, `decline` or `lapse`; None where the answer is confirmed."""
        if offer_id in self._confirmed:
            return None
        if offer_id not in self._chosen:
            self._chosen[offer_id] = chance.choices((*STATES, LAPSE), (6, 3, 1))[0]
        return self._chosen[offer_id]

    def confirmed(self, offer_id: str, now: float) -> None:
        """Its answer was taken."""
        self._confirmed[offer_id] = self._chosen[offer_id], now

    def refused(self, offer_id: str) -> None:
        """Its answer came too late, or the expert has accepted another position: declined then, or left to lapse."""
        self._chosen[offer_id] = "decline" if self._chosen[offer_id] == "acceptance" else LAPSE

    def lost(self, offers: Iterable[Mapping[str, Any]], looked: float) -> str | None:
        """In words, a confirmed answer that these offers do not show, where the look that found them began late enough
        to show it. A state that only an unanswered offer can reach is wrong at once."""
        for offer in offers:
            answer, at = self._confirmed.get(offer["offer_id"], (LAPSE, looked))
            if answer == LAPSE or offer["state"] == STATES[answer]:
                continue
            if offer["state"] != "offered" or looked - at >= SEEN_WITHIN:
                said = f"{answer} of {offer['offer_id']} was confirmed"
                return f"{said}, and {looked - at:.0f} s later it is {offer['state']}"
        return None
