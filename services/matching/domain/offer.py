"""One binding offer of a position to one expert."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from pydantic import AwareDatetime, Field

from services.matching.domain.requirement import Frozen
from shared.errors import StaleVersion

OfferState = Literal["offered", "accepted", "declined", "expired", "withdrawn"]

DeclineReason = Literal[
    "dates", "workload", "employer_refusal", "conflict", "health_family", "terms", "destination", "other"
]
"""Codes an expert may decline with. They stay with the position; the vocabulary has their words."""
DECLINE_REASONS: tuple[str, ...] = get_args(DeclineReason)
PERSONAL = "personal"
"""All that anybody else is shown of why an expert declined."""

REMINDERS = (50, 90)
"""Percent of the time to answer at which an offer is nearing its end; default, no public source. No setting: the names
of deadlines that are stored, and the percent in events, are made of them."""


class Offer(Frozen):
    """Instants are UTC. Answers count strictly before `respond_by`."""

    offer_id: str
    expert_id: str
    search_id: str | None = Field(default=None, description="Whose list it was made from; None for an early one.")
    rank: int = Field(ge=1)
    offered_at: AwareDatetime
    respond_by: AwareDatetime
    state: OfferState = "offered"
    reason: str | None = Field(default=None, description="Decline code, or why it was withdrawn.")
    responded_at: AwareDatetime | None = None
    reminded: tuple[int, ...] = Field(default=(), description="Percentages that are done with.")
    clearance_due: AwareDatetime | None = Field(default=None, description="Set by the acceptance.")
    clearance_overdue: bool = Field(default=False, description="True once it was announced that clearance is late.")

    @property
    def open(self) -> bool:
        """True while an answer is awaited."""
        return self.state == "offered"

    @property
    def version(self) -> int:
        """How often this offer was changed, its making included: its ETag. The position's own version counts the offers
        before it as well, and would tell an expert whether they were asked first (domain rules, 11.8)."""
        return 1 + len(self.reminded) + (not self.open) + self.clearance_overdue

    def must_be_at(self, expected: int | None) -> None:
        """StaleVersion where the answer is to another version; None: to whichever it is."""
        if expected not in (None, self.version):
            raise StaleVersion(
                f"you answer version {expected}, it is now at version {self.version}",
                mend="Read the offer again and repeat your answer on the new version.",
            )

    @property
    def reason_shown(self) -> str | None:
        """`reason` as others may see it."""
        return PERSONAL if self.state == "declined" else self.reason

    def reached(self, percent: int) -> datetime:
        """The instant at which `percent` of the time to answer has passed."""
        return self.offered_at + (self.respond_by - self.offered_at) * percent / 100

    def overtaken(self, percent: int) -> datetime:
        """The instant from which a reminder at `percent` would say what is no longer so: the next one is due, or the
        time to answer is over."""
        return min((self.reached(later) for later in REMINDERS if later > percent), default=self.respond_by)

    def deadlines(self) -> dict[str, datetime]:
        """Names "offer:<id>:50", "offer:<id>:90" (until done with) and "offer:<id>:respond_by" while open; once
        accepted "offer:<id>:clearance", until announced."""
        if self.state == "accepted" and self.clearance_due is not None and not self.clearance_overdue:
            return {f"offer:{self.offer_id}:clearance": self.clearance_due}
        if not self.open:
            return {}
        due = {
            f"offer:{self.offer_id}:{percent}": self.reached(percent)
            for percent in REMINDERS
            if percent not in self.reminded
        }
        due[f"offer:{self.offer_id}:respond_by"] = self.respond_by
        return due
