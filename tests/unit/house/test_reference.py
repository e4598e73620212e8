"""The reference page: what it prints can be used as it stands, and the terminal looks where the services are."""

from __future__ import annotations

import re

import pytest
from pydantic_settings import BaseSettings

from deploy.services import DATABASES, PORTS, SERVICES
from deploy.terminal.settings import TerminalSettings
from docs.reference import OWN
from shared.runtime.settings import load, table

REQUIRED = {
    "ENTENTE_KAFKA": "kafka-1:9092",
    "ENTENTE_MONGODB": "mongodb://db-1:27017",
    "ENTENTE_DATABASE": "sample",
    "ENTENTE_ISSUER": "http://identity:8000",
}
ROW = re.compile(r"^\| `(ENTENTE_\w+)` \| [^|]+\| `(.+?)` \|", re.M)


@pytest.mark.parametrize("settings", [*OWN.values(), TerminalSettings])
def test_every_default_may_be_pasted_back(settings: type[BaseSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    as_it_is = load(settings).model_dump()
    told = dict(ROW.findall(table(settings)))
    assert "ENTENTE_KAFKA_PARTITIONS" in told
    for name in told.keys() - REQUIRED.keys():
        monkeypatch.setenv(name, told[name])
    assert load(settings).model_dump() == as_it_is


def test_the_services_are_where_the_terminal_looks_for_them() -> None:
    assert tuple(OWN) == SERVICES
    assert {name: own.model_fields["database"].default for name, own in OWN.items()} == DATABASES
    assert {name: own.model_fields["http_port"].default for name, own in OWN.items()} == PORTS
