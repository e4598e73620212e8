"""An expert as matching needs to know them: ids and professional facts, no name and no address."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from services.matching.domain.requirement import Frozen, Level
from shared.contracts.events.experts import EmployerConsent

Category = Literal[
    "eu_public",
    "eu_mandated",
    "social_partner",
    "non_eu_public",
    "international_organisation",
    "academic",
    "private",
    "retired_official",
]


class Employer(Frozen):
    """Where the expert works, or worked until a day that is over: see `RosterExpert.employer_on`."""

    institution_id: str | None = Field(default=None, description="None: not linked to a known institution.")
    type: str | None = None
    country: str | None = None
    since: date | None = Field(default=None, description="None: unknown, so it covers no day before today.")
    until: date | None = Field(default=None, description="Last day; None: no end is known.")
    verified: bool = Field(default=True, description="False while a linked institution is unverified.")


LASTING = date(2199, 12, 31)
"""The end of an employment of which none is known: it counts as lasting. The last day that profiles may name."""


class PastEmployer(Frozen):
    """Where the expert worked before, or works beside; both days belong to the time."""

    institution_id: str | None = None
    country: str | None = None
    start: date
    end: date
    verified: bool = Field(default=True, description="As an Employer's.")


class ThemeLevel(Frozen):
    """A sub-theme the expert claims, with level 1 (has assisted) to 4 (has led) and years in it."""

    code: str
    level: int = Field(ge=1, le=4)
    years: float = Field(default=0, ge=0)


class VettedArea(Frozen):
    """A sub-theme a pool manager has vetted, or a whole theme with every sub-theme of it; None never runs out."""

    theme: str
    valid_until: date | None = None


class Language(Frozen):
    """A language with the level that counts for work in it."""

    language: str
    level: Level


class PastAssignment(Frozen):
    """A mission done before, here or elsewhere."""

    year: int
    country: str
    themes: tuple[str, ...] = ()
    institution_id: str | None = None


class RosterExpert(Frozen):
    """One line of the roster. Nationalities serve a warning to the officer and nothing else."""

    expert_id: str
    status: str
    category: Category
    country_of_work: str
    nationalities: tuple[str, ...] = ()
    employer: Employer | None = None
    previous_employers: tuple[PastEmployer, ...] = ()
    employer_consent: EmployerConsent = "by_assignment"
    themes: tuple[ThemeLevel, ...] = ()
    vetted_areas: tuple[VettedArea, ...] = ()
    years_total: float = Field(default=0, ge=0)
    languages: tuple[Language, ...] = ()
    assignments: tuple[PastAssignment, ...] = ()
    countries_experience: tuple[str, ...] = ()
    summary: str = ""
    method_skills: tuple[str, ...] = ()
    consent_to_contact: bool = False
    barred: bool = False
    general_declaration_at: date | None = None
    excluded_countries: tuple[str, ...] = Field(default=(), description="Countries or region codes.")
    days_last_12m: int = Field(
        default=0, ge=0, description="Days of assignment in 12 months as officers entered them; see `workload`."
    )
    evaluation: int | None = Field(
        default=None, ge=0, le=1000, description="Thousandths. Nobody states one yet: None, and None is neutral."
    )

    def employer_on(self, day: date) -> Employer | None:
        """The employer of that day; None where none is stated, or the one that is has ended before."""
        employer = self.employer
        return None if employer is None or (employer.until is not None and employer.until < day) else employer

    def past_employers_on(self, day: date) -> tuple[PastEmployer, ...]:
        """The earlier ones, and the stated one where it has ended before that day."""
        ended = self.employer
        if ended is None or ended.until is None or ended.until >= day:
            return self.previous_employers
        past = PastEmployer(
            institution_id=ended.institution_id,
            country=ended.country,
            start=ended.since or ended.until,
            end=ended.until,
            verified=ended.verified,
        )
        return (*self.previous_employers, past)

    def employer_to_tell(self, today: date) -> str | None:
        """Id of the institution that is told of an offer; None where it has not agreed to everything beforehand."""
        employer = self.employer_on(today)
        return employer.institution_id if employer and self.employer_consent == "yes" else None
