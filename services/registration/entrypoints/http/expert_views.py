"""How an expert is answered: the profile that counts, and beside it the one that waits."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from services.registration.domain.expert import Expert, ExpertStatus, RefusalRecord
from services.registration.domain.expert_profile import ExpertProfile
from services.registration.domain.person import Person
from services.registration.entrypoints.http.views import Meta, meta_of
from shared.given import Day
from shared.store import Stored


class VettedView(BaseModel):
    """An area the expert is vetted for."""

    theme: str
    valid_until: Day


class PendingView(BaseModel):
    """What the expert would have instead of the active profile. The days of assignment stay as they are recorded."""

    profile: ExpertProfile
    submitted_at: AwareDatetime


class RefusedView(BaseModel):
    """Why the latest pending version was refused."""

    reason: str
    at: AwareDatetime


class ExpertView(Meta):
    """An expert."""

    status: ExpertStatus
    person: Person
    profile: ExpertProfile = Field(description="what counts now; of an active expert, what is matched")
    vetted_areas: list[VettedView]
    pending: PendingView | None = Field(None, description="waits for an officer, who takes or refuses it")
    refused: RefusedView | None = Field(None, description="until the next edit")


def expert_view(stored: Stored[Expert]) -> ExpertView:
    """An expert as answered."""
    state = stored.state
    return ExpertView.model_construct(
        **meta_of(stored),
        status=state.status,
        person=state.person,
        profile=state.profile,
        vetted_areas=[VettedView.model_construct(theme=v.theme, valid_until=v.valid_until) for v in state.vetted_areas],
        pending=PendingView.model_construct(**dict(state.pending)) if state.pending else None,
        refused=_refused(state.refused) if state.refused else None,
    )


def _refused(record: RefusalRecord) -> RefusedView:
    return RefusedView.model_construct(reason=record.refusal.reason, at=record.at)
