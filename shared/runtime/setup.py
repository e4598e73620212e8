"""How a service is set up, for operators: what it was told, what it relies on, what it listens to."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from shared.runtime.http.answers import shows
from shared.runtime.identity import Caller, Role, allow

_operator = allow(Role.OPERATOR)


class Index(BaseModel):
    """One index a service makes at its start."""

    collection: str
    fields: tuple[str, ...] = Field(description="in their order, each ascending")


class Consumes(BaseModel):
    """One topic a service listens to."""

    group: str
    topic: str


class Announces(BaseModel):
    """One topic that the aggregates of a collection announce themselves on."""

    collection: str
    topic: str


class Setup(BaseModel):
    """One service as this process runs it."""

    service: str
    settings: dict[str, str] = Field(description="every setting; secrets are masked")
    indexes: list[Index]
    consumes: list[Consumes]
    announces: list[Announces]


EXAMPLE: dict[str, Any] = {
    "service": "notifications",
    "settings": {"kafka": "kafka:9092", "mongodb": "mongodb://***@mongodb:27017"},
    "indexes": [{"collection": "deliveries", "fields": ["keys.state", "created_at"]}],
    "consumes": [{"group": "notifications.requests", "topic": "registration.requests"}],
    "announces": [],
}


def setup_router(setup: Setup) -> APIRouter:
    """GET /operations/setup; operators only."""
    router = APIRouter(prefix="/operations", tags=["operations"])

    @router.get(
        "/setup",
        summary="Settings, indexes and consumer groups of this service",
        description="As this process runs it; secrets are masked.",
        responses=shows(EXAMPLE, etag=False),
    )
    async def read_setup(_caller: Annotated[Caller, Depends(_operator)]) -> Setup:
        return setup

    return router
