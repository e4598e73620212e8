"""What is a pass, and under which name a fault is reported."""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from deploy.audit import Copy, Findings, audit
from tests.chaos.__main__ import main
from tests.chaos.code import JUDGED, digest
from tests.chaos.judging import FAULTS, GOAL, sorted_faults, total, verdict
from tests.chaos.plan import Plan
from tests.support.copies import BROKER, IN_HAND, LEASED_MS, TAKEN_OVER_MS, Kill
from tests.unit.audit.evidence_of_a_case import event, record, sound
from tests.unit.audit.evidence_of_a_team import leave_out, whole

PLAN = Plan(1, requests=40, kills=90)


def report(**changed: Any) -> dict[str, Any]:
    """A run that did all it was to do."""
    made: dict[str, Any] = {
        "seed": 1,
        "code": "0123456789ab",
        "ok": True,
        "cases": {"completed": 38, "nobody_left": 2},
        "kills": {"services": {"matching": 60, "registration": 30}, "servers": {"kafka": 5, "mongo primary": 5}},
        "faults": dict.fromkeys(FAULTS, 0),
        "wrong": [],
        "seconds": {"all": 1_500.0},
    }
    for name, value in changed.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    return made


KILLED = 1_200


def copied(number: int) -> Copy:
    """Taken over from one that died just after it had published."""
    named = f"matching.positions/pos_{number} #1"
    return Copy("matching.positions", named, 9, KILLED - 2, KILLED - 1, KILLED - 2 + TAKEN_OVER_MS)


def test_a_run_that_did_all_of_its_plan_without_a_fault_is_a_pass() -> None:
    assert verdict(PLAN, report()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cases": {"completed": 20, "nobody_left": 2}}, "20 + 2 of 40 cases came to an end"),
        ({"cases": {"completed": 10, "nobody_left": 30}}, "10 of 40 cases came to a complete team"),
        ({"kills": {"services": {"matching": 89}}}, "89 of 90 kills of services fell"),
        ({"kills": {"servers": {"kafka": 9}}}, "9 of 10 kills of servers fell"),
        ({"faults": {"lost": 1}}, "1 lost"),
        ({"faults": {"notices_double": 2}}, "2 notices_double"),
        ({"seconds": {"all": 1_501.0}}, "it took 1501 s, more than 1500"),
        ({"wrong": ["request req_1 was answered and is not there"]}, "request req_1 was answered and is not there"),
    ],
)
def test_a_fault_or_too_little_is_no_pass(changed: dict[str, Any], said: str) -> None:
    assert said in verdict(PLAN, report(**changed))


def test_a_planted_second_offer_is_found_as_offers_at_once() -> None:
    evidence = sound()
    offers = [
        event("assignment.offered", "position", "pos_1", n, offer_id=f"off_{n}", expert_id=f"exp_{n}") for n in (1, 2)
    ]
    evidence.records += [record("matching.positions", n, offer) for n, offer in enumerate(offers)]
    faults = sorted_faults(audit(evidence))
    assert faults["offers_at_once"] == ["pos_1: a second offer while off_1 was open"]


def test_a_notice_that_is_missing_and_one_that_is_double_are_named_so() -> None:
    missing = sound()
    missing.documents["notifications"]["deliveries"] = []
    assert any("nobody told" in said for said in sorted_faults(audit(missing))["notices_missing"])

    missing = leave_out(whole(), lambda state: state["recipient"] == "eud")
    faults = sorted_faults(audit(missing))
    assert len(faults["notices_missing"]) == 8
    assert all("eud not told by" in said for said in faults["notices_missing"])
    assert faults["lost"] == []

    double = sound()
    deliveries = double.documents["notifications"]["deliveries"]
    deliveries.append({**copy.deepcopy(deliveries[0]), "_id": "dlv_again"})
    assert any("exists 2 times" in said for said in sorted_faults(audit(double))["notices_double"])


def test_everything_the_auditor_says_stands_under_some_fault() -> None:
    findings = Findings(
        lost=["a was decided and is not on its topic"],
        duplicates=["team of act_1 was complete 2 times"],
        out_of_order=["b"],
        pending=["c"],
        holds_left=["d"],
        republished=[copied(0)],
        mail_repeats=["dlv_1 arrived 2 times with the same Message-ID"],
        foreign=["matching.holds holds x"],
    )
    faults = sorted_faults(findings, ["receipt of req_1: told nobody"])
    assert {kind for kind, said in faults.items() if said} == {
        "lost", "duplicated", "out_of_order", "unfinished", "holds_left", "notices_missing", "republished",
        "mail_repeats", "foreign",
    }  # fmt: skip


@pytest.mark.parametrize("kind", [field.name for field in fields(Findings) if field.name not in ("events", "effects")])
def test_no_kind_of_finding_is_passed_over(kind: str) -> None:
    findings = Findings()
    getattr(findings, kind).append(copied(0) if kind == "republished" else "something")
    assert len([said for all_ in sorted_faults(findings).values() for said in all_]) == 1


def test_copies_that_no_kill_explains_are_no_pass() -> None:
    plan = Plan(1, requests=40, kills=0)
    done = {**report(), "kills": {"services": {}, "servers": {}}}
    assert verdict(plan, done) == []
    faults = sorted_faults(Findings(republished=[copied(n) for n in range(10_000)]))
    assert "10000 republished" in verdict(plan, {**done, "faults": {kind: len(all_) for kind, all_ in faults.items()}})


def test_kills_explain_as_many_copies_as_the_dead_had_in_hand() -> None:
    some = Findings(republished=[copied(n) for n in range(IN_HAND)])
    more = Findings(republished=[copied(n) for n in range(IN_HAND + 1)])
    kills = [Kill("matching", KILLED)]
    assert sorted_faults(some, kills=kills)["republished"] == []
    assert sorted_faults(more, kills=kills)["republished"]
    server = [Kill(BROKER, KILLED, KILLED + 1)]
    assert sorted_faults(some, kills=server)["republished"] == []
    assert sorted_faults(more, kills=server)["republished"]


def test_a_mail_that_came_again_far_from_any_kill_is_no_pass() -> None:
    findings = Findings(mail_repeats=["dlv_1 arrived 2 times with the same Message-ID"])
    kills = [Kill("notifications", KILLED)]
    assert sorted_faults(findings, (), kills, {"dlv_1": [KILLED - 1, KILLED + LEASED_MS]})["mail_repeats"] == []
    assert sorted_faults(findings, (), kills, {"dlv_1": [KILLED + 100_000, KILLED + 100_500]})["mail_repeats"]


def test_a_run_that_took_more_than_25_minutes_counts_for_nothing() -> None:
    sums, lacks = total([report(seed=7, seconds={"all": 1_500.5})])
    assert sums["completed"] == 0
    assert lacks[0] == "seed 7: it took 1500.5 s, more than 1500"


def test_several_runs_reach_the_goal_together_and_a_failed_one_counts_for_nothing() -> None:
    three = [report(seed=seed) for seed in (1, 2, 3)]
    sums, lacks = total(three)
    assert lacks == []
    assert sums["kills_of_services"] == 270
    assert sums["completed"] == 114 >= GOAL["completed"]

    sums, lacks = total([*three[:2], report(seed=3, ok=False)])
    assert sums["completed"] == 76
    assert lacks[0] == "seed 3 is no pass"
    assert "76 of 100 completed" in lacks


def test_one_report_counts_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sums, lacks = total([report(seed=7), report(seed=7), report(seed=7)])
    assert sums["completed"] == 38
    assert lacks[:2] == ["seed 7 is given more than once"] * 2

    place = tmp_path / "chaos.json"
    place.write_text(json.dumps(report(seed=7)))
    assert main(["--total", *[str(place)] * 3]) == 1
    assert json.loads(capsys.readouterr().out)["lacks"][:2] == ["seed 7 is given more than once"] * 2


def test_a_seed_that_failed_is_not_tried_until_it_passes() -> None:
    sums, lacks = total([report(seed=7, ok=False), report(seed=7)])
    assert sums["completed"] == 0
    assert lacks[:2] == ["seed 7 is no pass", "seed 7 is given more than once"]


def test_a_report_of_before_a_kind_of_fault_was_judged_counts_for_nothing() -> None:
    old = report(seed=7)
    del old["faults"]["foreign"]
    sums, lacks = total([old])
    assert sums["completed"] == 0
    assert lacks[0] == "seed 7 was not judged by foreign"


def test_runs_of_different_code_do_not_add_up() -> None:
    sums, lacks = total([report(seed=7), report(seed=8, code="ba9876543210")])
    assert sums["completed"] == 38
    assert lacks[0] == "seed 8 was of other code (ba9876543210) than the first (0123456789ab)"


def test_a_changed_file_and_a_moved_one_are_other_code(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    one = tmp_path / "shared" / "one.py"
    one.write_text("A = 1\n")
    before = digest(tmp_path, ["shared"])
    assert before == digest(tmp_path, ["shared"])
    one.write_text("A = 2\n")
    changed = digest(tmp_path, ["shared"])
    one.rename(tmp_path / "shared" / "two.py")
    assert len({before, changed, digest(tmp_path, ["shared"])}) == 3


def test_what_judges_is_part_of_the_code() -> None:
    assert digest() != digest(parts=[part for part in JUDGED if not part.startswith("tests/")])
