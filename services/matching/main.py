"""The composition root of matching: everything it is made of, in one place. Nothing is created at import."""

from __future__ import annotations

from services.matching.application.lapse_holds import lapse_holds
from services.matching.application.pass_deadline import pass_deadline
from services.matching.application.roster import Roster
from services.matching.application.stores import INDEXED, Stores
from services.matching.domain.geography import Geography
from services.matching.domain.policy import Policy, Weights
from services.matching.domain.position import BEFORE_ACCEPTANCE
from services.matching.entrypoints.events import EventHandlers
from services.matching.entrypoints.http import TAGS, routers
from services.matching.settings import MatchingSettings
from shared import vocabulary
from shared.contracts import topics
from shared.runtime.assembly import Assembly, BuiltService, Replaced
from shared.runtime.rebuilding import View
from shared.store import Alarm, Announced, DeadlinePassed

DESCRIPTION = "Who could do it, and why: roster, rankings, positions, offers, calendars, teams."
EU = "EU27"


def build(settings: MatchingSettings, replaced: Replaced | None = None) -> BuiltService:
    """Matching, ready to run. `replaced` brings parts of the caller's own, such as documents in memory."""
    assembly = Assembly("matching", settings, replaced)
    clock = assembly.clock
    stores = Stores.made_by(lambda kind: assembly.store(kind, indexed=INDEXED[kind.name]))
    roster = Roster(stores, clock)
    policy = policy_from(settings)
    handlers = EventHandlers(stores, roster, policy, settings.offer_times, clock)

    assembly.shows(stores.positions, "state", tuple(map(str, BEFORE_ACCEPTANCE)))

    async def offer_deadline(position_id: str, deadline: DeadlinePassed) -> None:
        await pass_deadline(stores.positions, clock, position_id, deadline)

    async def hold_deadline(expert_id: str, deadline: DeadlinePassed) -> None:
        await lapse_holds(stores.calendars, clock, expert_id, deadline)

    return assembly.service(
        DESCRIPTION,
        routers=routers(stores, roster, policy, settings.offer_times, settings.clearance_time, clock),
        subscriptions=handlers.subscriptions(),
        alarms=(Alarm(stores.positions, offer_deadline), Alarm(stores.calendars, hold_deadline)),
        announced=(
            Announced(stores.searches, {topics.SEARCHES: None}),
            Announced(stores.positions, {topics.POSITIONS: None}),
            Announced(stores.calendars, {topics.CALENDARS: None}),
            Announced(stores.teams, {topics.TEAMS: None}),
        ),
        tags=TAGS,
        views=(View(stores.roster, handlers.roster_beside, handlers.settle_roster),),
    )


def policy_from(settings: MatchingSettings) -> Policy:
    """The numbers matching decides by: defaults, and what the settings say otherwise. ValueError if they clash."""
    groups = {group.code: group.memberships for group in vocabulary.country_groups()}
    geography = Geography(eu=groups.pop(EU), regions=groups)
    return Policy(
        geography=geography,
        weights=Weights(**settings.match_weights),
        threshold=settings.match_threshold,
        noise=settings.match_noise,
        **settings.match_policy,
    )
