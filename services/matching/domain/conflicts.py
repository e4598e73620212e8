"""Conflicts of interest: the hard ones, and what fails closed because it is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from services.matching.domain.expert import LASTING, Employer, PastEmployer
from services.matching.domain.question import Question
from services.matching.domain.roster import RosterLine


def conflict(line: RosterLine, question: Question) -> dict[str, str] | None:
    """Works, or within the look-back worked, for the requesting institution or a related one."""
    employer = line.expert.employer_on(question.today)
    if employer is not None and employer.institution_id in question.institutions:
        return {"works_for": str(employer.institution_id)}
    for past in line.expert.past_employers_on(question.today):
        if past.institution_id in question.institutions and past.end > question.look_back_from:
            return {"worked_for": str(past.institution_id), "until": _until(past)}
    return None


def employer_unknown(line: RosterLine, question: Question) -> dict[str, str] | None:
    """An employer of the look-back is missing for any of its days, unverified, or could be the requesting institution.

    An employer without a known institution id is taken as another institution only in another country. An employment
    whose first day is not stated covers today alone: earlier ones must cover the days before.
    """
    expert, today, country = line.expert, question.today, question.requirement.country
    employer = expert.employer_on(today)
    if expert.employer is None:
        return {"employer": "missing"}
    if employer is not None:
        if employer.institution_id is None and employer.country in (None, country):
            return {"employer": "not linked to an institution", "country": employer.country or "unknown"}
        if employer.institution_id is not None and not employer.verified:
            return {"employer": "unverified", "institution": employer.institution_id}
    past_employers = expert.past_employers_on(today)
    for past in past_employers:
        if past.end <= question.look_back_from:
            continue
        if past.institution_id is None and past.country in (None, country):
            return {"earlier_employer": "not linked to an institution", "until": _until(past)}
        if past.institution_id is not None and not past.verified:
            return {"earlier_employer": "unverified", "institution": past.institution_id, "until": _until(past)}
    gap = _first_gap(past_employers, question.look_back_from, _covered_from(employer, today))
    if gap is None:
        return None
    stated = {"since": "not stated"} if employer is not None and employer.since is None else {}
    return {"employer": "missing", "from": gap.isoformat(), **stated}


def declaration_out_of_date(line: RosterLine, question: Question) -> dict[str, str] | None:
    """No general declaration of interests, or one older than the policy's months."""
    declared = line.expert.general_declaration_at
    if declared is None:
        return {"declared": "never"}
    return {"declared": declared.isoformat()} if declared < question.declared_since else None


def _until(past: PastEmployer) -> str:
    return "no end known" if past.end == LASTING else past.end.isoformat()


def _covered_from(employer: Employer | None, today: date) -> date:
    """From this day to `today` the employer is the one of today; the day after where there is none."""
    return today + timedelta(days=1) if employer is None else employer.since or today


def _first_gap(employers: Iterable[PastEmployer], start: date, until: date) -> date | None:
    """The first day in [start, until) that no earlier employment covers."""
    day = start
    for past in sorted(employers, key=lambda p: (p.start, p.end)):
        if past.start > day:
            break
        day = max(day, past.end + timedelta(days=1))
    return day if day < until else None
