"""The professional profile of an expert: what it claims, and what it may be used for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from services.registration.domain.faults import together
from services.registration.domain.policy import SUMMARY_WORDS, THEME_CAP
from services.registration.domain.values import Id, LanguageLevel, MediumText, one_per_language, words
from shared.contracts.events.experts import EmployerConsent
from shared.errors import Fault, Invalid, Unfit
from shared.given import Day, Different, Given, different
from shared.vocabulary import parent_theme
from shared.vocabulary.codes import CategoryCode, CountryCode, InstitutionTypeCode, ThemeCode, term_code

_CONSENTS: tuple[EmployerConsent, ...] = ("no", "by_assignment", "yes")

Years = Annotated[float, Field(ge=0, le=70, description="years")]


class EmploymentTime(Given):
    """Where the expert works or worked; `institution_id` if the employer is registered here."""

    institution_id: Id | None = None
    country: CountryCode
    employer_type: InstitutionTypeCode
    since: Day | None = Field(
        None,
        description="first day; without it no day before today is covered, and where earlier employments do not cover "
        "the look-back for conflicts of interest the expert is set aside as employer_unknown",
    )
    until: Day | None = Field(
        None, description="last day; once it is over this is an earlier employment, and the days since need another"
    )

    @model_validator(mode="after")
    def _in_order(self) -> EmploymentTime:
        if self.since and self.until and self.until < self.since:
            raise Unfit(f"until {self.until} lies before since {self.since}", "Give an until on or after since.")
        return self


class ThemeYears(Given):
    """A sub-theme, how far the expert has gone in it (1 has assisted … 4 has led) and for how many years."""

    code: ThemeCode
    level: Annotated[int, Field(ge=1, le=4)]
    years: Years


class EarlierAssignment(Given):
    """An earlier assignment, as the expert states it."""

    institution_id: Id | None = Field(
        None, description="whom it was for, if registered here: officers are warned before more work for the same"
    )
    country: CountryCode
    year: Annotated[int, Field(ge=1950, le=2199)]
    themes: Annotated[tuple[ThemeCode, ...], Field(max_length=4), Different] = ()


def _each_once(themes: tuple[ThemeYears, ...]) -> tuple[ThemeYears, ...]:
    different([theme.code for theme in themes])
    return themes


def _short(summary: str) -> str:
    if (count := words(summary)) > SUMMARY_WORDS:
        raise Unfit(f"{count} words; at most {SUMMARY_WORDS}", f"Use at most {SUMMARY_WORDS} words.")
    return summary


class ExpertProfile(Given):
    """The professional profile: no names, no addresses."""

    category: CategoryCode
    country_of_work: CountryCode
    nationalities: Annotated[tuple[CountryCode, ...], Field(max_length=5), Different] = ()
    employment: EmploymentTime | None = None
    previous_employments: Annotated[tuple[EmploymentTime, ...], Field(max_length=30)] = ()
    employer_consent: EmployerConsent = "by_assignment"
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
    summary: Annotated[MediumText, AfterValidator(_short)] = Field("", description=f"at most {SUMMARY_WORDS} words")
    consent_to_contact: bool = False
    general_declaration_on: Day | None = Field(
        None, description="day of the latest general declaration of interests; not in the future"
    )
    excluded_countries: Annotated[tuple[CountryCode, ...], Field(max_length=300), Different] = ()
    days_last_12m: Annotated[int, Field(ge=0, le=366)] | None = Field(
        None, description="days of assignment in the last twelve months; entered by officers, left out to keep it"
    )


def areas_of(profile: ExpertProfile) -> set[str]:
    """The themes the profile claims, and the themes above them."""
    codes = {theme.code for theme in profile.themes}
    return codes | {parent for code in codes if (parent := parent_theme(code)) is not None}


def taken_back(profile: ExpertProfile, by: ExpertProfile) -> dict[str, Any]:
    """What `by` allows less than `profile` does, field by field: consents withdrawn, countries excluded as well."""
    consent = min(profile.employer_consent, by.employer_consent, key=_CONSENTS.index)
    excluded = by.excluded_countries
    if not set(excluded) >= set(profile.excluded_countries):
        excluded = tuple(dict.fromkeys((*profile.excluded_countries, *excluded)))
    narrower = {
        "consent_to_contact": profile.consent_to_contact and by.consent_to_contact,
        "employer_consent": consent,
        "excluded_countries": excluded,
    }
    return {name: value for name, value in narrower.items() if value != getattr(profile, name)}


def with_days(profile: ExpertProfile, before: int, by_officer: bool) -> ExpertProfile:
    """The profile with its days of assignment. Invalid where anybody but an officer changes them."""
    days = before if profile.days_last_12m is None else profile.days_last_12m
    if days != before and not by_officer:
        pointer = "/profile/days_last_12m"
        fault = Fault(pointer, "days of assignment are recorded by the facility", "Leave it out.")
        raise Invalid("only officers enter days of assignment", mend=fault.mend, faults=(fault,))
    return profile.model_copy(update={"days_last_12m": days})


def check_days(profile: ExpertProfile, today: date) -> None:
    """Invalid where a day of the past lies in the future."""
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
                Fault(f"/profile/previous_employments/{i}/{told}", f"{day} {future}", "Give a day of the past.")
                for i, past in enumerate(profile.previous_employments)
                for told, day in (("since", past.since), ("until", None if past.since else past.until))
                if day and day > today
            ),
            *(
                Fault(f"/profile/assignments/{i}/year", f"{done.year} {future}", "Name past assignments only.")
                for i, done in enumerate(profile.assignments)
                if done.year > today.year
            ),
        )
    )
    if faults:
        raise Invalid("a day of the past lies in the future", mend="Correct the dates.", faults=faults)
