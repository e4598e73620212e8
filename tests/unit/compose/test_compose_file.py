"""docker-compose.yml as it is written: who may do what, who waits for whom, and nothing that only hopes."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from deploy.embedded.process import ROOT
from tests.support.runbook import RUNBOOK

TEXT = (ROOT / "docker-compose.yml").read_text()
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OVERLAY: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.observability.yml").read_text())["services"]
OURS = ("registration", "matching", "notifications", "identity", "topics", "entente")
ONE_SHOT = ("topics", "replica-set", "entente")
STAYING = sorted(SERVICES.keys() - set(ONE_SHOT))
LOOPBACK = re.compile(r"\$\{ENTENTE_BIND:-127\.0\.0\.1\}:\$\{[A-Z]+_PORT:-\d+\}:\d+")


def test_everything_that_is_asked_for_is_there() -> None:
    assert set(SERVICES) == {
        "registration", "matching", "notifications", "identity", "proxy", "kafka", "topics", "mongodb", "replica-set",
        "mailpit", "entente",
    }  # fmt: skip
    assert SERVICES["mailpit"]["image"].startswith("${MAILPIT_IMAGE:-axllent/mailpit:")


@pytest.mark.parametrize("name", OURS)
def test_our_own_containers_are_no_root_write_nothing_and_have_no_capability(name: str) -> None:
    service = SERVICES[name]
    assert service["image"].startswith("entente/")
    assert service["build"]["dockerfile"] == "deploy/Dockerfile"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "user" not in service, "the image says who; never root again"
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", [*SERVICES, *OVERLAY])
def test_memory_is_bounded_and_ports_are_opened_on_this_machine_alone(name: str) -> None:
    service = (SERVICES | OVERLAY)[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert all(LOOPBACK.fullmatch(port) for port in service.get("ports", ()))
    assert "privileged" not in service
    assert "network_mode" not in service


@pytest.mark.parametrize("name", [*STAYING, *OVERLAY])
def test_what_stays_is_asked_for_its_health(name: str) -> None:
    service = (SERVICES | OVERLAY)[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_who_waits_waits_for_a_condition_that_can_come_true(name: str) -> None:
    for other, waited in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert waited == {"condition": wanted}, other
    if name in ONE_SHOT:
        assert SERVICES[name]["restart"] == "no"


def test_a_service_starts_behind_its_topics_its_replica_set_and_the_proxy_behind_all() -> None:
    for name in ("registration", "matching", "notifications"):
        assert {"topics", "replica-set"} <= SERVICES[name]["depends_on"].keys()
    assert SERVICES["proxy"]["depends_on"].keys() == {"identity", "registration", "matching", "notifications"}


def test_topics_come_from_the_catalogue() -> None:
    assert SERVICES["topics"]["command"] == ["topics", "apply", "--enough-to-start"]
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_nothing_waits_by_the_clock() -> None:
    assert "sleep" not in TEXT


def test_a_replica_has_no_name_and_no_port_of_its_own() -> None:
    for name in ("registration", "matching", "notifications"):
        assert "container_name" not in SERVICES[name]
        assert "ports" not in SERVICES[name]


def test_how_many_replicas_are_meant_is_said_in_one_place_so_that_no_mend_stops_one() -> None:
    """`up` makes it so: with none in the file it stops all but one, and a `--scale` all but one of the others."""
    for name in ("registration", "matching", "notifications"):
        assert SERVICES[name]["scale"] == f"${{{name.upper()}_REPLICAS:-1}}"
    told = re.findall(r"docker compose up [^`\n]*", RUNBOOK.read_text())
    assert len(told) > 2
    assert [call for call in told if "--scale" in call] == []


def test_what_must_outlive_a_container_lies_in_a_named_volume() -> None:
    used = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", ()) if not v.startswith("./")}
    assert used == set(FILE["volumes"]) == {
        "kafka-data", "mongodb-data", "mongodb-config", "mailpit-data", "identity-key",
    }  # fmt: skip


def test_files_that_are_mounted_exist_and_cannot_be_written() -> None:
    mounted = [v for s in SERVICES.values() for v in s.get("volumes", ()) if v.startswith("./")]
    assert len(mounted) == 2
    for mount in mounted:
        place, _, mode = mount.split(":")
        assert (ROOT / place).is_file()
        assert mode == "ro"


def test_a_kafka_client_is_sent_where_it_can_come_from() -> None:
    """The broker tells every client outside where to go on; the address the port is opened on says nothing of that."""
    told = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert told == "PLAINTEXT://kafka:9092,HOST://${ENTENTE_KAFKA_HOST:-127.0.0.1}:${KAFKA_PORT:-9092}"


def test_what_a_caller_of_compose_may_set_is_on_its_page() -> None:
    page = (ROOT / "docs" / "compose.md").read_text()
    assert {name for name in re.findall(r"\$\{([A-Z_]+)", TEXT) if f"`{name}" not in page} == set()
