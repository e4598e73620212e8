"""Every consumer of every service as it is really built keeps the house's rules, with three broker addresses."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter

from deploy.embedded.process import ROOT
from shared.contracts.catalogue import contracts_on
from shared.messaging.part import Messaging
from shared.runtime import assembly
from shared.runtime.setup import Setup, setup_router
from tests.support.built import BROKERS, SERVICES, built
from tests.support.house_rules import broker_faults


def messaging_of(service: str) -> Messaging:
    messaging = built(service).messaging
    assert isinstance(messaging, Messaging)
    return messaging


@pytest.mark.parametrize("service", SERVICES)
def test_every_consumer_keeps_the_rules(service: str) -> None:
    messaging = messaging_of(service)
    assert broker_faults(messaging.broker, service) == []
    assert messaging.broker._connection_kwargs["bootstrap_servers"] == BROKERS


@pytest.mark.parametrize("service", SERVICES)
def test_the_catalogue_names_the_consumers_that_there_are(service: str) -> None:
    heard = {member.consumer.subscription.topic for member in messaging_of(service).members}
    for topic in heard:
        assert all(service in contract.consumers for contract in contracts_on(topic)), topic.name


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_on_the_terminal_counts_the_indexes_that_there_are(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Setup] = []

    def noted(setup: Setup) -> APIRouter:
        told.append(setup)
        return setup_router(setup)

    monkeypatch.setattr(assembly, "setup_router", noted)
    built(service)
    page = (ROOT / "docs" / "terminal.md").read_text()
    counted = set(re.findall(rf"^ok +indexes +(\d+) of {service} are there$", page, flags=re.MULTILINE))
    assert counted == {str(len(told[0].indexes))}


@pytest.mark.parametrize("service", SERVICES)
async def test_what_cannot_be_read_or_announced_is_told_by_a_check_that_does_not_gate(service: str) -> None:
    checks = built(service).checks
    assert checks is not None
    groups = [member.consumer.group for member in messaging_of(service).members]
    gates = {state.name: state.gates for state in await checks.run()}
    assert [gates[f"partitions {group}"] for group in groups] == [False] * len(groups)
    assert [gates[f"consumer {group}"] for group in groups] == [True] * len(groups)
    assert (gates["announcements"], gates["relay"]) == (False, True)
