"""The score: nine named parts in thousandths of a point, together at most 100,000.

Every part cites what was asked and what the profile holds. Gender and nationality enter none of them. Free text of a
profile is never quoted, only the words it shares with the requirement: what is stored here outlives the profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from services.matching.domain.affinity import Query, TextModel
from services.matching.domain.availability import freedom
from services.matching.domain.question import Question, workload_of
from services.matching.domain.requirement import LEVELS
from services.matching.domain.roster import RosterLine
from services.matching.domain.themes import Nearness, nearness

FULL = 1000
"""A share of 1000 thousandths: all points of a part."""
TOP_LEVEL = 4
"""Of a theme that is claimed: has led."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passage of the requirement and the line of the profile that a part rests on."""

    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part: `points` of at most `of`, in thousandths of a point."""

    part: str
    points: int
    of: int
    evidence: tuple[Evidence, ...]


Share = tuple[int, tuple[Evidence, ...]]


def score(line: RosterLine, question: Question, query: Query, model: TextModel) -> tuple[PartScore, ...]:
    """All nine parts, in a fixed order. Their points sum to the score."""
    weights = question.policy.weights
    shares: tuple[tuple[str, int, Share], ...] = (
        ("theme", weights.theme, _theme(line, question)),
        ("assignments", weights.assignments, _assignments(line, question)),
        ("text", weights.text, _text(line, question, query, model)),
        ("languages", weights.languages, _languages(line, question)),
        ("peer", weights.peer, _peer(line, question)),
        ("region", weights.region, _region(line, question)),
        ("slack", weights.slack, _slack(line, question)),
        ("evaluation", weights.evaluation, _evaluation(line, question)),
        ("rotation", weights.rotation, _rotation(line, question)),
    )
    return tuple(
        PartScore(part, weight * max(0, min(FULL, share)), weight * FULL, evidence)
        for part, weight, (share, evidence) in shares
    )


def _worth(asked: str, held: str, adjacent_share: int) -> int:
    near = nearness(asked, held)
    if near is Nearness.ADJACENT:
        return adjacent_share
    return FULL if near is Nearness.EXACT else 0


@lru_cache(maxsize=10_000)
def _best_worth(asked_for: tuple[str, ...], held: str, adjacent_share: int) -> int:
    """Of a held theme, to whichever of the themes asked for it is nearest. The same few hundred in every ranking."""
    return max(_worth(asked, held, adjacent_share) for asked in asked_for)


def _theme(line: RosterLine, question: Question) -> Share:
    policy, asked_for = question.policy, question.requirement.themes
    shares, evidence = [], []
    for asked in asked_for:
        best, found = 0, None
        for theme in line.claimed.values():
            share = _worth(asked, theme.code, policy.adjacent_share) * theme.level // TOP_LEVEL
            if share > best or (share == best and found is not None and theme.code < found.code):
                best, found = share, theme
        shares.append(best)
        stated = f"{found.code} level {found.level}, {found.years:g} years" if found and best else "nothing near"
        evidence.append(Evidence(f"theme {asked}", stated))
    mean = sum(shares) // len(shares)
    best_share = policy.best_theme_share
    return (max(shares) * best_share + mean * (FULL - best_share)) // FULL, tuple(evidence)


def _assignments(line: RosterLine, question: Question) -> Share:
    policy, asked_for = question.policy, question.requirement.themes
    missions, cited = 0, []
    for mission in line.expert.assignments:
        worth = max((_best_worth(asked_for, held, policy.adjacent_share) for held in mission.themes), default=0)
        missions += worth
        if worth:
            cited.append((-worth, -mission.year, mission.country, " ".join(mission.themes)))
    years, years_in = 0, ""
    for theme in line.claimed.values():
        worth = _best_worth(asked_for, theme.code, policy.adjacent_share)
        counted = int(theme.years * worth)
        if counted > years or (counted == years and years and theme.code < years_in):
            years, years_in = counted, theme.code
    mission_share = min(FULL, missions // policy.missions_full)
    year_share = min(FULL, years // policy.years_full)
    share = (mission_share * policy.missions_share + year_share * (FULL - policy.missions_share)) // FULL
    evidence = [
        Evidence("assignments in " + " ".join(asked_for), f"{-year} {country}: {themes}")
        for _, year, country, themes in sorted(cited)[: policy.missions_full]
    ]
    if years:
        stated = f"{line.claimed[years_in].years:g} years in {years_in}"
        evidence.append(Evidence("years in " + " ".join(asked_for), stated))
    return share, tuple(evidence) or (Evidence("assignments in " + " ".join(asked_for), "none on record"),)


def _text(line: RosterLine, question: Question, query: Query, model: TextModel) -> Share:
    near = model.affinity(query, line.expert.expert_id)
    share = min(FULL, near.thousandths * FULL // question.policy.affinity_full)
    if not near.terms:
        return share, (Evidence("text", "no words in common"),)
    words = ", ".join(query.written.get(term, term) for term in near.terms)
    return share, (Evidence(query.passage(near.terms), f"summary and skills share: {words}"),)


def _languages(line: RosterLine, question: Question) -> Share:
    if not question.language_ranks:
        return question.policy.neutral_share, (Evidence("languages", "none asked for"),)
    total, evidence = 0, []
    for language, level, rank in question.language_ranks:
        held = line.language_ranks.get(language, 0)
        room = min(question.policy.levels_full, len(LEVELS) - rank)
        total += (min(room, max(0, held - rank)) * FULL // room) if room else (FULL if held >= rank else 0)
        evidence.append(Evidence(f"{language} {level}", f"{language} {LEVELS[held - 1] if held else 'none'}"))
    return total // len(question.language_ranks), tuple(evidence)


def _peer(line: RosterLine, question: Question) -> Share:
    category = line.expert.category
    share = question.policy.peer_shares[category]
    return share, (Evidence("practitioner of a public institution", f"category {category}"),)


def _region(line: RosterLine, question: Question) -> Share:
    country = question.requirement.country
    if country in line.worked_in:
        return FULL, (Evidence(f"country {country}", f"experience in {country}"),)
    asked = f"region {' '.join(question.region_groups)}" if question.region_groups else f"country {country}"
    near = sorted(question.region_countries & line.worked_in)
    if near:
        return question.policy.region_share, (Evidence(asked, "experience in " + " ".join(near)),)
    return 0, (Evidence(asked, "none on record"),)


def _slack(line: RosterLine, question: Question) -> Share:
    needed, free = question.requirement.days_total, freedom(line.calendar, question.dates).free_days
    if free is None or needed is None:
        return question.policy.neutral_share, (Evidence("days", "not known at this stage"),)
    share = max(0, free - needed) * FULL // needed
    return share, (Evidence(f"{needed} working days", f"{free} free days in the period"),)


def _evaluation(line: RosterLine, question: Question) -> Share:
    value = line.expert.evaluation
    if value is None:
        return question.policy.neutral_share, (Evidence("past evaluation", "none yet: neutral"),)
    return value, (Evidence("past evaluation", f"{value} of {FULL}"),)


def _rotation(line: RosterLine, question: Question) -> Share:
    if question.policy.rota:
        return 0, (Evidence("rotation", "a rota decides turns: no points"),)
    days, full_at = workload_of(line, question).days, question.policy.warn_days
    share = max(0, full_at - days) * FULL // full_at
    return share, (Evidence("few days in the last 12 months", f"{days} days"),)
