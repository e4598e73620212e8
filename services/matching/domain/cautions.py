"""Soft conflicts and other warnings: a person decides, the rank does not change."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.domain.availability import freedom
from services.matching.domain.conflicts import declaration_out_of_date, employer_unknown
from services.matching.domain.question import Question, workload_of
from services.matching.domain.roster import RosterLine


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the officer should know before approving."""

    code: str
    values: dict[str, str]

    @property
    def sentence(self) -> str:
        """The warning in one English sentence; its code where this release has none of it."""
        return CAUTIONS.get(self.code, self.code)


CAUTIONS: dict[str, str] = {
    "profile_stale": "The profile waits for its yearly confirmation.",
    "consent_by_assignment": "The employer has to agree to this assignment.",
    "same_nationality": "The expert has the nationality of the partner country.",
    "earlier_work_for_partner": "The expert worked for this institution not long ago.",
    "often_same_institution": "The expert has worked often for this institution.",
    "same_employer_in_team": "Another member of the team has the same employer.",
    "many_days": "The expert has had many days in the last 12 months.",
    "tentative": "The stay on site rests on a tentative period.",
    "employer_unknown": "An employer is not known yet; a binding search would leave the expert out.",
    "declaration_out_of_date": "A new declaration of interests is needed before a binding search.",
}


def cautions_of(line: RosterLine, question: Question) -> tuple[Caution, ...]:
    """Every warning that applies, in the order of CAUTIONS, as far as its facts are known at the search.

    Earlier work for an institution is known where the profile links the assignment to it; missions done through this
    facility are not added by themselves. Who else is in the team is known when a position is searched for again: the
    first lists of all its positions are made before anybody has accepted. An interest in a later tender is nowhere
    recorded.
    """
    expert, requirement, policy = line.expert, question.requirement, question.policy
    found: dict[str, dict[str, str]] = {}
    if expert.status == "stale":
        found["profile_stale"] = {}
    if expert.employer_consent == "by_assignment":
        found["consent_by_assignment"] = {}
    if requirement.country in expert.nationalities:
        found["same_nationality"] = {"country": requirement.country}
    with_partner = [a.year for a in expert.assignments if a.institution_id in question.institutions]
    if with_partner and max(with_partner) >= question.contract_since:
        found["earlier_work_for_partner"] = {"year": str(max(with_partner))}
    if len(with_partner) > policy.warn_same_institution:
        found["often_same_institution"] = {"assignments": str(len(with_partner))}
    employer = expert.employer_on(question.today)
    if employer and employer.institution_id and employer.institution_id in requirement.team_institution_ids:
        found["same_employer_in_team"] = {"institution": employer.institution_id}
    days = workload_of(line, question).days + (requirement.days_total or 0)
    if days > policy.warn_days:
        found["many_days"] = {"days_with_this": str(days), "warn_above": str(policy.warn_days)}
    if freedom(line.calendar, question.dates).tentative:
        found["tentative"] = {}
    if requirement.stage == "indicative":
        for code, test in (
            ("employer_unknown", employer_unknown),
            ("declaration_out_of_date", declaration_out_of_date),
        ):
            values = test(line, question)
            if values is not None:
                found[code] = values
    return tuple(Caution(code, found[code]) for code in CAUTIONS if code in found)
