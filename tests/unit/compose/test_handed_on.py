"""What the runbook tells an operator to set reaches the containers that know it, and only where it is set."""

from __future__ import annotations

import re

import pytest
from pydantic_settings import BaseSettings

from deploy.terminal.settings import TerminalSettings
from services.matching.settings import MatchingSettings
from services.notifications.settings import NotificationsSettings
from services.registration.settings import RegistrationSettings
from shared.runtime.settings import load, variable
from tests.support.runbook import RUNBOOK
from tests.unit.compose.test_compose_file import SERVICES

KNOWN: dict[str, type[BaseSettings]] = {
    "registration": RegistrationSettings,
    "matching": MatchingSettings,
    "notifications": NotificationsSettings,
    "topics": TerminalSettings,
    "entente": TerminalSettings,
}
TOLD = set(re.findall(r"\bENTENTE_[A-Z_]*[A-Z]\b", RUNBOOK.read_text()))
"""Every setting the runbook speaks of."""


def variables(settings: type[BaseSettings]) -> set[str]:
    return {variable(settings, field) for field in settings.model_fields}


def test_the_runbook_speaks_of_settings_that_exist() -> None:
    assert {"ENTENTE_KAFKA_PARTITIONS", "ENTENTE_DRAIN_SECONDS"} <= TOLD
    assert TOLD - set().union(*(variables(settings) for settings in KNOWN.values())) == set()


@pytest.mark.parametrize("name", KNOWN)
def test_what_the_runbook_tells_to_set_is_handed_on_to_who_knows_it(name: str) -> None:
    assert (TOLD & variables(KNOWN[name])) - SERVICES[name]["environment"].keys() == set()


@pytest.mark.parametrize("name", KNOWN)
def test_a_setting_is_fixed_or_handed_on_as_it_is_never_as_an_empty_text(name: str) -> None:
    handed_on = {key for key, value in SERVICES[name]["environment"].items() if value is None}
    assert "ENTENTE_KAFKA_PARTITIONS" in handed_on
    assert [value for value in SERVICES[name]["environment"].values() if value is not None and "${" in value] == []


def test_an_empty_text_would_be_no_default(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ENTENTE_KAFKA", "kafka:9092")
    monkeypatch.setenv("ENTENTE_MONGODB", "mongodb://mongodb:27017")
    assert load(TerminalSettings).kafka_partitions == 6
    monkeypatch.setenv("ENTENTE_KAFKA_PARTITIONS", "")
    with pytest.raises(SystemExit):
        load(TerminalSettings)
    assert "ENTENTE_KAFKA_PARTITIONS is wrong" in capsys.readouterr().err
