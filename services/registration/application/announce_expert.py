"""From an expert's state to the published contracts. Person data goes into `contact.recorded` alone."""

from __future__ import annotations

from typing import Any

from services.registration.domain.expert import Expert
from services.registration.domain.expert_profile import EmploymentTime
from services.registration.domain.values import LanguageLevel
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.experts import (
    Employment,
    ExpertActivated,
    ExpertRevised,
    ExpertRevisionRefused,
    ExpertSubmitted,
    LanguageSkill,
    PastAssignment,
    ThemeExperience,
    VettedArea,
)
from shared.store.document import Announcement


def expert_recorded(state: Expert) -> ContactRecorded:
    """How an expert can be reached. Without stated languages, those of the profile are used in its order."""
    return ContactRecorded(
        contact_id=state.id,
        kind="expert",
        name=state.person.full_name,
        email=state.person.email,
        languages=state.person.languages or tuple(skill.language for skill in state.profile.languages),
        functions=("expert",),
    )


def expert_submitted(state: Expert) -> ExpertSubmitted:
    """A profile was entered."""
    return ExpertSubmitted(**_expert(state))


def expert_revised(state: Expert) -> ExpertRevised:
    """A profile was changed."""
    return ExpertRevised(**_expert(state))


def expert_activated(state: Expert) -> ExpertActivated:
    """A profile was vetted."""
    return ExpertActivated(**_expert(state))


def expert_revision_refused(state: Expert) -> ExpertRevisionRefused:
    """A pending version was refused; the profile stands as before."""
    return ExpertRevisionRefused(**_expert(state))


def changes_of_expert(before: Expert, after: Expert) -> tuple[Announcement, ...]:
    """What to announce of a change: only what others can see."""
    said: list[Announcement] = [expert_revised(after)] if expert_revised(after) != expert_revised(before) else []
    if expert_recorded(after) != expert_recorded(before):
        said.append(expert_recorded(after))
    return tuple(said)


def _expert(state: Expert) -> dict[str, Any]:
    profile = state.profile
    return {
        "expert_id": state.id,
        "status": state.status,
        "category": profile.category,
        "country_of_work": profile.country_of_work,
        "nationalities": profile.nationalities,
        "employment": _employment(profile.employment) if profile.employment else None,
        "previous_employments": tuple(_employment(job) for job in profile.previous_employments),
        "employer_consent": profile.employer_consent,
        "themes": tuple(ThemeExperience(code=t.code, level=t.level, years=t.years) for t in profile.themes),
        "vetted_areas": tuple(VettedArea(theme=v.theme, valid_until=v.valid_until) for v in state.vetted_areas),
        "years_total": profile.years_total,
        "languages": skills(profile.languages),
        "assignments": tuple(
            PastAssignment(country=a.country, year=a.year, themes=a.themes, institution_id=a.institution_id)
            for a in profile.assignments
        ),
        "countries_experience": profile.countries_experience,
        "method_skills": profile.method_skills,
        "summary": profile.summary,
        "consent_to_contact": profile.consent_to_contact,
        "barred": state.barred,
        "general_declaration_on": profile.general_declaration_on,
        "excluded_countries": profile.excluded_countries,
        "days_last_12m": profile.days_last_12m or 0,
    }


def _employment(job: EmploymentTime) -> Employment:
    return Employment(**dict(job))


def skills(spoken: tuple[LanguageLevel, ...]) -> tuple[LanguageSkill, ...]:
    """Languages and their levels, as published."""
    return tuple(LanguageSkill(language=skill.language, level=skill.level) for skill in spoken)
