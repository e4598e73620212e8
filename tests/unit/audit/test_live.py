"""On a system at work the auditor tells what is on its way from what is lost."""

from __future__ import annotations

from typing import Any

from deploy.audit import Evidence, audit
from deploy.audit.expectations import FOLLOWED, GROUPS, TOLD, TOLD_BY
from deploy.audit.progress import Progress
from services.matching.main import build as build_matching
from services.matching.settings import MatchingSettings
from services.notifications.main import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.registration.main import build as build_registration
from services.registration.settings import RegistrationSettings
from shared.contracts.catalogue import CONTRACTS
from shared.ids import derived_id
from tests.unit.audit.evidence_of_a_case import document, event, record, sound

REQUESTS = ("registration.requests", 0)
NEEDED: dict[str, Any] = {
    "kafka": ["kafka:9092"],
    "mongodb": "mongodb://mongodb",
    "issuer": "http://issuer",
    "database": "sample",
}


def live(**committed: int) -> Evidence:
    """The sound world, read while it works: every group has taken in everything, but for those named."""
    world = sound()
    ends = {(r.topic, r.partition): 0 for r in world.records}
    ends |= {(r.topic, r.partition): r.offset + 1 for r in world.records}
    places = {group: {(topic, 0): ends.get((topic, 0), 0)} for group, topic in GROUPS.items()}
    for name, offset in committed.items():
        group = name.replace("__", ".")
        places[group] = {(GROUPS[group], 0): offset}
    world.progress = Progress(ends, places)
    return world


def test_a_sound_world_at_work_has_no_findings() -> None:
    findings = audit(live(), with_mail=False)
    assert findings.clean, findings.as_json()


def test_an_effect_behind_what_its_group_has_committed_is_lost() -> None:
    world = live()
    world.documents["matching"]["searches"][0]["seen"]["registration-requests/req_1"] = [1, 0]
    findings = audit(world, with_mail=False)
    assert [said for said in findings.lost if "matching.searches has taken in" in said]
    assert findings.pending == []


def test_an_effect_of_a_record_nobody_has_come_to_yet_is_pending() -> None:
    world = live(matching__requests=1)
    world.documents["matching"]["searches"][0]["seen"]["registration-requests/req_1"] = [1, 0]
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()
    assert [said for said in findings.pending if "matching.searches has taken in" in said]


def test_a_lost_effect_stays_lost_behind_a_younger_record() -> None:
    world = live(matching__requests=1)
    world.documents["matching"]["searches"][0]["seen"] = {}
    assert [said for said in audit(world, with_mail=False).lost if "matching.searches has taken in" in said]


def test_a_record_younger_than_the_documents_is_pending_and_an_older_one_lost() -> None:
    world = live()
    world.records.append(record("registration.requests", 2, event("request.rejected", "request", "req_1", 3)))
    said = [s for s in audit(world, with_mail=False).pending if "no document has decided it" in s]
    assert said
    assert world.progress
    world.progress = Progress({**world.progress.ends, REQUESTS: 3}, world.progress.committed)
    assert [s for s in audit(world, with_mail=False).lost if "no document has decided it" in s]


def test_a_consequence_in_an_outbox_is_pending() -> None:
    world = live()
    world.records = [r for r in world.records if r.topic != "registration.actions"]
    timeline = world.documents["registration"]["timelines"][0]
    timeline["state"]["entries"] = [e for e in timeline["state"]["entries"] if "action" not in e["event_id"]]
    action = world.documents["registration"]["actions"][0]
    action["outbox"] = [
        {
            "topic": "registration.actions",
            "sequence": 1,
            "value": '{"causation_id": "evt_request_req_1_2", "type": "action.created"}',
        }
    ]
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()
    assert len([said for said in findings.pending if "was not followed by" in said]) == 1
    action["outbox"], action["sequences"] = [], {}
    assert [said for said in audit(world, with_mail=False).lost if "was not followed by" in said]


def test_a_notice_nobody_has_come_to_yet_is_pending_and_later_lost() -> None:
    world = live(notifications__searches=0)
    world.documents["notifications"]["deliveries"] = [
        d for d in world.documents["notifications"]["deliveries"] if "search" not in d["state"]["event_id"]
    ]
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()
    assert len(findings.pending) == 2
    world.progress = live().progress
    assert len(audit(world, with_mail=False).lost) == 2


def test_a_parked_event_is_pending_with_all_that_it_holds_up() -> None:
    world = live()
    world.documents["matching"]["searches"][0]["seen"]["registration-requests/req_1"] = [1, 0]
    world.documents["matching"]["parked"] = [
        document(
            "parked_1",
            group="matching.requests",
            topic="registration.requests",
            key="req_1",
            events=[{"error": "sample"}],
        )
    ]
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()
    assert len(findings.pending) == 2


def test_notices_of_a_parked_event_are_pending() -> None:
    world = live()
    search = next(r for r in world.records if r.topic == "matching.searches")
    world.documents["notifications"]["deliveries"] = [
        d for d in world.documents["notifications"]["deliveries"] if d["state"]["event_id"] != search.event_id
    ]
    parked = document(
        "parked_1", group="notifications.searches", topic=search.topic, key=search.key, events=[{"error": "sample"}]
    )
    world.documents["notifications"]["parked"] = [parked]
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()
    assert len([said for said in findings.pending if "nobody told by" in said]) == 2
    world.documents["notifications"]["parked"] = []
    assert len([said for said in audit(world, with_mail=False).lost if "nobody told by" in said]) == 2


def test_a_notice_that_cannot_be_delivered_is_told_at_work_and_lost_at_rest() -> None:
    world = live()
    world.documents["notifications"]["deliveries"][0]["state"]["state"] = "failed"
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()
    assert len(findings.undeliverable) == 1
    world.progress = None
    assert [said for said in audit(world, with_mail=False).lost if "failed" in said]


def test_a_notice_about_a_record_that_was_compacted_away_is_not_lost() -> None:
    world = live()
    newest = event("expert.revised", "expert", "exp_1", 2)
    world.records.append(record("registration.experts", 0, newest))
    world.documents["registration"]["experts"] = [document("exp_1", sequences={"registration.experts": 1})]
    world.documents["matching"]["roster"] = [document("exp_1", seen={"registration-experts/exp_1": 2})]
    gone = derived_id("evt", "registration.experts", "exp_1", "1")
    world.documents["notifications"]["deliveries"].append(
        document("dlv_x", event_id=gone, recipient="exp_1", channel="inbox", state="delivered")
    )
    findings = audit(world, with_mail=False)
    assert findings.sound, findings.as_json()


def test_the_tables_name_the_groups_that_the_services_have() -> None:
    groups = {
        subscription.group(name): subscription.topic.name
        for name, service in (
            ("registration", build_registration(RegistrationSettings(**NEEDED))),
            ("matching", build_matching(MatchingSettings(**NEEDED))),
            ("notifications", build_notifications(NotificationsSettings(**NEEDED))),
        )
        for subscription in service.subscriptions
    }
    assert groups == GROUPS
    topics = {contract.name: contract.topic.name for contract in CONTRACTS}
    assert [GROUPS[rule.group] for rule in FOLLOWED] == [topics[rule.cause] for rule in FOLLOWED]
    assert {c.topic.name for c in CONTRACTS if c.name in TOLD} <= TOLD_BY.keys()
