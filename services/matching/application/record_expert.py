"""An expert's professional facts changed: keep them, in this service's own words."""

from __future__ import annotations

from services.matching.domain.expert import (
    LASTING,
    Employer,
    Language,
    PastAssignment,
    PastEmployer,
    RosterExpert,
    ThemeLevel,
    VettedArea,
)
from shared.contracts.events.experts import ExpertState
from shared.store import Cause, Decision, Store


async def record_expert(roster: Store[RosterExpert], cause: Cause, said: ExpertState) -> None:
    """Replace what is known of the expert by what was announced; newer wins."""
    expert = expert_from(said)
    await roster.change(said.expert_id, cause, lambda _: Decision(expert))


async def forget_expert(roster: Store[RosterExpert], cause: Cause, expert_id: str) -> None:
    """The expert was erased: nothing of the profile stays, the guard does."""
    await roster.change(expert_id, cause, lambda _: Decision(None))


def expert_from(said: ExpertState) -> RosterExpert:
    """The announced state in this service's own words."""
    work = said.employment
    return RosterExpert.model_validate(
        {
            **said.model_dump(
                include={
                    "expert_id",
                    "status",
                    "category",
                    "country_of_work",
                    "nationalities",
                    "employer_consent",
                    "years_total",
                    "countries_experience",
                    "summary",
                    "method_skills",
                    "consent_to_contact",
                    "barred",
                    "excluded_countries",
                    "days_last_12m",
                }
            ),
            "employer": work
            and Employer(
                institution_id=work.institution_id,
                type=work.employer_type,
                country=work.country,
                since=work.since,
                until=work.until,
            ),
            "previous_employers": tuple(
                PastEmployer(
                    institution_id=e.institution_id,
                    country=e.country,
                    start=e.since or e.until or LASTING,
                    end=e.until or LASTING,
                )
                for e in said.previous_employments
            ),
            "themes": tuple(ThemeLevel(**t.model_dump()) for t in said.themes),
            "vetted_areas": tuple(VettedArea(**v.model_dump()) for v in said.vetted_areas),
            "languages": tuple(Language.model_validate(s.model_dump()) for s in said.languages),
            "assignments": tuple(PastAssignment(**a.model_dump()) for a in said.assignments),
            "general_declaration_at": said.general_declaration_on,
        }
    )
