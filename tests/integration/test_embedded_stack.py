"""The embedded stack starts, is watched, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import smtplib
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from pymongo import MongoClient

from deploy.embedded import broker, mailbox
from deploy.embedded.process import ChildError
from deploy.embedded.stack import Service, Stack
from tests.support.processes import is_running, is_taken

FAKE = (sys.executable, "-m", "tests.support.fake_service")
STAND_INS = {"broker", "store", "mailbox", "issuer"}


pytestmark = pytest.mark.stand_ins


@pytest.fixture(autouse=True)
def _stand_ins_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENTENTE_KAFKA", raising=False)
    monkeypatch.delenv("ENTENTE_MONGODB", raising=False)


def stack_of(directory: Path, *services: Service, **options: object) -> Stack:
    return Stack(["a.first", "a.second"], services=services, directory=directory, logs=directory / "logs", **options)  # type: ignore[arg-type]


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    async with stack_of(tmp_path, Service("one", FAKE), Service("two", FAKE, mails=True)) as running:
        yield running


def directories(place: Path, pattern: str) -> list[Path]:
    return list(place.glob(pattern))


def a_message(message_id: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@sample.test", "b@sample.test", "Équipe complète"
    message["Message-ID"] = message_id
    message.set_content("Sample.\n.\nEnd.")
    return message


async def test_all_parts_work_and_no_process_or_port_is_left(tmp_path: Path) -> None:
    steps: list[tuple[str, str]] = []
    stack = stack_of(tmp_path, Service("one", FAKE), progress=lambda name, state: steps.append((name, state)))
    async with stack:
        found = broker.client(**{"bootstrap.servers": stack.kafka}).list_topics(timeout=5).topics
        assert {name: len(topic.partitions) for name, topic in found.items()} == {"a.first": 4, "a.second": 4}
        with MongoClient[dict[str, object]](stack.mongodb) as client:
            client["entente_one"]["things"].insert_one({"_id": 1})
            assert client["entente_one"]["things"].count_documents({}) == 1
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{stack.issuer}/jwks")).json()["keys"]
        assert await stack.is_ready("one")
        assert await stack.is_alive("one")
        processes = [child.pid for child in stack.children.values()]
        places = [stack.kafka, stack.mongodb, stack.issuer, stack.smtp, stack.urls["one"]]
        assert all(is_taken(place) for place in places)
    assert set(stack.children) == STAND_INS | {"one"}
    assert {name for name, state in steps if state == "ready"} == STAND_INS | {"one"}
    assert steps.index(("one", "starting")) > max(steps.index((name, "ready")) for name in STAND_INS)
    assert not any(pid and is_running(pid) for pid in processes)
    assert not any(is_taken(place) for place in places)
    assert not directories(tmp_path, "data-*")
    log = (tmp_path / "logs" / "broker.log").read_text()
    assert log.splitlines() == [json.dumps({"kafka": stack.kafka})], "the mock's own lines are kept silent"


async def test_services_get_exactly_their_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTENTE_LOG_LEVEL", "debug")
    services = Service("one", FAKE), Service("two", FAKE, mails=True)
    extra = {"two": {"ENTENTE_OFFER_ANSWER": "PT5S"}}
    async with stack_of(tmp_path, *services, extra_env=extra) as stack, httpx.AsyncClient() as http:
        one, two = [(await http.get(f"{stack.urls[name]}/environment")).json() for name in ("one", "two")]
    shared = {
        "ENTENTE_KAFKA": stack.kafka,
        "ENTENTE_MONGODB": stack.mongodb,
        "ENTENTE_ISSUER": stack.issuer,
        "ENTENTE_HTTP_HOST": "127.0.0.1",
        "ENTENTE_KAFKA_PARTITIONS": "4",
        "ENTENTE_KAFKA_SESSION_TIMEOUT_MS": "6000",
        "ENTENTE_KAFKA_FETCH_MAX_WAIT_MS": "100",
        "ENTENTE_LOG_FORMAT": "json",
    }
    port = {name: url.rpartition(":")[2] for name, url in stack.urls.items()}
    assert one == shared | {"ENTENTE_HTTP_PORT": port["one"], "ENTENTE_DATABASE": "entente_one"}
    smtp_host, _, smtp_port = stack.smtp.rpartition(":")
    mine = {"ENTENTE_SMTP_HOST": smtp_host, "ENTENTE_SMTP_PORT": smtp_port, "ENTENTE_OFFER_ANSWER": "PT5S"}
    assert two == shared | mine | {"ENTENTE_HTTP_PORT": port["two"], "ENTENTE_DATABASE": "entente_two"}


async def test_given_servers_are_used_in_place_of_stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTENTE_KAFKA", "127.0.0.1:1,127.0.0.1:2")
    monkeypatch.setenv("ENTENTE_MONGODB", "mongodb://127.0.0.1:3")
    async with stack_of(tmp_path, Service("one", FAKE)) as stack, httpx.AsyncClient() as http:
        given = (await http.get(f"{stack.urls['one']}/environment")).json()
        assert set(stack.children) == {"mailbox", "issuer", "one"}
    assert given["ENTENTE_KAFKA"] == "127.0.0.1:1,127.0.0.1:2"
    assert given["ENTENTE_MONGODB"] == "mongodb://127.0.0.1:3"
    assert given["ENTENTE_DATABASE"] != stack_of(tmp_path, Service("one", FAKE)).databases["one"]


async def test_a_service_that_ends_at_start_is_named_with_its_log(tmp_path: Path) -> None:
    broken = Service("broken", FAKE)
    stack = stack_of(tmp_path, Service("one", FAKE), broken, extra_env={"broken": {"FAKE_MODE": "broken"}})
    with pytest.raises(ChildError) as caught:
        await stack.start()
    assert caught.value.name == "broken"
    assert "exit status 1" in str(caught.value)
    assert "ENTENTE_DATABASE names no database" in str(caught.value)
    assert not any(child.running for child in stack.children.values())


async def test_a_child_that_dies_later_is_reported_and_a_wanted_kill_is_not(stack: Stack) -> None:
    stack.kill("one")
    watching = asyncio.create_task(stack.watch())
    victim = stack.children["mailbox"].pid
    assert victim
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(ChildError, match="mailbox was ended by SIGKILL"):
        await asyncio.wait_for(watching, 5)


async def test_a_killed_service_comes_back_at_the_same_place_with_the_same_settings(stack: Stack) -> None:
    async with httpx.AsyncClient() as http:
        before = (await http.get(f"{stack.urls['one']}/environment")).json()
        stack.kill("one")
        assert not await stack.is_alive("one")
        await stack.restart("one")
        assert (await http.get(f"{stack.urls['one']}/environment")).json() == before


async def test_store_and_issuer_keep_what_they_had_through_a_kill(stack: Stack) -> None:
    async with httpx.AsyncClient() as http:
        keys = (await http.get(f"{stack.issuer}/jwks")).json()
        with MongoClient[dict[str, object]](stack.mongodb) as client:
            client["kept"]["things"].insert_one({"_id": 1})
        for name in ("store", "issuer"):
            stack.kill(name)
            await stack.restart(name)
        with MongoClient[dict[str, object]](stack.mongodb) as client:
            assert client["kept"]["things"].count_documents({}) == 1
        assert (await http.get(f"{stack.issuer}/jwks")).json() == keys
    with pytest.raises(ValueError, match="broker"):
        await stack.restart("broker")


async def test_a_paused_service_goes_on_and_a_paused_stack_stops(stack: Stack) -> None:
    stack.pause("one")
    assert not await stack.is_alive("one")
    stack.resume("one")
    assert await stack.is_alive("one")
    stack.pause("one")


async def test_a_service_deaf_to_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.stack.SERVICE_GRACE", 0.2)
    steps: list[tuple[str, str]] = []
    stack = stack_of(
        tmp_path,
        Service("deaf", FAKE),
        extra_env={"deaf": {"FAKE_MODE": "deaf"}},
        progress=lambda name, state: steps.append((name, state)),
    )
    async with stack:
        pass
    assert not is_taken(stack.urls["deaf"])
    assert steps[-1] == ("deaf", "killed: not stopped within 0.2 s")


async def test_mail_is_kept_and_a_repeat_is_kept_twice(stack: Stack) -> None:
    def send() -> None:
        host, port = stack.smtp.split(":")
        with smtplib.SMTP(host, int(port), timeout=5) as smtp:
            for message_id in ("<n-1@sample.test>", "<../../n 2@sample.test>", "<n-1@sample.test>"):
                smtp.send_message(a_message(message_id), to_addrs=["b@sample.test", "hidden@sample.test"])

    await asyncio.to_thread(send)
    caught = mailbox.messages(stack.mail_directory)
    assert [message.file.name for message in caught] == [
        "000001-n-1@sample.test.eml",
        "000002-.._.._n_2@sample.test.eml",
        "000003-n-1@sample.test.eml",
    ]
    assert caught[0].message_id == caught[2].message_id == "<n-1@sample.test>"
    assert caught[0].recipients == ("b@sample.test", "hidden@sample.test")
    assert caught[0].message["Subject"] == "Équipe complète"
    assert caught[0].message.get_content().split() == ["Sample.", ".", "End."]
    assert sorted(stack.mail_directory.iterdir()) == [message.file for message in caught]

    stack.kill("mailbox")
    await stack.restart("mailbox")
    await asyncio.to_thread(send)
    assert [message.arrival for message in mailbox.messages(stack.mail_directory)] == [1, 2, 3, 4, 5, 6]
