"""What matching offers over HTTP: one router per resource."""

from __future__ import annotations

from fastapi import APIRouter

from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.application.terms import Term
from services.matching.domain.policy import Policy
from services.matching.entrypoints.http.availability import availability_router
from services.matching.entrypoints.http.offers import offers_router
from services.matching.entrypoints.http.positions import positions_router
from services.matching.entrypoints.http.searches import searches_router
from services.matching.entrypoints.http.teams import teams_router
from shared.clock import Clock


def routers(stores: Stores, roster: Roster, policy: Policy, clearance: Term, clock: Clock) -> tuple[APIRouter, ...]:
    """Every router of this service."""
    return (
        availability_router(stores),
        searches_router(stores),
        positions_router(stores, roster, policy, clock),
        offers_router(stores, roster, clearance, clock),
        teams_router(stores),
    )
