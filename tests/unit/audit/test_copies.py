"""A record comes twice, and a mail arrives twice, only where a kill fell that explains it; each kill explains few."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.audit import Copy, Findings, audit
from deploy.embedded.mailbox import Mailbox
from tests.support.copies import (
    AGAIN_MS,
    ANEW_MS,
    ANSWERED_MS,
    BROKER,
    CAUGHT_MS,
    IN_HAND,
    LEASED_MS,
    SETTLED_MS,
    STOOD_IN_MS,
    STORE,
    TAKEN_OVER_MS,
    WINDOW_MS,
    Kill,
    arrivals,
    instants,
    put_off,
)
from tests.support.kills import wrong_by_the_auditor
from tests.unit.audit.evidence_of_a_case import sound

BEFORE, KILLED, AGAIN = 100_000, 100_200, 105_000
KILL = Kill("registration", KILLED)
FAR = 10_000_000
UNEXPLAINED = "republished: registration.requests/req_0 #1 at offset 9 and no kill explains it"


def republished(
    n: int = 1, *, topic: str = "registration.requests", before: int = BEFORE, again: int = AGAIN, waited: int = 0
) -> Findings:
    """So many records, first published so long after they were announced."""
    return Findings(
        republished=[Copy(topic, f"{topic}/req_{i} #1", 9, before - waited, before, again) for i in range(n)]
    )


def mailed(n: int, *instants: int) -> tuple[Findings, dict[str, Sequence[int]]]:
    """So many mails that arrived at each of these instants."""
    said = [f"dlv_{i} arrived {len(instants)} times with the same Message-ID" for i in range(n)]
    return Findings(mail_repeats=said), {f"dlv_{i}": instants for i in range(n)}


def test_the_auditor_says_when_each_copy_and_the_one_before_was_published() -> None:
    world = sound()
    said = {**(world.records[2].event or {}), "occurred_at": "1970-01-01T00:00:00.000900Z"}
    first = replace(world.records[2], published=1, event=said)
    world.records[2] = first
    world.records += [replace(first, offset=8, published=5), replace(first, offset=9, published=7)]
    findings = audit(world)
    assert [(copy.topic, copy.announced, copy.before, copy.published) for copy in findings.republished] == [
        (first.topic, 0, 1, 5),
        (first.topic, 0, 5, 7),
    ]
    late = [replace(r, event={**(r.event or {}), "occurred_at": "1970-01-01T00:00:02+00:00"}) for r in world.records]
    assert {copy.announced for copy in audit(replace(world, records=late)).republished} == {2_000}
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
    assert wrong_by_the_auditor(republished(), [kill]) == [UNEXPLAINED]


def test_what_was_published_long_before_the_kill_is_not_explained_by_it() -> None:
    findings = republished(before=KILLED - WINDOW_MS)
    assert wrong_by_the_auditor(findings, [KILL]) == []
    assert wrong_by_the_auditor(republished(before=KILLED - WINDOW_MS - 1), [KILL])


def test_a_kill_explains_no_more_than_one_process_has_in_hand() -> None:
    kills = [KILL, Kill("matching", KILLED)]
    assert len(wrong_by_the_auditor(republished(IN_HAND + 1), kills)) == 1
    assert wrong_by_the_auditor(republished(IN_HAND + 1), [KILL, Kill("registration", KILLED + 1)]) == []


def test_a_kill_lends_another_nothing_of_what_it_may_explain() -> None:
    apart = Kill("registration", FAR)
    assert len(wrong_by_the_auditor(republished(IN_HAND + 5), [KILL, apart])) == 5


def test_copies_are_dealt_out_so_that_each_kill_explains_what_no_other_does() -> None:
    later = Kill("registration", KILLED + WINDOW_MS)
    both = [Copy("registration.requests", f"both {i}", 9, 0, KILLED, FAR) for i in range(IN_HAND)]
    first = [Copy("registration.requests", f"first {i}", 9, 0, KILLED - 1, FAR) for i in range(IN_HAND)]
    assert wrong_by_the_auditor(Findings(republished=both + first), [KILL, later]) == []
    assert wrong_by_the_auditor(Findings(republished=first + both), [later, KILL]) == []
    assert len(wrong_by_the_auditor(Findings(republished=first + both), [KILL])) == IN_HAND


@pytest.mark.parametrize("victim", [BROKER, STORE])
@pytest.mark.parametrize("topic", ["registration.requests", "matching.positions"])
def test_a_server_explains_what_any_service_had_under_way_until_it_was_back(victim: str, topic: str) -> None:
    kill = Kill(victim, KILLED, back=KILLED + 60_000)
    assert wrong_by_the_auditor(republished(topic=topic, before=KILLED - WINDOW_MS), [kill]) == []
    last, latest = kill.back + ANSWERED_MS, kill.back + SETTLED_MS
    assert wrong_by_the_auditor(republished(IN_HAND, topic=topic, before=last, again=latest), [kill]) == []
    assert len(wrong_by_the_auditor(republished(IN_HAND + 1, topic=topic), [kill])) == 1
    assert wrong_by_the_auditor(republished(topic=topic, before=KILLED - WINDOW_MS - 1), [kill])
    assert wrong_by_the_auditor(republished(topic=topic, before=KILLED - 6_000, again=KILLED - 1), [kill])
    assert wrong_by_the_auditor(republished(topic=topic, before=last + 1, again=latest), [kill])
    assert wrong_by_the_auditor(republished(topic=topic, again=latest + 1), [kill])


@pytest.mark.parametrize("victim", [BROKER, "registration"])
def test_which_of_two_copies_lies_first_on_the_topic_does_not_count(victim: str) -> None:
    """The announcer's own waited for a dead broker, and came behind the copy of whoever had taken it over."""
    kill = Kill(victim, KILLED, back=KILLED + 20_000 if victim == BROKER else 0)
    taken_over = Copy("registration.requests", "registration.requests/req_0 #1", 9, BEFORE, AGAIN, BEFORE)
    assert wrong_by_the_auditor(Findings(republished=[taken_over]), [kill]) == []
    too_late = replace(taken_over, before=AGAIN + FAR)
    assert bool(wrong_by_the_auditor(Findings(republished=[too_late]), [kill])) == (victim == BROKER)


@pytest.mark.parametrize("victim", [BROKER, STORE])
def test_a_server_that_comes_back_sooner_than_another_stands_in_explains_as_much_as_if_it_had_not(victim: str) -> None:
    kill = Kill(victim, KILLED, back=KILLED + 2_000)
    last = KILLED + STOOD_IN_MS + ANSWERED_MS
    assert wrong_by_the_auditor(republished(before=last, again=last + TAKEN_OVER_MS), [kill]) == []
    assert wrong_by_the_auditor(republished(before=last + 1, again=last + 1 + TAKEN_OVER_MS), [kill])


@pytest.mark.parametrize("kill", [KILL, Kill(STORE, KILLED, back=KILLED + 60_000)], ids=["its service", "the store"])
def test_no_other_publishes_a_record_before_it_has_waited_for_its_announcer(kill: Kill) -> None:
    in_time = BEFORE + TAKEN_OVER_MS
    assert wrong_by_the_auditor(republished(again=in_time), [kill]) == []
    assert wrong_by_the_auditor(republished(again=in_time - 1), [kill]) == [UNEXPLAINED]
    assert wrong_by_the_auditor(republished(again=in_time - 24, waited=24), [kill]) == []


def test_what_waited_for_the_store_may_be_published_by_two_at_once_when_it_is_back() -> None:
    kill = Kill(STORE, KILLED, back=KILLED + 20_000)
    first, second = kill.back + 1_000, kill.back + 1_010
    assert wrong_by_the_auditor(republished(before=first, again=second, waited=21_100), [kill]) == []
    assert wrong_by_the_auditor(republished(before=first, again=second, waited=100), [kill]) == [UNEXPLAINED]


def test_only_where_a_broker_died_does_a_relay_publish_again_itself_after_a_pause() -> None:
    soon = republished(again=BEFORE + 2 * ANEW_MS)
    assert wrong_by_the_auditor(soon, [Kill(BROKER, KILLED, back=KILLED)]) == []
    assert wrong_by_the_auditor(soon, [Kill(STORE, KILLED, back=KILLED)]) == [UNEXPLAINED]
    at_once = republished(before=KILLED, again=KILLED + ANEW_MS - 1)
    assert wrong_by_the_auditor(at_once, [Kill(BROKER, KILLED, back=KILLED)]) == [UNEXPLAINED]


@pytest.mark.parametrize("victim", ["registration", STORE])
def test_a_record_is_left_behind_once_by_one_that_died(victim: str) -> None:
    kill = Kill(victim, KILLED, KILLED)
    thrice = [Copy("registration.requests", "req_0 #1", n, BEFORE, KILLED, KILLED + 6_000 + n) for n in range(2)]
    assert len(wrong_by_the_auditor(Findings(republished=thrice), [kill])) == 1
    assert wrong_by_the_auditor(Findings(republished=thrice), [kill, kill]) == []
    assert wrong_by_the_auditor(Findings(republished=thrice), [Kill(BROKER, KILLED, KILLED)]) == []


def test_kills_are_dealt_to_the_records_that_no_other_kill_explains() -> None:
    """The first kill explains `a` twice over and one copy besides; the second every copy of `a`."""
    a = [Copy("registration.requests", "a #1", n, 0, KILLED, FAR + n) for n in range(2)]
    b = [Copy("registration.requests", f"b{n} #1", 9, 0, KILLED - 1, FAR) for n in range(IN_HAND - 1)]
    later = Kill("registration", KILLED + WINDOW_MS)
    for copies in (a + b, b + a, a[:1] + b + a[1:]):
        assert wrong_by_the_auditor(Findings(republished=copies), [KILL, later]) == []
        assert len(wrong_by_the_auditor(Findings(republished=copies), [KILL])) == 1


def test_two_hundred_copies_far_from_any_kill_are_a_fault_however_many_kills_there_were() -> None:
    kills = [Kill(STORE, KILLED + 1_000 * n, KILLED + 1_000 * n) for n in range(20)] + [KILL] * 20
    findings = republished(200, before=FAR, again=FAR + 5_000)
    assert len(wrong_by_the_auditor(findings, kills)) == 200


@pytest.mark.parametrize("kill", [Kill("notifications", KILLED), Kill(STORE, KILLED)])
@pytest.mark.parametrize("first", [KILLED - WINDOW_MS, KILLED + CAUGHT_MS])
def test_a_mail_repeats_after_a_kill_of_its_sender_or_the_store_just_then(kill: Kill, first: int) -> None:
    findings, arrived = mailed(IN_HAND, first, KILLED + AGAIN_MS)
    assert wrong_by_the_auditor(findings, [kill], arrived) == []
    findings, arrived = mailed(IN_HAND + 1, first, KILLED + AGAIN_MS)
    assert len(wrong_by_the_auditor(findings, [kill], arrived)) == 1


@pytest.mark.parametrize(
    ("kill", "first", "second"),
    [
        (Kill("registration", KILLED), BEFORE, AGAIN),
        (Kill(BROKER, KILLED), BEFORE, AGAIN),
        (Kill("notifications", KILLED), KILLED - WINDOW_MS - 1, AGAIN),
        (Kill("notifications", KILLED), KILLED + CAUGHT_MS + 1, AGAIN),
        (Kill("notifications", KILLED), BEFORE, KILLED - 1),
        (Kill("notifications", KILLED), BEFORE, KILLED + AGAIN_MS + 1),
        (Kill("notifications", KILLED), KILLED, KILLED + LEASED_MS - 1),
        (Kill(STORE, KILLED, KILLED + 20_000), KILLED + 20_001, KILLED + 40_000),
        (Kill(STORE, KILLED, KILLED), KILLED + STOOD_IN_MS + 1, KILLED + 40_000),
        (Kill(STORE, KILLED, AGAIN), KILLED, KILLED + LEASED_MS - 1),
        (Kill(STORE, KILLED, AGAIN), BEFORE, AGAIN + SETTLED_MS + AGAIN_MS + 1),
    ],
    ids=[
        "another service",
        "a broker",
        "long noted",
        "sent after it",
        "both before it",
        "too late",
        "within its lease",
        "the store was back",
        "another member was elected",
        "within its lease beside the store",
        "store too late",
    ],
)
def test_any_other_kill_explains_no_mail(kill: Kill, first: int, second: int) -> None:
    findings, arrived = mailed(1, first, second)
    assert wrong_by_the_auditor(findings, [kill], arrived) == [
        f"mail_repeats: dlv_0 arrived again after {second - first} ms and no kill explains it"
    ]


def test_thirty_doubled_mails_far_from_any_kill_are_a_fault_however_many_kills_there_were() -> None:
    kills = [Kill("notifications", KILLED + n) for n in range(20)] + [Kill(STORE, KILLED, KILLED)]
    findings, arrived = mailed(30, FAR, FAR + 500)
    assert len(wrong_by_the_auditor(findings, kills, arrived)) == 30


def test_one_mail_that_arrives_again_and_again_takes_a_kill_each_time() -> None:
    findings, arrived = mailed(1, BEFORE, BEFORE + LEASED_MS, BEFORE + 2 * LEASED_MS, BEFORE + 3 * LEASED_MS)
    kills = [Kill("notifications", BEFORE + n * LEASED_MS) for n in range(3)]
    assert [len(wrong_by_the_auditor(findings, kills[:n], arrived)) for n in range(4)] == [3, 2, 1, 0]


def test_a_mail_comes_again_after_the_store_was_back_whose_first_came_while_it_was_away() -> None:
    kill = Kill(STORE, KILLED, KILLED + 20_000)
    findings, arrived = mailed(1, kill.back, kill.back + 10_000)
    assert wrong_by_the_auditor(findings, [kill], arrived) == []


def test_a_report_carries_what_the_judgement_goes_by() -> None:
    findings, arrived = republished(), {"dlv_1": [1, 2], "dlv_2": [3]}
    assert instants(findings, [KILL], arrived) == {
        "kills": [{"victim": "registration", "at": KILLED, "back": 0}],
        "records": [
            {
                "topic": "registration.requests",
                "named": "registration.requests/req_0 #1",
                "offset": 9,
                "announced": BEFORE,
                "before": BEFORE,
                "published": AGAIN,
            }
        ],
        "mails": {"dlv_1": [1, 2]},
    }


def test_a_repeat_of_which_no_arrival_is_known_is_a_fault() -> None:
    findings = Findings(mail_repeats=["dlv_1 arrived 2 times with the same Message-ID"])
    assert wrong_by_the_auditor(findings, [Kill("notifications", KILLED)]) == [
        "mail_repeats: dlv_1 arrived 2 times with the same Message-ID and nobody knows when"
    ]


def test_a_mail_that_its_sender_could_not_note_repeats_once_for_each_time_it_said_so(tmp_path: Path) -> None:
    log = tmp_path / "notifications.log"
    said = '{"delivery": "dlv_%d", "why": "%s", "message": "delivery.postponed"}\n'
    log.write_text("no JSON\n" + said % (0, "the database is away") + said % (1, "the mail server is away"))
    assert put_off(log) == {"dlv_0": 1}
    findings, arrived = mailed(1, KILLED, KILLED + LEASED_MS)
    assert wrong_by_the_auditor(findings, [], arrived)
    assert wrong_by_the_auditor(findings, [], arrived, {"dlv_1": 1})
    assert wrong_by_the_auditor(findings, [], arrived, put_off(log)) == []
    thrice = {"dlv_0": [KILLED, KILLED + LEASED_MS, KILLED + 2 * LEASED_MS]}
    assert len(wrong_by_the_auditor(findings, [], thrice, put_off(log))) == 1


def test_the_files_of_the_catcher_say_when_each_mail_of_a_delivery_came(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mail = b"Message-ID: <%s@facility.example>\r\n\r\nHello\r\n"
    for second, delivery in enumerate((b"dlv_a-1", b"dlv_b", b"dlv_a-1"), start=1):
        name = mailbox.keep(mail % delivery, "office@facility.example", ["somebody@example.org"])
        os.utime(tmp_path / name, (second, second))
    assert arrivals(tmp_path) == {"dlv_a-1": [1_000, 3_000], "dlv_b": [2_000]}


def test_what_no_service_wrote_is_wrong() -> None:
    assert wrong_by_the_auditor(Findings(foreign=["matching.holds holds x"]), []) == ["foreign: matching.holds holds x"]
