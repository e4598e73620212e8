"""What matching offers over HTTP: one router per resource."""

from __future__ import annotations

from fastapi import APIRouter

from services.matching.application.offer_next import OfferTimes
from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.domain.deadlines import Duration
from services.matching.domain.policy import Policy
from services.matching.entrypoints.http.availability import availability_router
from services.matching.entrypoints.http.offers import offers_router
from services.matching.entrypoints.http.positions import positions_router
from services.matching.entrypoints.http.searches import searches_router
from services.matching.entrypoints.http.teams import teams_router
from shared.clock import Clock

TAGS = [
    {"name": "positions", "description": "Who is wanted, who is on the list, and its approval."},
    {"name": "offers", "description": "What experts are asked, and their answers."},
    {"name": "searches", "description": "Who was looked for, every point of the ranking and every exclusion."},
    {"name": "teams", "description": "Who goes to an activity together, and whether somebody is lacking."},
    {"name": "availability", "description": "When experts are free, and how much they will do."},
]


def routers(
    stores: Stores, roster: Roster, policy: Policy, offer_times: OfferTimes, clearance: Duration, clock: Clock
) -> tuple[APIRouter, ...]:
    """Every router of this service."""
    return (
        availability_router(stores),
        searches_router(stores),
        positions_router(stores, roster, policy, offer_times, clock),
        offers_router(stores, roster, clearance, clock),
        teams_router(stores),
    )
