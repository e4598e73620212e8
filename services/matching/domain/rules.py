"""The hard rules. Each has a code, the stages at which its facts can be known, a sentence, and a test that returns
the values that failed. Nobody is left out without all the reasons on record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from services.matching.domain.availability import freedom
from services.matching.domain.calendar import IN_TEAM, OwnMaximum
from services.matching.domain.conflicts import conflict, declaration_out_of_date, employer_unknown
from services.matching.domain.question import Question, workload_of
from services.matching.domain.requirement import LEVELS
from services.matching.domain.roster import RosterLine
from services.matching.domain.workload import beyond_own_maximum
from shared.contracts.events.searches import Stage

Values = dict[str, str]
BOTH: tuple[Stage, ...] = ("indicative", "binding")
BINDING: tuple[Stage, ...] = ("binding",)
MATCHABLE = frozenset({"active", "stale"})
EU_PUBLIC = frozenset({"eu_public", "eu_mandated"})
PRACTITIONERS = frozenset({"social_partner", "retired_official"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One hard rule. `failed` returns None when the expert passes."""

    code: str
    stages: tuple[Stage, ...]
    sentence: str
    failed: Callable[[RosterLine, Question], Values | None]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A rule an expert failed, and the values that failed it."""

    code: str
    values: Values

    @property
    def sentence(self) -> str:
        """The rule in one English sentence; its code where it was recorded under rules that this release has not."""
        return SENTENCES.get(self.code, self.code)


def screened(line: RosterLine, question: Question) -> tuple[Exclusion, ...]:
    """Every hard rule of the requirement's stage that the expert fails, in the order of RULES; none = suitable."""
    failures = []
    for code, failed in _TESTS[question.requirement.stage]:
        values = failed(line, question)
        if values is not None:
            failures.append(Exclusion(code, values))
    return tuple(failures)


def _inactive(line: RosterLine, _: Question) -> Values | None:
    return None if line.expert.status in MATCHABLE else {"status": line.expert.status}


def _barred(line: RosterLine, _: Question) -> Values | None:
    return {"barred": "yes"} if line.expert.barred else None


def _no_contact(line: RosterLine, _: Question) -> Values | None:
    return None if line.expert.consent_to_contact else {"consent_to_contact": "no"}


def _consent_refused(line: RosterLine, _: Question) -> Values | None:
    return {"employer_consent": "no"} if line.expert.employer_consent == "no" else None


def _private(line: RosterLine, question: Question) -> Values | None:
    if line.expert.category == "private" and not question.requirement.accepts_private:
        return {"category": "private"}
    return None


def _origin(line: RosterLine, question: Question) -> Values | None:
    expert, rule = line.expert, question.requirement.origin_rule
    if rule == "any" or (rule == "eu_public" and expert.category in EU_PUBLIC):
        return None
    if rule == "non_eu_practitioner" and (
        expert.category == "non_eu_public"
        or (expert.category in PRACTITIONERS and expert.country_of_work not in question.eu)
    ):
        return None
    return {"asked": rule, "category": expert.category, "country_of_work": expert.country_of_work}


def _years(line: RosterLine, question: Question) -> Values | None:
    asked = question.requirement.min_years
    if line.expert.years_total >= asked:
        return None
    return {"asked": f"{asked:g}", "found": f"{line.expert.years_total:g}"}


def _vetted(line: RosterLine, question: Question) -> Values | None:
    until = max((line.vetted_until(asked) for asked in question.requirement.themes), default=date.min)
    if until >= question.today:
        return None
    asked_for = " ".join(question.requirement.themes)
    held = " ".join(sorted(area.theme for area in line.expert.vetted_areas))
    return {"asked": asked_for, "vetted": held, **({"validity": "ended"} if until > date.min else {})}


def _language(line: RosterLine, question: Question) -> Values | None:
    below = [
        (language, level, line.language_ranks.get(language, 0))
        for language, level, rank in question.language_ranks
        if line.language_ranks.get(language, 0) < rank
    ]
    if not below:
        return None
    return {
        "asked": ", ".join(f"{language} {level}" for language, level, _ in below),
        "found": ", ".join(f"{language} {LEVELS[rank - 1] if rank else 'none'}" for language, _, rank in below),
    }


def _destination(line: RosterLine, question: Question) -> Values | None:
    if not question.requirement.needs_presence or not line.expert.excluded_countries:
        return None
    hit = question.places.intersection(line.expert.excluded_countries)
    return {"excluded": " ".join(sorted(hit))} if hit else None


def _own_maximum(line: RosterLine, question: Question) -> Values | None:
    if line.calendar.own_maximum == OwnMaximum():
        return None
    load = workload_of(line, question)
    beyond = beyond_own_maximum(load, line.calendar, question.requirement.days_total or 0)
    if beyond is None:
        return None
    return {"maximum": f"{beyond.maximum} {beyond.unit}", "would_be": f"{beyond.would_be} {beyond.unit}"}


def _asked_before(line: RosterLine, question: Question) -> Values | None:
    requirement = question.requirement
    return {"position": str(requirement.position_id)} if line.expert.expert_id in requirement.asked_before else None


def _in_team(line: RosterLine, question: Question) -> Values | None:
    # an open offer counts while it is open: whoever declines it is looked at again (shortlisting.look_again)
    requirement = question.requirement
    for held in line.calendar.holds:
        if (
            held.activity_id == requirement.activity_id
            and held.position_id != requirement.position_id
            and held.state != "released"
        ):
            return {"position": held.position_id, "state": held.state}
    return None


def _too_late(_: RosterLine, question: Question) -> Values | None:
    window, due = question.requirement.hold_window(), question.requirement.answer_due_on
    if window is None or due is None or not question.requirement.begun_on(due):
        return None
    return {"answer_due_on": due.isoformat(), "first_day": window.start.isoformat()}


def _unavailable(line: RosterLine, question: Question) -> Values | None:
    free = freedom(line.calendar, question.dates)
    if question.requirement.stage == "indicative":
        # before the terms of reference a period is a wish: only somebody with no day left in it is left out
        return {"free_days": "0"} if free.free_days == 0 else None
    values: Values = {}
    if free.taken_on is not None:
        values["taken_on"] = free.taken_on.isoformat()
    if free.undeclared_on is not None:
        values["undeclared_on"] = free.undeclared_on.isoformat()
    needed = question.requirement.days_total or 0
    if free.free_days is not None and free.free_days < needed:
        values |= {"free_days": str(free.free_days), "days_needed": str(needed)}
    return values or None


RULES: tuple[Rule, ...] = (
    Rule("inactive", BOTH, "The profile must be active.", _inactive),
    Rule("barred", BOTH, "A person on the exclusion list cannot be engaged.", _barred),
    Rule("no_contact_consent", BOTH, "The expert must have agreed to be contacted.", _no_contact),
    Rule("employer_consent_refused", BOTH, "The employer must not have refused consent.", _consent_refused),
    Rule("private_not_accepted", BINDING, "The position is not open to private experts.", _private),
    Rule("origin", BINDING, "The position asks for an expert of another origin.", _origin),
    Rule("years_below_minimum", BINDING, "The position asks for more years of experience.", _years),
    Rule("theme_not_vetted", BOTH, "The expert must be vetted in a theme that is asked for.", _vetted),
    Rule("language_below_minimum", BOTH, "Every language asked for must reach its minimum level.", _language),
    Rule("destination_excluded", BOTH, "The expert does not travel to the destination.", _destination),
    Rule(
        "conflict_of_interest", BOTH,
        "Nobody works for an institution that employs them or did so within the look-back, nor for a related one.",
        conflict,
    ),
    Rule(
        "employer_unknown", BINDING,
        "Every employer of the look-back must be known, or a conflict of interest cannot be ruled out.",
        employer_unknown,
    ),
    Rule(
        "declaration_out_of_date", BINDING,
        "The general declaration of interests must be on record and still valid.",
        declaration_out_of_date,
    ),
    Rule("own_maximum", BINDING, "The expert's own maximum of days or assignments is kept.", _own_maximum),
    Rule("asked_before", BINDING, "Nobody is offered the same position twice.", _asked_before),
    Rule(IN_TEAM, BINDING, "Nobody holds two positions in one team.", _in_team),
    Rule("too_late", BINDING, "An offer must be answered before the first of its days.", _too_late),
    Rule(
        "unavailable", BOTH,
        "The calendar must cover the stay on site and leave enough days.",
        _unavailable,
    ),
)  # fmt: skip
"""Cheap rules first; the order is part of the record."""

BELOW_THRESHOLD = "below_threshold"
BEYOND_THE_LIST = "beyond_the_list"
SENTENCES: dict[str, str] = {rule.code: rule.sentence for rule in RULES} | {
    BELOW_THRESHOLD: "The score must reach the threshold before a position is offered.",
    BEYOND_THE_LIST: "The list is full: everybody on it comes before.",
}
SKIPPED_BECAUSE: dict[str, str] = SENTENCES | {
    "not_in_roster": "The profile has left the roster since the search.",
    "no_dates": "The position has no dates yet that could be kept.",
    "booked": "The expert has accepted another assignment in these days.",
    "released": "The days kept for this very offer were given back.",
}
"""Why somebody on an approved list was not asked: the rules, checked again, and what keeping the days can meet."""
_TESTS: dict[Stage, tuple[tuple[str, Callable[[RosterLine, Question], Values | None]], ...]] = {
    stage: tuple((rule.code, rule.failed) for rule in RULES if stage in rule.stages) for stage in BOTH
}
