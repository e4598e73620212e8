"""What must follow from what: each event with a consequence has it, and once; and a team that is filled is complete."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.evidence import Evidence, Record, listed
from deploy.audit.expectations import FOLLOW_UP, FOLLOWED, TERMS, Followed
from deploy.audit.findings import Findings
from deploy.services import SERVICES

ByCause = Mapping[str, Sequence[dict[str, Any]]]
"""Event id -> the events that name it as their cause."""


def judge_consequences(evidence: Evidence, first: list[Record], findings: Findings) -> None:
    """Add each event that was not followed as it must be, or more than once, and each filled team that is not announced
    as complete."""
    by_cause: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in first:
        if record.event and record.event.get("causation_id"):
            by_cause[record.event["causation_id"]].append(record.event)
    judge = _Judge(evidence, findings, by_cause, _waiting(evidence), evidence.parked_keys())
    for record in first:
        for rule in FOLLOWED:
            if record.event and record.event["type"] == rule.cause:
                for position in _positions(record.event) if rule.each_position else (None,):
                    judge.followed(record, rule, position)
    for cause, events in by_cause.items():
        if cause.startswith("evt_"):
            twice = Counter(
                (e["type"], e["aggregate"]["type"], e["aggregate"]["id"]) for e in events if not _longer(e, events)
            )
            findings.duplicates += [f"{cause} caused {what} {n} times" for what, n in twice.items() if n > 1]
    judge.teams(first)


def _longer(event: dict[str, Any], caused: Sequence[dict[str, Any]]) -> bool:
    """Whether it keeps the days of an offer longer than was said before: an attempt that a crash cut short is made
    again later, and the time to answer begins then."""
    return event["type"] == "availability.held" and any(
        before["type"] == event["type"]
        and before["aggregate"] == event["aggregate"]
        and before["sequence"] < event["sequence"]
        and before["data"].get("offer_id") == event["data"].get("offer_id")
        and str(before["data"].get("expires_at")) < str(event["data"].get("expires_at"))
        for before in caused
    )


def _waiting(evidence: Evidence) -> ByCause:
    """What lies in an outbox still."""
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service in SERVICES:
        for documents in evidence.documents.get(service, {}).values():
            for entry in (entry for document in documents for entry in document.get("outbox", ())):
                event = json.loads(entry.get("value") or "null") or {}
                if event.get("causation_id"):
                    waiting[event["causation_id"]].append(event)
    return waiting


@dataclass(frozen=True, slots=True)
class _Judge:
    evidence: Evidence
    findings: Findings
    announced: ByCause
    waiting: ByCause
    parked: set[tuple[str, str, str]]
    opened: set[tuple[str, tuple[str, ...], str]] = field(default_factory=set)
    """(terms, what followed, position) of what earlier final terms brought about."""

    def followed(self, record: Record, rule: Followed, position: str | None) -> None:
        """One event by one rule; with `position`, by what is about it."""

        def among(caused: ByCause) -> list[str]:
            return [
                event["type"]
                for event in caused.get(record.event_id, ())
                if event["type"] in rule.types and position in (None, _data(event).get("position_id"))
            ]

        followers, named = among(self.announced), f"{rule.cause} {record.key} #{record.sequence}"
        if not followers and position is not None and (record.key, rule.types, position) in self.opened:
            return  # said once more by a service that was restored: what it asked for is there
        if followers and position is not None:
            self.opened.add((record.key, rule.types, position))
        if not followers and not self._discarded(rule.group, record):
            on_its_way = self._held_up(rule.group, record) or among(self.waiting)
            kind = self.findings.pending if on_its_way else self.findings.lost
            about = f" about {position}" if position else ""
            kind.append(f"{named} was not followed by {' or '.join(rule.types)}{about}")
        if len(followers) > 1:
            self.findings.duplicates.append(f"{named} was followed by {followers}")

    def teams(self, first: list[Record]) -> None:
        """Where every position of final terms is accepted, and exactly one of them leads, the team is announced as
        complete. A position whose expert was found in conflict is free again."""
        accepted: dict[str, Record] = {}
        complete: set[str] = set()
        terms: dict[str, list[set[str]]] = defaultdict(list)
        for record in first:
            if record.event and record.event["type"] == "tor.finalised":
                terms[record.key].append(set(_positions(record.event)))
        for record in first:
            match record.event["type"] if record.event else "":
                case "assignment.accepted":
                    accepted[record.key] = record
                case "assignment.conflict_found":
                    accepted.pop(record.key, None)
                case "team.complete":
                    complete.add(_data(record.event).get("tor_id", ""))
                    self._whole(record, terms)
        for record in first:
            if not record.event or record.event["type"] != "tor.finalised" or record.key in complete:
                continue
            positions = _positions(record.event)
            leading = sum(bool(position.get("is_principal")) for position in positions.values())
            if leading == 1 and accepted.keys() >= positions.keys():
                self._incomplete(record, [accepted[position] for position in positions])

    def _whole(self, record: Record, terms: Mapping[str, Sequence[set[str]]]) -> None:
        """A complete team has one member for each position of its terms, as these were said once, and each once."""
        members = listed(_data(record.event), "members")
        known = terms.get(_data(record.event).get("tor_id", ""), ())
        filled = Counter(member.get("position_id", "") for member in members)
        if known and set(filled) not in known:
            self.findings.lost.append(f"team.complete {record.key} has members for {sorted(filled)}, not as its terms")
        for what, counted in (("position", filled), ("expert", Counter(m.get("expert_id", "") for m in members))):
            self.findings.duplicates += [
                f"team.complete {record.key} names {what} {id_} {n} times" for id_, n in counted.items() if n > 1
            ]

    def _incomplete(self, terms: Record, accepted: list[Record]) -> None:
        steps = [(TERMS, terms), *((FOLLOW_UP, record) for record in accepted)]
        if any(self._discarded(group, record) for group, record in steps):
            return
        announced_soon = any(e["type"] == "team.complete" for r in accepted for e in self.waiting.get(r.event_id, ()))
        on_its_way = announced_soon or any(self._held_up(group, record) for group, record in steps)
        kind = self.findings.pending if on_its_way else self.findings.lost
        kind.append(f"every position of {terms.key} is accepted, and no team.complete says so")

    def _discarded(self, group: str, record: Record) -> bool:
        return record.sequence in self.evidence.discarded(group, record.topic, record.key)

    def _held_up(self, group: str, record: Record) -> bool:
        return not self.evidence.reached(group, record) or (group, record.topic, record.key) in self.parked


def _data(event: dict[str, Any] | None) -> dict[str, Any]:
    return (event or {}).get("data") or {}


def _positions(event: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The positions that terms of reference ask for, by id."""
    return {position.get("position_id", ""): position for position in listed(_data(event), "positions")}
