"""Experts by professional attributes: no names, no addresses. Full state in each event: the topic is compacted."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.envelope import EventData, Id, Published

ExpertStatus = Literal["submitted", "active", "stale", "suspended", "dormant"]
"""`stale`: not confirmed for a year. Nothing announces it yet; it stands here before the first release, since a value
that is added later needs a new version of a compacted topic."""
EmployerConsent = Literal["yes", "no", "by_assignment"]


class ThemeExperience(Published):
    """A theme the expert has worked on: level 1 (has assisted) to 4 (has led), and for how long."""

    code: str
    level: int = Field(ge=1, le=4)
    years: float = Field(ge=0, description="years")


class LanguageSkill(Published):
    """A language and its CEFR level (A1 … C2, native)."""

    language: str
    level: str


class PastAssignment(Published):
    """An earlier assignment: where, when, on what, for whom."""

    country: str
    year: int
    themes: tuple[str, ...] = ()
    institution_id: Id | None = Field(None, description="whom it was for; nothing: not known, or not registered here")


class VettedArea(Published):
    """A sub-theme the pool manager has vetted the expert for, or a theme with all its sub-themes, and until when."""

    theme: str
    valid_until: date


class Employment(Published):
    """Where the expert works or worked, by id if the employer is registered here."""

    institution_id: Id | None = None
    country: str
    employer_type: str
    since: date | None = Field(None, description="first day; nothing: not known")
    until: date | None = Field(None, description="last day; nothing: no end is known")


class ExpertState(EventData):
    """What matching may know of an expert."""

    expert_id: Id
    status: ExpertStatus
    category: str = Field(description="eu_public, eu_mandated, social_partner, non_eu_public, …")
    country_of_work: str
    nationalities: tuple[str, ...] = ()
    employment: Employment | None = None
    previous_employments: tuple[Employment, ...] = ()
    employer_consent: EmployerConsent = "by_assignment"
    themes: tuple[ThemeExperience, ...]
    vetted_areas: tuple[VettedArea, ...] = ()
    years_total: float = Field(ge=0, description="years")
    languages: tuple[LanguageSkill, ...]
    assignments: tuple[PastAssignment, ...] = ()
    countries_experience: tuple[str, ...] = ()
    method_skills: tuple[str, ...] = ()
    summary: str = Field("", description="professional summary, at most 150 words")
    consent_to_contact: bool = False
    barred: bool = False
    general_declaration_on: date | None = Field(None, description="day of the latest general interest declaration")
    excluded_countries: tuple[str, ...] = ()
    days_last_12m: int = Field(0, ge=0, description="days of assignment in the last twelve months")


class ExpertSubmitted(ExpertState):
    """A profile was entered and waits to be vetted."""


class ExpertRevised(ExpertState):
    """A profile was changed."""


class ExpertActivated(ExpertState):
    """The pool manager vetted the profile: it can be found now."""


class ExpertRevisionRefused(ExpertState):
    """The pool manager did not take what the expert would change: the profile stands as it was. No reason is given
    here; the expert reads it in their profile."""
