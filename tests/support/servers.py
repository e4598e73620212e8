"""The servers a run talks to: those named by ENTENTE_KAFKA and ENTENTE_MONGODB, or embedded stand-ins.

A stand-in is started when the first test asks for it, once per session.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.embedded import broker, store
from deploy.embedded.process import Child, Spec, free_port

READY_WITHIN = 30.0  # seconds
STOP_WITHIN = 3.0

KAFKA_UNTESTED = "rebalance of several members, fencing, durability, retention, elections"
MONGODB_UNTESTED = "durability beyond one process, elections"


def pytest_report_header() -> list[str]:
    """Says which servers the run uses, and what it therefore does not prove."""
    return [
        _line("Kafka", os.environ.get("ENTENTE_KAFKA"), "librdkafka's mock cluster", KAFKA_UNTESTED),
        _line("MongoDB", os.environ.get("ENTENTE_MONGODB"), "nx-27017 over SQLite", MONGODB_UNTESTED),
    ]


def _line(kind: str, given: str | None, stand_in: str, untested: str) -> str:
    if given:
        return f"{kind}: {given.rpartition('@')[2]}"  # without a password
    return f"{kind}: embedded stand-in ({stand_in}); NOT TESTED by this run: {untested}"


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The broker's addresses, as a list: FastStream and aiokafka do not split a comma list."""
    if given := os.environ.get("ENTENTE_KAFKA"):
        yield [part.strip() for part in given.split(",") if part.strip()]
        return
    spec = Spec("broker", broker.command([]), lambda it: it.announced("kafka") is not None)
    for child in _running(spec, tmp_path_factory.mktemp("broker")):
        address = child.announced("kafka")
        assert address
        yield [address]


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the store."""
    if given := os.environ.get("ENTENTE_MONGODB"):
        yield given
        return
    port, directory = free_port(), tmp_path_factory.mktemp("store")
    spec = Spec("store", store.command(port, directory / "data"), lambda _it: store.answers(port))
    for _child in _running(spec, directory):
        yield store.uri(port)


def _running(spec: Spec, logs: Path) -> Iterator[Child]:
    child = Child(spec, logs)
    child.start()
    try:
        child.wait_ready(READY_WITHIN)
        yield child
    finally:
        child.stop(STOP_WITHIN)


@pytest.fixture(scope="session")
def _mongodb_for_cleaning(mongodb_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        yield client


@pytest.fixture
def database_name(_mongodb_for_cleaning: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """A name no other test uses; databases that begin with it are dropped when the test has ended."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield name
    for found in _mongodb_for_cleaning.list_database_names():
        if found.startswith(name):
            _mongodb_for_cleaning.drop_database(found)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix no other test uses, ending in a dot."""
    return f"t{uuid.uuid4().hex[:12]}."
