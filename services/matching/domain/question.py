"""A requirement made ready to be asked of many experts: everything that is the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.matching.domain.availability import Dates
from services.matching.domain.policy import Policy
from services.matching.domain.requirement import RANK_OF_LEVEL, Requirement
from services.matching.domain.roster import RosterLine
from services.matching.domain.workload import Workload, workload


@dataclass(frozen=True, slots=True)
class Question:
    """Made by `question_of`; good for one day and one policy."""

    requirement: Requirement
    policy: Policy
    today: date
    institutions: frozenset[str]
    """The requesting institution and its related ones."""
    places: frozenset[str]
    """The destination and the codes of its regions."""
    region_groups: tuple[str, ...]
    """The destination's."""
    region_countries: frozenset[str]
    """Countries whose experience counts as knowing the region."""
    language_ranks: tuple[tuple[str, str, int], ...]
    """(language, level asked, its rank)."""
    eu: frozenset[str]
    """Member states: decides EU or non-EU origin."""
    dates: Dates | None
    look_back_from: date
    """Work for the institution after this day is a conflict."""
    declared_since: date
    """A general declaration before this day has run out."""
    contract_since: int
    """Year from which earlier work for the institution is a warning."""


def question_of(requirement: Requirement, policy: Policy, today: date) -> Question:
    """Prepare a requirement under a policy, as of `today` (the day in UTC)."""
    destination_groups = policy.geography.groups_of(requirement.country, today)
    return Question(
        requirement=requirement,
        policy=policy,
        today=today,
        institutions=frozenset((requirement.institution_id, *requirement.related_institution_ids)),
        places=frozenset((requirement.country, *destination_groups)),
        region_groups=destination_groups,
        region_countries=policy.geography.members_of(destination_groups, today),
        language_ranks=tuple((n.language, n.level, RANK_OF_LEVEL[n.level]) for n in requirement.languages),
        eu=policy.geography.eu_on(today),
        dates=Dates.of(requirement, destination_groups, today=today),
        look_back_from=months_before(today, 12 * policy.conflict_years),
        declared_since=months_before(today, policy.declaration_months),
        contract_since=today.year - policy.warn_contract_years,
    )


def workload_of(line: RosterLine, question: Question) -> Workload:
    """What the expert does and is asked beside the position in question."""
    return workload(line.expert, line.calendar, question.today, apart_from=question.requirement.position_id)


def months_before(day: date, months: int) -> date:
    """The same day of the month `months` earlier, or that month's last day when it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    following = date(year + month // 12, month % 12 + 1, 1)
    last = date.fromordinal(following.toordinal() - 1).day
    return date(year, month, min(day.day, last))
