"""What an offer promises: its days are kept, its time ends, its answer stands; and nobody is in two places at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from deploy.audit.evidence import Evidence, Record, listed
from deploy.audit.findings import Findings
from shared.contracts import topics
from shared.store.document import from_ms

LAPSE_WITHIN = timedelta(seconds=30)
"""What is over is ended by whoever claims its deadline; a claim of one that died lasts 10 s."""

FIRM = ("accepted", "booked")
ANSWERED = {
    "assignment.accepted": "accepted",
    "assignment.declined": "declined",
    "assignment.expired": "expired",
    "assignment.conflict_found": "",
}
"""Event type -> the state in which it leaves its offer, of those of which that is sure."""

Document = dict[str, Any]
Holds = dict[tuple[str, str], dict[str, Any]]
"""(expert, offer) -> the days that are kept."""


def judge_offers(evidence: Evidence, first: list[Record], findings: Findings, now: datetime) -> None:
    """Add days that are kept for nobody, kept twice, or not kept; offers that nothing ends; answers that are not in
    their document.

    An offer is judged as long as its position waits for it, and by its last announcement alone: after a restore a
    position may know less than its topic.
    """
    holds = _holds(evidence)
    _left(evidence, holds, findings, now)
    _twice(holds, findings)
    made: dict[str, Record] = {}
    answers: dict[str, Record] = {}
    for record in first:
        if record.topic == topics.POSITIONS.name and record.event:
            offer_id = record.event["data"].get("offer_id", "")
            if record.event["type"] == "assignment.offered":
                made[offer_id] = record
            elif record.event["type"] in ANSWERED:
                answers[offer_id] = record
    judge = _Judge(evidence, findings, now, holds, made, answers)
    for document, offer in _offers(evidence):
        judge.kept(document, offer)
        judge.ended(document, offer)
        judge.answered(document, offer)


def _holds(evidence: Evidence) -> Holds:
    found: Holds = {}
    for document in evidence.collection("matching", "calendars"):
        for hold in listed(document["state"] or {}, "holds"):
            found[document["_id"], hold["offer_id"]] = hold
    return found


def _offers(evidence: Evidence) -> Iterator[tuple[Document, dict[str, Any]]]:
    for document in evidence.collection("matching", "positions"):
        for offer in listed(document["state"] or {}, "offers"):
            yield document, offer


def _left(evidence: Evidence, holds: Holds, findings: Findings, now: datetime) -> None:
    """A hold may stand only behind an open or accepted offer, until it lapses by itself."""
    live = {offer["offer_id"] for _, offer in _offers(evidence) if offer["state"] in ("offered", "accepted")}
    for (expert, offer_id), hold in holds.items():
        if hold["state"] in ("offered", "accepted") and offer_id not in live:
            expires = datetime.fromisoformat(hold["expires_at"])
            kind = findings.pending if expires > now - LAPSE_WITHIN else findings.holds_left
            kind.append(f"calendar {expert}: a hold for {offer_id} without an open or accepted offer")


def _twice(holds: Holds, findings: Findings) -> None:
    """Days that somebody has committed to are kept once, and one team asks for a person once. Both were looked at in
    the write that kept the days."""
    calendars: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for (expert, offer_id), hold in holds.items():
        if hold["state"] != "released":
            calendars.setdefault(expert, []).append((offer_id, hold))
    for expert, kept in calendars.items():
        for (one_id, one), (other_id, other) in combinations(kept, 2):
            named = f"calendar {expert}: {one_id} and {other_id}"
            if one["state"] in FIRM and other["state"] in FIRM and _overlap(one, other):
                findings.duplicates.append(f"{named} are both accepted and share days")
            if one.get("activity_id") == other.get("activity_id") and one.get("position_id") != other.get(
                "position_id"
            ):
                findings.duplicates.append(f"{named} are two positions of one team")


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = one.get("window"), other.get("window")
    return bool(first and second and first["start"] <= second["end"] and second["start"] <= first["end"])


@dataclass(frozen=True, slots=True)
class _Judge:
    evidence: Evidence
    findings: Findings
    now: datetime
    holds: Holds
    made: dict[str, Record]
    answers: dict[str, Record]

    def kept(self, document: Document, offer: dict[str, Any]) -> None:
        """The days of an open or accepted offer are in its expert's calendar, from before it was made until they are
        over; those of an accepted one are firm from before it was accepted. An open one may have lost them: they
        lapse, and the acceptance takes them up again."""
        id_, state = offer["offer_id"], offer["state"]
        if state not in ("offered", "accepted") or document["state"].get("state") != state:
            return
        hold = self.holds.get((offer.get("expert_id", ""), id_))
        if hold is None and self._asks_for_days_ahead(id_):
            self.findings.lost.append(f"{_named(document, offer)}, and its days are in no calendar")
        firm = hold is None or hold["state"] in FIRM
        if state == "accepted" and not firm and self._announced(id_) == "assignment.accepted":
            self.findings.lost.append(f"{_named(document, offer)}, and its days are not kept for it")

    def ended(self, document: Document, offer: dict[str, Any]) -> None:
        """An open offer has a deadline that ends it. One that has not fired in time is late: a service that comes back
        fires it."""
        if offer["state"] != "offered" or "respond_by" not in offer:
            return
        respond_by, written = datetime.fromisoformat(offer["respond_by"]), from_ms(document.get("updated_at", 0))
        deadlines = document.get("deadlines")
        if deadlines is not None and f"offer:{offer['offer_id']}:respond_by" not in deadlines:
            self.findings.lost.append(f"{_named(document, offer)}, and nothing will end it")
        elif max(respond_by, written) < self.now - LAPSE_WITHIN:
            self.findings.pending.append(f"{_named(document, offer)}, and was to end at {offer['respond_by']}")

    def answered(self, document: Document, offer: dict[str, Any]) -> None:
        """An answer that was announced is the one in the document. An offer that is open still is not judged: a
        restored position has lost the answer."""
        said = self._announced(offer["offer_id"])
        left = ANSWERED.get(said)
        if left and offer["state"] in ANSWERED.values() and offer["state"] != left and not document["outbox"]:
            self.findings.lost.append(f"{_named(document, offer)}, and {said} was announced")

    def _announced(self, offer_id: str) -> str:
        """The type of the last answer, where the documents must hold it."""
        answer = self.answers.get(offer_id)
        return answer.event["type"] if answer and answer.event and self.evidence.decided(answer) else ""

    def _asks_for_days_ahead(self, offer_id: str) -> bool:
        """Whether the offer was made before the documents were read, for days that are not over: a calendar drops
        what is over."""
        made = self.made.get(offer_id)
        asked = (made.event["data"].get("onsite") or {}) if made and made.event and self.evidence.decided(made) else {}
        return bool(asked.get("last_day", "") >= self.now.date().isoformat())


def _named(document: Document, offer: dict[str, Any]) -> str:
    return f"matching.positions/{document['_id']}: {offer['offer_id']} is {offer['state']}"
