"""What a seed decides."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.demo.bodies import cases
from examples.ahead import later
from tests.chaos.__main__ import main
from tests.chaos.cases import available_days, later_days
from tests.chaos.plan import BROKERS, PRIMARY, SECONDARY, Plan, replicas, service_of


def test_the_same_seed_gives_the_same_kills_and_another_one_others() -> None:
    assert Plan(7).of_services() == Plan(7).of_services()
    assert Plan(7).of_servers() == Plan(7).of_servers()
    assert Plan(7).of_services() != Plan(8).of_services()


def test_every_replica_has_its_share_of_the_kills() -> None:
    killed = Counter(kill.victim for kill in Plan(3, kills=80).of_services())
    assert set(killed) == set(replicas())
    assert killed.total() == 80
    assert max(killed.values()) - min(killed.values()) <= 1
    assert {service_of(name) for name in killed} == {"registration", "matching", "notifications"}


def test_brokers_and_store_members_die_half_and_half() -> None:
    plan = Plan(3, kills=180)
    killed = Counter(kill.victim for kill in plan.of_servers())
    assert killed.total() == plan.server_kills == 20
    assert sum(killed[broker] for broker in BROKERS) == 10
    assert killed[PRIMARY] > killed[SECONDARY] > 0


def test_kills_fall_in_order_and_within_the_load() -> None:
    plan = Plan(11, requests=20, kills=60)
    moments = [kill.at for kill in plan.of_services()]
    assert moments == sorted(moments)
    assert moments[0] < plan.steps * 0.1
    assert plan.steps * 0.85 < moments[-1] < plan.steps


def test_a_case_moves_to_later_weeks_and_its_sources_do_not() -> None:
    example = {"request": {"days": ["2030-01-01"]}, "action": {"due": "2030-03-01"}, "source": "2014-05-01"}
    assert later(example, timedelta(days=60)) == {
        "request": {"days": ["2030-03-02"]},
        "action": {"due": "2030-04-30"},
        "source": "2014-05-01",
    }


@pytest.mark.parametrize("month", range(1, 13))
def test_on_any_day_of_the_year_everybody_is_available_for_every_case_of_the_default_plan(month: int) -> None:
    today, plan = date(2031, month, 1), Plan(7)
    available = available_days(plan.requests)
    for number in (0, plan.requests - 1):
        days = timedelta(days=later_days(number))
        lasts = [max(_dates(later(case, days)["action"]["activity"])) for case in cases(today)]
        assert max(lasts) <= today + timedelta(days=available)


def _dates(part: Any) -> list[date]:
    if isinstance(part, dict | list):
        inner = part.values() if isinstance(part, dict) else part
        return [day for one in inner for day in _dates(one)]
    return [date.fromisoformat(part)] if isinstance(part, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", part) else []


@pytest.mark.parametrize("wrong", [["--requests", "0"], ["--kills", "-1"]])
def test_a_plan_that_is_none_is_refused_before_anything_starts(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)
    assert refused.value.code == 2
