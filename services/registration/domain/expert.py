"""Experts: who they are, what they bring, and which areas the pool manager has vetted them for."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from services.registration.domain.person import Person
from services.registration.domain.policy import SUMMARY_WORDS, THEME_CAP
from services.registration.domain.transitions import Table, after
from services.registration.domain.values import Id, Kept, LanguageLevel, MediumText, one_per_language, together, words
from shared.errors import Fault, Invalid
from shared.given import Day, Different, Given, different
from shared.vocabulary import parent_theme
from shared.vocabulary.codes import CountryCode, ThemeCode, term_code

ExpertStatus = Literal[
    "registered", "incomplete", "submitted", "under_review", "changes_requested", "vetted",
    "active", "stale", "dormant", "suspended", "removed",
]  # fmt: skip
ExpertAction = Literal["submit", "revise", "activate", "confirm", "go_stale", "go_dormant", "suspend", "remove"]

TRANSITIONS: Table[ExpertStatus, ExpertAction] = {
    ("registered", "submit"): "submitted",
    ("submitted", "revise"): "submitted",
    ("active", "revise"): "active",
    ("submitted", "activate"): "active",
    ("active", "activate"): "active",
    ("active", "go_stale"): "stale",
    ("stale", "confirm"): "active",
    ("stale", "go_dormant"): "dormant",
    ("active", "suspend"): "suspended",
    ("suspended", "activate"): "active",
    ("suspended", "remove"): "removed",
    ("dormant", "activate"): "active",
    ("dormant", "remove"): "removed",
}
OFFERED: frozenset[ExpertAction] = frozenset({"submit", "revise", "activate"})
"""Actions that have a route today."""

Years = Annotated[float, Field(ge=0, le=70, description="years")]
InstitutionType = Annotated[str, Field(max_length=40), term_code("institution_type")]


class EmploymentTime(Given):
    """Where the expert works or worked; `institution_id` if the employer is registered here."""

    institution_id: Id | None = None
    country: CountryCode
    employer_type: InstitutionType
    since: Day | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> EmploymentTime:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"until {self.until} lies before since {self.since}")
        return self


class ThemeYears(Given):
    """A sub-theme, how far the expert has gone in it (1 has assisted … 4 has led) and for how many years."""

    code: ThemeCode
    level: Annotated[int, Field(ge=1, le=4)]
    years: Years


class EarlierAssignment(Given):
    """An earlier assignment, as the expert states it."""

    country: CountryCode
    year: Annotated[int, Field(ge=1950, le=2199)]
    themes: Annotated[tuple[ThemeCode, ...], Field(max_length=4), Different] = ()


def _each_once(themes: tuple[ThemeYears, ...]) -> tuple[ThemeYears, ...]:
    different([theme.code for theme in themes])
    return themes


def _short(summary: str) -> str:
    if (count := words(summary)) > SUMMARY_WORDS:
        raise ValueError(f"{count} words; at most {SUMMARY_WORDS}")
    return summary


class ExpertProfile(Given):
    """The professional profile: no names, no addresses."""

    category: Annotated[str, Field(max_length=40), term_code("expert_category")]
    country_of_work: CountryCode
    nationalities: Annotated[tuple[CountryCode, ...], Field(max_length=5), Different] = ()
    employment: EmploymentTime | None = None
    previous_employments: Annotated[tuple[EmploymentTime, ...], Field(max_length=30)] = ()
    employer_consent: Literal["yes", "no", "by_assignment"] = "by_assignment"
    themes: Annotated[tuple[ThemeYears, ...], Field(min_length=1, max_length=THEME_CAP), AfterValidator(_each_once)]
    years_total: Years
    languages: Annotated[
        tuple[LanguageLevel, ...], Field(min_length=1, max_length=15), AfterValidator(one_per_language)
    ]
    assignments: Annotated[tuple[EarlierAssignment, ...], Field(max_length=100)] = ()
    countries_experience: Annotated[tuple[CountryCode, ...], Field(max_length=100), Different] = ()
    method_skills: Annotated[
        tuple[Annotated[str, Field(max_length=40), term_code("method_skill")], ...], Field(max_length=10), Different
    ] = ()
    summary: Annotated[MediumText, AfterValidator(_short)] = Field("", description="at most 150 words")
    consent_to_contact: bool = False
    general_declaration_on: Day | None = Field(
        None, description="day of the latest general declaration of interests; not in the future"
    )
    excluded_countries: Annotated[tuple[CountryCode, ...], Field(max_length=100), Different] = ()
    days_last_12m: Annotated[int, Field(ge=0, le=366)] | None = Field(
        None, description="days of assignment in the last twelve months; entered by officers, left out to keep it"
    )


class ExpertDetails(Given):
    """What is entered about an expert: the person and the profile."""

    person: Person
    profile: ExpertProfile


class Vetted(Kept):
    """An area the pool manager has vetted the expert for."""

    theme: str
    vetted_by: Id
    valid_until: date


class Expert(Kept):
    """An expert as stored; `registered_by` is the subject of the caller who entered the profile."""

    id: Id
    status: ExpertStatus
    person: Person
    profile: ExpertProfile
    registered_by: Id
    vetted_areas: tuple[Vetted, ...] = ()
    barred: bool = False


def submit(id_: str, details: ExpertDetails, registered_by: str, today: date, *, by_officer: bool) -> Expert:
    """A newly entered profile. Invalid where a date of the past lies in the future."""
    _check_days(details.profile, today)
    profile = _with_days(details.profile, 0, by_officer)
    status = after(TRANSITIONS, "the profile", "registered", "submit")
    return Expert(id=id_, status=status, person=details.person, profile=profile, registered_by=registered_by)


def revise(expert: Expert, details: ExpertDetails, today: date, *, by_officer: bool) -> Expert:
    """The expert with new details. An area that the profile no longer claims is no longer vetted."""
    status = after(TRANSITIONS, "the profile", expert.status, "revise")
    _check_days(details.profile, today)
    profile = _with_days(details.profile, expert.profile.days_last_12m or 0, by_officer)
    areas = _areas(profile)
    return expert.model_copy(
        update={
            "status": status,
            "person": details.person,
            "profile": profile,
            "vetted_areas": tuple(area for area in expert.vetted_areas if area.theme in areas),
        }
    )


def activate(expert: Expert, areas: tuple[str, ...], by: str, today: date, months: int) -> Expert:
    """The expert vetted for `areas` until `months` from today; areas vetted earlier stay until their own day.

    Invalid for an area that the profile does not claim.
    """
    status = after(TRANSITIONS, "the profile", expert.status, "activate")
    claimed = _areas(expert.profile)
    if unknown := [area for area in areas if area not in claimed]:
        raise Invalid(
            f"not among the themes of the profile: {', '.join(unknown)}",
            mend="Vet only what the profile claims, or have the profile revised first.",
            faults=tuple(
                Fault(f"/vetted_areas/{areas.index(area)}", f"{area} is not claimed", "Name a theme of the profile.")
                for area in unknown
            ),
        )
    until = months_later(today, months)
    kept = tuple(area for area in expert.vetted_areas if area.theme not in areas and area.valid_until >= today)
    new = tuple(Vetted(theme=area, vetted_by=by, valid_until=until) for area in areas)
    return expert.model_copy(update={"status": status, "vetted_areas": kept + new})


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _areas(profile: ExpertProfile) -> set[str]:
    codes = {theme.code for theme in profile.themes}
    return codes | {parent for code in codes if (parent := parent_theme(code)) is not None}


def _with_days(profile: ExpertProfile, before: int, by_officer: bool) -> ExpertProfile:
    """The profile with its days of assignment. Invalid where anybody but an officer changes them."""
    days = before if profile.days_last_12m is None else profile.days_last_12m
    if days != before and not by_officer:
        pointer = "/profile/days_last_12m"
        fault = Fault(pointer, "days of assignment are recorded by the facility", "Leave it out.")
        raise Invalid("only officers enter days of assignment", mend=fault.mend, faults=(fault,))
    return profile.model_copy(update={"days_last_12m": days})


def _check_days(profile: ExpertProfile, today: date) -> None:
    future = "lies in the future"
    declared, job = profile.general_declaration_on, profile.employment
    faults = together(
        (
            Fault("/profile/general_declaration_on", f"{declared} {future}", "Give the day it was signed.")
            if declared and declared > today
            else None,
            Fault("/profile/employment/since", f"{job.since} {future}", "Give the employer of today.")
            if job and job.since and job.since > today
            else None,
            *(
                Fault(f"/profile/assignments/{i}/year", f"{done.year} {future}", "Name past assignments only.")
                for i, done in enumerate(profile.assignments)
                if done.year > today.year
            ),
        )
    )
    if faults:
        raise Invalid("a day of the past lies in the future", mend="Correct the dates.", faults=faults)
