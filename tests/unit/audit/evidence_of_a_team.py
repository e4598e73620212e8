"""A sound world from the contacts to a complete team, in the shape of the contracts. Sample data.

Everybody is known since `KNOWN`, everything is published at `PUBLISHED`, long after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from deploy.audit import Evidence, Mail, Record
from deploy.audit.expectations import GROUPS, GUARDED
from deploy.audit.people import SURELY_BEFORE_MS
from deploy.audit.progress import Progress
from shared.contracts.topics import TOPICS
from shared.messaging.event import source_of
from tests.unit.audit.evidence_of_a_case import document, event

KNOWN = 1_000
PUBLISHED = KNOWN + SURELY_BEFORE_MS + 1
FACILITY = ("desk", "manager", "pool_manager", "adviser", "logistics", "communication")
PEOPLE: dict[str, dict[str, Any]] = {
    "focal": {"kind": "institution_contact", "institution_id": "ins_1", "functions": ["focal_point"]},
    "signs": {"kind": "institution_contact", "institution_id": "ins_1", "functions": ["signatory"]},
    "boss": {"kind": "institution_contact", "institution_id": "ins_2", "functions": ["supervisor"]},
    "eud": {"kind": "delegation", "functions": ["eu_delegation"], "countries": ["NG"]},
    "exp_1": {"kind": "expert", "functions": ["expert"]},
    "exp_2": {"kind": "expert", "functions": ["expert"]},
    **{function: {"kind": "staff", "functions": [function]} for function in FACILITY},
}
TOLD = {
    "request.submitted": ("focal", "signs", "desk", "eud"),
    "request.approved": ("focal", "signs", "eud", "adviser", "manager"),
    "match.completed": ("manager", "pool_manager"),
    "assignment.accepted": ("manager", "focal", "logistics", "boss"),
    "team.complete": ("focal", "eud", "communication", "exp_1", "exp_2"),
    "institution.verified": ("focal", "eud"),
}
DAYS = {"first_day": "2999-03-01", "last_day": "2999-03-12"}
LATER = "2999-01-01T00:00:00Z"
CASE = {"request_id": "req_1", "institution_id": "ins_1", "country": "NG"}
POSITIONS = (1, 2)


class World:
    """Puts events on their topics, and what they leave into documents."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        self._offsets: Counter[str] = Counter()
        self._sequences: dict[str, Counter[str]] = {}

    def say(self, topic: str, type_: str, key: str, cause: str | None = None, **data: Any) -> str:
        """One event more; its id."""
        issued = self._sequences.setdefault(topic, Counter())
        issued[key] += 1
        content = event(type_, TOPICS[topic].aggregate, key, issued[key], cause, **data)
        put = Record(topic, 0, self._offsets[topic], key, content, issued[key], content["event_id"], PUBLISHED)
        self._offsets[topic] += 1
        self.evidence.records.append(put)
        return put.event_id

    def keep(self, place: str, id_: str, hears: Iterable[tuple[str, str]] = (), **state: Any) -> None:
        """A document that has taken in all that was said of these (topic, key), and has said itself what is on its
        own topic; with `state`."""
        service, _, name = place.partition(".")
        seen = {source_of(TOPICS[topic], key): self._sequences[topic][key] for topic, key in hears}
        own = {place: self._sequences[place][id_]} if self._sequences.get(place, Counter())[id_] else {}
        made = document(id_, seen=seen, sequences=own, **state) | {"created_at": KNOWN, "updated_at": KNOWN}
        self.evidence.documents.setdefault(service, {}).setdefault(name, []).append(made)

    def tell(self, told: dict[str, tuple[str, ...]]) -> None:
        """Deliveries and mails of every event of these types, to these recipients; of an offer, to its expert too."""
        for record in self.evidence.records:
            said = record.event or {"type": "", "data": {}}
            to = told.get(said["type"], ())
            if said["type"] == "assignment.offered":
                to = ("boss", said["data"]["expert_id"])
            for who in to:
                for channel, state in (("mail", "sent"), ("inbox", "delivered")):
                    id_ = f"dlv_{record.event_id}_{who}_{channel}"
                    of: dict[str, Any] = {"event_id": record.event_id, "recipient": who}
                    self.keep("notifications.deliveries", id_, channel=channel, state=state, **of)
                    if channel == "mail":
                        self.evidence.mails.append(Mail(f"<{id_}@sample>", record.event_id, f"{who}@example.org"))


def whole(
    *,
    opened: tuple[int, ...] = POSITIONS,
    accepted: tuple[int, ...] = POSITIONS,
    complete: bool = True,
    leads: tuple[int, ...] = (1,),
    finalised_again: bool = False,
) -> Evidence:
    """The case up to a complete team; with fewer positions opened or accepted, or no team announced. `leads` are the
    numbers of the positions that are marked as principal. `finalised_again`: as after a restore of registration."""
    world = World()
    requests, terms_topic, positions = "registration.requests", "registration.terms_of_reference", "matching.positions"
    for id_, said in PEOPLE.items():
        known = {"contact_id": id_, "name": id_, "email": f"{id_}@example.org", "active": True, **said}
        world.say("registration.contacts", "contact.recorded", id_, **known)
        world.keep("registration.contacts", id_)
        state = {**known, "erased": False}
        world.keep("notifications.contacts", id_, [("registration.contacts", id_)], **state)
    world.say("registration.institutions", "institution.verified", "ins_1", institution_id="ins_1", country="NG")
    world.keep("registration.institutions", "ins_1")
    heard = [("registration.institutions", "ins_1")]
    world.keep("matching.institutions", "ins_1", heard, institution_id="ins_1", country="NG")
    for id_ in ("exp_1", "exp_2"):
        world.say("registration.experts", "expert.revised", id_, expert_id=id_, status="active")
        world.keep("registration.experts", id_)
        world.keep("matching.roster", id_, [("registration.experts", id_)], expert_id=id_, status="active")
    named = {"focal_point_id": "focal", "signatory_id": "signs"}
    submitted = world.say(requests, "request.submitted", "req_1", **CASE, **named)
    approved = world.say(requests, "request.approved", "req_1", **CASE)
    world.say("matching.searches", "match.completed", "req_1", submitted, **CASE)
    world.say("registration.actions", "action.created", "act_1", approved, **CASE)
    world.say(terms_topic, "tor.drafted", "tor_1", approved, **CASE)
    asked = [{"position_id": f"pos_{n}", "is_principal": n in leads} for n in POSITIONS]
    final = world.say(terms_topic, "tor.finalised", "tor_1", positions=asked, **CASE)
    last = ""
    for n in opened:
        about: dict[str, Any] = {**CASE, "position_id": f"pos_{n}", "tor_id": "tor_1"}
        offer = {"offer_id": f"off_{n}", "expert_id": f"exp_{n}", "employer_institution_id": "ins_2"}
        world.say("matching.searches", "match.completed", f"pos_{n}", final, **about)
        world.say(positions, "position.opened", f"pos_{n}", final, **about)
        agreed = world.say(positions, "shortlist.approved", f"pos_{n}", **about)
        world.say(positions, "assignment.offered", f"pos_{n}", agreed, **about, **offer, onsite=DAYS)
        if n in accepted:
            last = world.say(positions, "assignment.accepted", f"pos_{n}", **about, **offer)
    if finalised_again:
        world.say(terms_topic, "tor.finalised", "tor_1", positions=asked, **CASE)
    members = [{"position_id": f"pos_{n}", "expert_id": f"exp_{n}"} for n in POSITIONS if n in accepted]
    if complete:
        team = {"activity_id": "acy_1", "tor_id": "tor_1", "members": members}
        world.say("matching.teams", "team.complete", "team_1", last, **CASE, **team)
    _keep(world, opened, members, asked, accepted)
    world.tell(TOLD)
    world.evidence.records.sort(key=lambda record: (record.topic, record.offset))
    return world.evidence


def _keep(
    world: World, opened: tuple[int, ...], members: list[Any], asked: list[Any], accepted: tuple[int, ...]
) -> None:
    request, terms = ("registration.requests", "req_1"), ("registration.terms_of_reference", "tor_1")
    places = [("matching.positions", f"pos_{n}") for n in opened]
    world.keep("registration.requests", "req_1")
    world.keep("registration.actions", "act_1", [request, terms], request_id="req_1", status="mobilising")
    world.keep("registration.terms_of_reference", "tor_1")
    world.keep("matching.searches", "req_1", [request], requirement={"request_id": "req_1"})
    world.keep("matching.teams", "team_1", [terms, *places], expected=[*asked], members=[*members])
    for n, place in zip(opened, places, strict=True):
        world.keep("matching.searches", f"pos_{n}", requirement={"request_id": "req_1"})
        _keep_offer(world, n, place, "accepted" if n in accepted else "offered")
    shown = _heard(world, "timelines")
    lines = [{"event_id": record.event_id} for record in shown]
    world.keep("registration.timelines", "req_1", {(r.topic, r.key) for r in shown}, entries=lines)
    for topic, key in sorted({(r.topic, r.key) for r in _heard(world, "told")}):
        world.keep("notifications.told", source_of(TOPICS[topic], key), [(topic, key)])
    world.keep("notifications.cases", "req_1", institution_id="ins_1", focal_point_id="focal", signatory_id="signs")


def _keep_offer(world: World, n: int, place: tuple[str, str], stands: str) -> None:
    offer = {"offer_id": f"off_{n}", "expert_id": f"exp_{n}", "respond_by": LATER, "state": stands}
    world.keep("matching.positions", f"pos_{n}", [place], position_id=f"pos_{n}", state=stands, offers=[offer])
    of = {"offer_id": f"off_{n}", "activity_id": "acy_1", "position_id": f"pos_{n}"}
    window = {"start": DAYS["first_day"], "end": DAYS["last_day"]}
    hold = {**of, "window": window, "state": stands, "expires_at": LATER}
    world.keep("matching.calendars", f"exp_{n}", expert_id=f"exp_{n}", holds=[hold])
    open_until = {f"offer:off_{n}:respond_by": 1} if stands == "offered" else {}
    world.evidence.documents["matching"]["positions"][-1]["deadlines"] = open_until


def _heard(world: World, collection: str) -> list[Record]:
    topics = {guarded.topic for guarded in GUARDED if guarded.collection == collection}
    return [record for record in world.evidence.records if record.topic in topics]


def at_work(world: Evidence, **behind: int) -> Evidence:
    """The world as it is read while it works: every group has taken in everything, but for those named with how many
    records. `matching__follow_up` is `matching.follow-up`."""
    ends = {(record.topic, 0): record.offset + 1 for record in world.records}
    places = {group: {(topic, 0): ends.get((topic, 0), 0)} for group, topic in GROUPS.items()}
    for name, records in behind.items():
        group = name.replace("__", ".").replace("_", "-")
        place = (GROUPS[group], 0)
        places[group] = {place: ends[place] - records}
    world.progress = Progress(ends, places)
    return world


def leave_out(world: Evidence, where: Callable[[dict[str, Any]], bool]) -> Evidence:
    """The world without the deliveries of which `where` says so, and without their mails."""
    deliveries = world.documents["notifications"]["deliveries"]
    gone = {d["_id"] for d in deliveries if where(d["state"])}
    world.documents["notifications"]["deliveries"] = [d for d in deliveries if d["_id"] not in gone]
    world.mails = [mail for mail in world.mails if mail.message_id.strip("<>").partition("@")[0] not in gone]
    return world


def parked(world: Evidence, group: str, topic: str, key: str, *, discarded: tuple[int, ...] = ()) -> Evidence:
    """The world with an event of this key parked; with `discarded`, discarded instead."""
    events = [] if discarded else [{"error": "sample"}]
    lot = document(f"parked_{key}", group=group, topic=topic, key=key, events=events, discarded=list(discarded))
    world.documents[group.partition(".")[0]]["parked"] = [lot]
    return world
