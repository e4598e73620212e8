"""Ranking: leave out, score, band, order, explain. The same inputs give the same bytes, in whatever order they come."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.matching.domain.affinity import TextModel
from services.matching.domain.cautions import Caution, cautions_of
from services.matching.domain.policy import Policy
from services.matching.domain.question import Question, question_of, workload_of
from services.matching.domain.relaxations import relaxed
from services.matching.domain.requirement import Requirement
from services.matching.domain.roster import RosterLine
from services.matching.domain.rules import BELOW_THRESHOLD, BEYOND_THE_LIST, SENTENCES, Exclusion, screened
from services.matching.domain.scoring import FULL, PartScore, score


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who passes every hard rule and the threshold. `score` in thousandths of a point."""

    expert_id: str
    rank: int
    score: int
    band: int
    parts: tuple[PartScore, ...]
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change of the requirement and how many people it alone would bring. Stated for empty lists."""

    code: str
    sentence: str
    would_pass: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer of one search."""

    candidates: tuple[Candidate, ...]
    """At most the policy's list length, best first."""
    suitable: int
    """How many pass in all."""
    considered: int
    """How many were looked at."""
    exclusions: tuple[tuple[str, tuple[Exclusion, ...]], ...]
    """(expert id, every reason), ordered by id. Who is suitable and past the end of the list stands here as well."""
    emptied_by: dict[str, int]
    """Rule code -> people it made unsuitable (one person may be counted by several), most people first, then as the
    rules stand."""
    relaxations: tuple[Relaxation, ...]
    algorithm_version: str
    inputs_digest: str

    def candidate(self, expert_id: str) -> Candidate | None:
        """The line of one expert on the list, or None."""
        return next((c for c in self.candidates if c.expert_id == expert_id), None)


def rank(
    requirement: Requirement,
    roster: Sequence[RosterLine],
    policy: Policy,
    today: date,
    text_model: TextModel,
) -> Ranking:
    """Rank a roster for a requirement as of `today`. Raises ValueError when an expert appears twice."""
    lines = sorted(roster, key=lambda line: line.expert.expert_id)
    for one, other in pairwise(lines):
        if one.expert.expert_id == other.expert.expert_id:
            raise ValueError(f"expert {one.expert.expert_id} appears twice in the roster")
    question = question_of(requirement, policy, today)
    scored, exclusions = _sift(lines, question, text_model)
    counts = Counter(exclusion.code for _, reasons in exclusions for exclusion in reasons)
    ordered = _in_bands(scored, question)
    candidates = tuple(
        Candidate(line.expert.expert_id, place, points, band, parts, cautions_of(line, question))
        for place, (band, points, line, parts) in enumerate(ordered[: policy.list_length], start=1)
    )
    return Ranking(
        candidates=candidates,
        suitable=len(scored),
        considered=len(lines),
        exclusions=tuple(sorted((*exclusions, *_beyond(ordered, policy.list_length)), key=lambda entry: entry[0])),
        emptied_by={code: counts[code] for code in sorted(SENTENCES, key=lambda code: -counts[code]) if counts[code]},
        relaxations=() if candidates else _relaxations(lines, dict(exclusions), question, text_model),
        algorithm_version=policy.algorithm_version,
        inputs_digest=_digest(lines, requirement, policy, today, text_model),
    )


_Scored = tuple[int, RosterLine, tuple[PartScore, ...]]
_Banded = tuple[int, int, RosterLine, tuple[PartScore, ...]]


def _sift(
    lines: Sequence[RosterLine], question: Question, model: TextModel
) -> tuple[list[_Scored], list[tuple[str, tuple[Exclusion, ...]]]]:
    query = model.query(question.requirement.text)
    threshold = question.policy.threshold * FULL
    scored: list[_Scored] = []
    exclusions: list[tuple[str, tuple[Exclusion, ...]]] = []
    for line in lines:
        reasons = screened(line, question)
        if not reasons:
            parts = score(line, question, query, model)
            points = sum(part.points for part in parts)
            if points >= threshold:
                scored.append((points, line, parts))
                continue
            values = {"score": str(points), "threshold": str(threshold)}
            values |= {part.part: str(part.points) for part in parts}
            reasons = (Exclusion(BELOW_THRESHOLD, values),)
        exclusions.append((line.expert.expert_id, reasons))
    return scored, exclusions


def _beyond(ordered: Sequence[_Banded], list_length: int) -> Iterator[tuple[str, tuple[Exclusion, ...]]]:
    for place, (_, points, line, _) in enumerate(ordered[list_length:], start=list_length + 1):
        yield line.expert.expert_id, (Exclusion(BEYOND_THE_LIST, {"rank": str(place), "score": str(points)}),)


def _in_bands(scored: Sequence[_Scored], question: Question) -> list[_Banded]:
    """Cut bands from the top: everybody within the noise of a band's best belongs to it. Inside, turns decide."""
    noise = question.policy.noise * FULL
    by_score = sorted(scored, key=lambda entry: -entry[0])
    banded: list[_Banded] = []
    band, best = 0, 0
    for points, line, parts in by_score:
        if band == 0 or best - points > noise:
            band, best = band + 1, points
        banded.append((band, points, line, parts))
    return sorted(banded, key=lambda entry: (entry[0], *_turn(entry[2], question)))


def _turn(line: RosterLine, question: Question) -> tuple[int, int, date, str]:
    load = workload_of(line, question)
    return load.offers, load.days, load.last_mobilised_on or date.min, line.expert.expert_id


def _relaxations(
    lines: Sequence[RosterLine],
    exclusions: Mapping[str, tuple[Exclusion, ...]],
    question: Question,
    model: TextModel,
) -> tuple[Relaxation, ...]:
    failed = {expert_id: {r.code for r in reasons} for expert_id, reasons in exclusions.items()}
    found = []
    for change in relaxed(question.requirement, question.policy):
        mends = change.mends | {BELOW_THRESHOLD}
        near = [line for line in lines if failed[line.expert.expert_id] <= mends]
        passing: set[str] = set()
        for variant in change.variants:
            scored, _ = _sift(near, question_of(variant, question.policy, question.today), model)
            passing.update(line.expert.expert_id for _, line, _ in scored)
        found.append(Relaxation(change.code, change.sentence, len(passing)))
    return tuple(found)


def _digest(
    lines: Sequence[RosterLine], requirement: Requirement, policy: Policy, today: date, model: TextModel
) -> str:
    content = hashlib.sha256()
    for part in (
        policy.algorithm_version,
        policy.model_dump_json(),
        requirement.model_dump_json(),
        today.isoformat(),
        model.digest,
    ):
        content.update(part.encode() + b"\n")
    for line in lines:
        content.update(f"{line.expert.expert_id}:{line.digest}\n".encode())
    return content.hexdigest()
