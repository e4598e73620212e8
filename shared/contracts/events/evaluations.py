"""Evaluations: frozen now, announced once the delivery capability exists. Kept for ever."""

from __future__ import annotations

from pydantic import Field

from shared.contracts.envelope import EventData, Id


class EvaluationCompleted(EventData):
    """A partner's evaluation of an assignment is final."""

    evaluation_id: Id
    expert_id: Id
    position_id: Id
    activity_id: Id
    would_recommend: bool
    rating: int = Field(ge=1, le=5)
