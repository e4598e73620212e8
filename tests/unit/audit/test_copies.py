"""A record comes twice only where its own service was killed in between, a mail only where notifications was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.audit import Copy, Findings, audit
from tests.support.copies import IN_HAND, WINDOW_MS, Kill
from tests.support.kills import wrong_by_the_auditor
from tests.unit.audit.evidence_of_a_case import sound

BEFORE, KILLED, AGAIN = 1_000, 1_200, 5_000
KILL = Kill("registration", KILLED)


def republished(n: int = 1, *, topic: str = "registration.requests", before: int = BEFORE) -> Findings:
    return Findings(republished=[Copy(topic, f"{topic}/req_{i} #1 at offset 9", before, AGAIN) for i in range(n)])


def test_the_auditor_says_when_each_copy_and_the_one_before_was_published() -> None:
    world = sound()
    first = replace(world.records[2], published=1)
    world.records[2] = first
    world.records += [replace(first, offset=8, published=5), replace(first, offset=9, published=7)]
    findings = audit(world)
    assert [(copy.topic, copy.before, copy.published) for copy in findings.republished] == [
        (first.topic, 1, 5),
        (first.topic, 5, 7),
    ]
    assert findings.as_json()["findings"]["republished"] == [f"{first.topic}/req_1 #1 at offset {n}" for n in (8, 9)]


def test_a_kill_of_its_service_between_both_copies_explains_a_record() -> None:
    assert wrong_by_the_auditor(republished(IN_HAND), [KILL]) == []


@pytest.mark.parametrize(
    "kill",
    [
        Kill("matching", KILLED),
        Kill("registration", BEFORE - 1),
        Kill("registration", AGAIN + 1),
    ],
    ids=["of another service", "before the first copy", "after the second"],
)
def test_any_other_kill_explains_nothing(kill: Kill) -> None:
    assert wrong_by_the_auditor(republished(), [kill]) == [
        "republished: registration.requests/req_0 #1 at offset 9 and no kill of registration explains it"
    ]


def test_what_was_published_long_before_the_kill_is_not_explained_by_it() -> None:
    findings = republished(before=KILLED - WINDOW_MS)
    assert wrong_by_the_auditor(findings, [KILL]) == []
    assert wrong_by_the_auditor(republished(before=KILLED - WINDOW_MS - 1), [KILL])


def test_a_kill_explains_no_more_than_one_process_has_in_hand() -> None:
    kills = [KILL, Kill("matching", KILLED)]
    assert wrong_by_the_auditor(republished(IN_HAND + 1), kills) == [
        f"republished: {IN_HAND + 1} records of registration after 1 kills of it"
    ]
    assert wrong_by_the_auditor(republished(IN_HAND + 1), [KILL, Kill("registration", KILLED + 1)]) == []


def test_a_mail_repeats_only_after_a_kill_of_notifications() -> None:
    findings = Findings(mail_repeats=["dlv_1 arrived 2 times with the same Message-ID"])
    assert wrong_by_the_auditor(findings, [Kill("notifications", KILLED)]) == []
    assert wrong_by_the_auditor(findings, [KILL]) == ["mail_repeats: 1 after 0 kills of notifications and 0 of servers"]


def test_one_mail_that_arrives_again_and_again_counts_as_often() -> None:
    findings = Findings(mail_repeats=[f"dlv_1 arrived {IN_HAND + 2} times with the same Message-ID"])
    assert wrong_by_the_auditor(findings, [Kill("notifications", KILLED)]) == [
        f"mail_repeats: {IN_HAND + 1} after 1 kills of notifications and 0 of servers"
    ]


def test_what_no_service_wrote_is_wrong() -> None:
    assert wrong_by_the_auditor(Findings(foreign=["matching.holds holds x"]), []) == ["foreign: matching.holds holds x"]


def test_a_server_that_was_killed_explains_as_many_of_any_service() -> None:
    assert wrong_by_the_auditor(republished(IN_HAND), [], servers=1) == []
    assert len(wrong_by_the_auditor(republished(IN_HAND + 1), [], servers=1)) == IN_HAND + 1
