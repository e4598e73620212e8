"""An institution's standing changed: keep what conflicts of interest need."""

from __future__ import annotations

from services.matching.domain.institution import Institution
from shared.contracts.events.institutions import InstitutionState
from shared.store import Cause, Decision, Store


async def record_institution(institutions: Store[Institution], cause: Cause, said: InstitutionState) -> None:
    """Replace what is known of the institution by what was announced; newer wins."""
    known = Institution.model_validate(said.model_dump())
    await institutions.change(said.institution_id, cause, lambda _: Decision(known))


async def forget_institution(institutions: Store[Institution], cause: Cause, institution_id: str) -> None:
    """The institution was erased: the guard stays."""
    await institutions.change(institution_id, cause, lambda _: Decision(None))
