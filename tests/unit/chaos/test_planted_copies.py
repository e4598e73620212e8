"""Services that do things twice for no reason, under the kills of a whole run: it is no pass."""

from __future__ import annotations

import pytest

from deploy.audit import Copy, Findings
from tests.chaos.plan import BROKERS, Plan, service_of
from tests.support.copies import BROKER, STORE, Kill
from tests.support.kills import wrong_by_the_auditor

BEGUN = 10_000_000
LOAD_MS = 240_000
ONE_IN = 50
RECORDS = MAILS = 800
SEEDS = (61, 62, 71)


def kills_of_a_run(seed: int) -> list[Kill]:
    """As `make chaos` with 50 kills and 26 cases lets them fall, in a load of 240 s; a server is back after 6 s more
    than it was to be down, an election of 12 s over."""
    plan = Plan(seed, requests=26, kills=50)

    def at(step: int, after: float) -> int:
        return BEGUN + int(step / plan.steps * LOAD_MS + after * 1_000)

    fallen = [Kill(service_of(kill.victim), at(kill.at, kill.after)) for kill in plan.of_services()]
    for kill in plan.of_servers():
        died, away = at(kill.at, kill.after), int(kill.down * 1_000) + 6_000
        broker = kill.victim in BROKERS
        fallen.append(Kill(BROKER if broker else STORE, died, died + (away if broker else max(away, 12_000))))
    return fallen


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("apart", "share"), [(50, 1.0), (500, 0.5)])
@pytest.mark.parametrize("topic", ["registration.requests", "matching.positions"])
def test_a_relay_that_publishes_one_record_in_fifty_twice_fails_a_run_of_chaos(
    seed: int, apart: int, share: float, topic: str
) -> None:
    """Faster than a relay pauses, no copy is explained; slower, at most those beside a broker's end are."""
    twice = [BEGUN + n * LOAD_MS // RECORDS for n in range(0, RECORDS, ONE_IN)]
    copies = [Copy(topic, f"{n} #1", 9, at - 20, at, at + apart) for n, at in enumerate(twice)]
    left = wrong_by_the_auditor(Findings(republished=copies), kills_of_a_run(seed))
    assert len(left) >= share * len(copies)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("apart", [50, 900])
def test_a_sender_that_sends_one_mail_in_fifty_twice_fails_a_run_of_chaos(seed: int, apart: int) -> None:
    arrived = {f"dlv_{n}": (at := BEGUN + n * LOAD_MS // MAILS, at + apart) for n in range(0, MAILS, ONE_IN)}
    said = [f"{delivery} arrived 2 times with the same Message-ID" for delivery in arrived]
    assert len(wrong_by_the_auditor(Findings(mail_repeats=said), kills_of_a_run(seed), arrived)) == MAILS / ONE_IN
