"""Settings that make no sense stop the service at its start, with a message that names the variable."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.terminal.settings import TerminalSettings
from services.matching.domain.question import question_of
from services.matching.main import build, policy_from
from services.matching.settings import MatchingSettings
from shared.contracts import topics
from shared.runtime.settings import load
from tests.support import matching_events as say
from tests.support.matching_stage import settings
from tests.support.matching_world import World
from tests.unit.matching.samples import binding

BASE = {
    "ENTENTE_KAFKA": "127.0.0.1:9092",
    "ENTENTE_MONGODB": "mongodb://127.0.0.1:27017",
    "ENTENTE_DATABASE": "matching",
    "ENTENTE_ISSUER": "http://issuer.test",
}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OFFER_RESPONSE", "soon", "5 working days"),
        ("OFFER_RESPONSE", "0 hours", "5 working days"),
        ("OFFER_RESPONSE_URGENT", "at once", "48 hours"),
        ("OFFER_HOLD_MARGIN", "-1 hours", "48 hours"),
        ("CLEARANCE", "15", "working days"),
        ("ZONE", "Brussels", "Europe/Brussels"),
        ("HOLIDAYS_COUNTRY", "Belgium", "no country has the code"),
        ("HOLIDAYS_COUNTRY", "XX", "no country has the code"),
        ("MATCH_WEIGHTS", '{"theme": 30}', "sum to 100, not 105"),
        ("MATCH_WEIGHTS", '{"theme": -5, "text": 40}', "greater than or equal to 0"),
        ("MATCH_WEIGHTS", '{"charm": 0}', "no such part"),
        ("MATCH_WEIGHTS", "theme=30", "not valid JSON"),
        ("MATCH_POLICY", '{"warn_days": 0}', "warn_days: Input should be greater than or equal to 1"),
        ("MATCH_POLICY", '{"threshold": 40}', "threshold: no such value"),
        ("MATCH_POLICY", '{"working_level": "D1"}', "working_level: Input should be 'A1'"),
        ("MATCH_POLICY", '{"peer_shares": {"privat": 100}}', "peer_shares.privat: Input should be 'eu_public'"),
        ("MATCH_POLICY", '{"peer_shares": {"private": 1001}}', "peer_shares.private: Input should be less than"),
        ("MATCH_POLICY", '{"peer_shares": {"private": -1}}', "peer_shares.private: Input should be greater than"),
        ("MATCH_THRESHOLD", "101", "less than or equal to 100"),
        ("MATCH_NOISE", "some", "valid integer"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, says: str
) -> None:
    for variable, good in BASE.items():
        monkeypatch.setenv(variable, good)
    monkeypatch.setenv(f"ENTENTE_{name}", value)
    with pytest.raises(SystemExit) as stopped:
        load(MatchingSettings)
    told = capsys.readouterr().err + str(stopped.value)
    assert f"ENTENTE_{name}" in told
    assert says in told


def test_good_settings_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, good in BASE.items():
        monkeypatch.setenv(variable, good)
    monkeypatch.setenv("ENTENTE_MATCH_WEIGHTS", '{"theme": 20, "rotation": 10}')
    monkeypatch.setenv("ENTENTE_MATCH_POLICY", '{"conflict_years": 5, "rota": true, "peer_shares": {"private": 0}}')
    monkeypatch.setenv("ENTENTE_OFFER_RESPONSE", "20 seconds")
    read = load(MatchingSettings)
    policy = policy_from(read)
    assert (policy.weights.theme, policy.weights.rotation, policy.weights.peer) == (20, 10, 15)
    assert (policy.conflict_years, policy.rota, policy.warn_days) == (5, True, 60)
    assert (policy.peer_shares["private"], policy.peer_shares["eu_public"]) == (0, 1000), "the others keep their worth"
    assert build(read).name == "matching"


def test_a_country_belongs_to_a_group_on_the_day_that_is_asked_about_whenever_the_process_started() -> None:
    last = date(2020, 1, 31)
    policy = policy_from(settings())
    asked = binding(country="GB")
    before, after = (question_of(asked, policy, day) for day in (last, last + timedelta(days=1)))
    assert ("EU28" in before.places, "EU28" in after.places) == (True, False)
    assert ("GB" in before.region_countries, "GB" in after.region_countries) == (True, False)
    joined = date(2013, 7, 1)
    outside, inside = (question_of(asked, policy, day).eu for day in (joined - timedelta(days=1), joined))
    assert ("HR" in outside, "HR" in inside) == (False, True)


def test_port_and_database_are_those_the_terminal_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, good in BASE.items():
        monkeypatch.setenv(variable, good)
    monkeypatch.delenv("ENTENTE_DATABASE")
    read, terminal = load(MatchingSettings), load(TerminalSettings)
    assert read.database == terminal.databases["matching"]
    assert terminal.services["matching"].endswith(f":{read.http_port}")


async def test_what_the_settings_say_is_what_happens() -> None:
    world = World(
        offer_response="20 seconds", offer_hold_margin="5 seconds", clearance="2 hours",
        match_threshold=70, match_weights={"theme": 20, "rotation": 10},
    )  # fmt: skip
    await world.staff("exp_1", "exp_2")
    await world.hear(say.expert("exp_2", category="academic"))
    await world.open(say.position(say.LEAD, 1, is_principal=True, origin_rule="any"))
    search = await world.get(f"/searches/{say.LEAD}")
    assert {p["part"]: p["of"] for p in search["candidates"][0]["parts"]}["rotation"] == 10_000
    assert [e["code"] for e in search["exclusions"]["exp_2"]] == ["below_threshold"]
    await world.approve()
    offer = await world.asked()
    assert datetime.fromisoformat(offer["respond_by"]) == say.START + timedelta(seconds=20)
    (held,) = world.data(topics.CALENDARS, "availability.held")
    assert datetime.fromisoformat(held["expires_at"]) == say.START + timedelta(seconds=25)
    await world.accept()
    (accepted,) = world.data(topics.POSITIONS, "assignment.accepted")
    assert datetime.fromisoformat(accepted["clearance_due"]) == say.START + timedelta(hours=2)
    await world.http.aclose()


async def test_a_request_is_searched_for_at_the_level_that_is_set() -> None:
    world = World(match_policy={"working_level": "native"})
    await world.staff("exp_1")
    await world.hear(say.request())
    search = await world.get("/searches/req_1")
    assert search["requirement"]["languages"] == [{"language": "en", "level": "native"}]
    assert [e["code"] for e in search["exclusions"]["exp_1"]] == ["language_below_minimum"]
    await world.http.aclose()


@pytest.mark.parametrize(
    ("given", "respond_by"),
    [
        ({}, datetime(2030, 4, 19, 13, tzinfo=UTC)),
        ({"holidays_country": "PT"}, datetime(2030, 4, 22, 13, tzinfo=UTC)),
        ({"zone": "Pacific/Auckland"}, datetime(2030, 4, 22, 13, tzinfo=UTC)),
    ],
)
async def test_country_and_zone_of_the_working_days_move_deadlines(given: dict[str, str], respond_by: datetime) -> None:
    """Asked on the Thursday before Easter, which is Friday already in Auckland; in Portugal Good Friday is a public
    holiday, in Belgium Easter Monday is."""
    told: dict[str, Any] = {"offer_response": "1 working day", **given}
    world = World(start=datetime(2030, 4, 18, 13, tzinfo=UTC), **told)
    await world.staff("exp_1")
    await world.open()
    await world.approve()
    offer = await world.asked()
    assert datetime.fromisoformat(offer["respond_by"]) == respond_by
    await world.http.aclose()


def test_a_start_with_the_defaults_reads_no_public_holidays() -> None:
    """They are read once a first working day is counted, and are there then."""
    program = (
        "import sys; from services.matching.domain.deadlines import BRUSSELS; "
        "from services.matching.settings import MatchingSettings; from shared.runtime.settings import load; "
        "load(MatchingSettings); assert 'holidays' not in sys.modules; BRUSSELS.public_holidays()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **BASE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_defaults_are_those_of_the_field() -> None:
    read = settings()
    assert (read.zone, read.holidays_country) == ("Europe/Brussels", "BE")
    assert (read.offer_response, read.offer_response_urgent, read.offer_hold_margin, read.clearance) == (
        "5 working days", "48 hours", "48 hours", "15 working days",
    )  # fmt: skip
    assert (read.match_threshold, read.match_noise, read.match_weights) == (50, 3, {})
