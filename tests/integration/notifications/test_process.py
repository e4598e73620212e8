"""The notifications process against a broker, a database and a mail server: events in, mails out, a kill between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from deploy.embedded.mailbox import Caught, messages
from deploy.embedded.stack import SERVICES, Stack
from shared.contracts.catalogue import contract_of
from shared.contracts.envelope import Actor, AggregateRef, Envelope, EventData
from shared.contracts.events.experts import ExpertActivated
from shared.contracts.events.requests import RequestApproved, RequestSubmitted
from shared.contracts.topics import TOPICS
from shared.ids import derived_id
from tests.component.notifications.world import CAST, expert
from tests.support.eventually import eventually
from tests.support.notified_events import AT, sample

pytestmark = pytest.mark.embedded
LEASE = {"notifications": {"ENTENTE_SEND_LEASE_SECONDS": "3", "ENTENTE_SMTP_TIMEOUT_SECONDS": "2"}}
NOTIFICATIONS = tuple(service for service in SERVICES if service.name == "notifications")


def _stack(directory: Path) -> Stack:
    return Stack(TOPICS, services=NOTIFICATIONS, directory=directory, logs=directory / "logs", extra_env=LEASE)


async def _publish(stack: Stack, *events: tuple[EventData, str, int]) -> None:
    """Events by content, key and sequence."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka.split(","))
    await producer.start()
    try:
        for data, key, sequence in events:
            contract = contract_of(type(data))
            envelope = Envelope(
                event_id=derived_id("evt", contract.topic.name, key, str(sequence)),
                type=contract.name,
                version=contract.version,
                occurred_at=AT,
                actor=Actor(kind="system", id="sample", role="system"),
                aggregate=AggregateRef(type=contract.topic.aggregate, id=key),
                sequence=sequence,
                correlation_id="cor_sample",
                data=data.model_dump(mode="json"),
            )
            await producer.send_and_wait(contract.topic.name, envelope.model_dump_json().encode(), key.encode())
    finally:
        await producer.stop()


def _received(stack: Stack) -> list[Caught]:
    return messages(stack.mail_directory)


def _addressees(caught: list[Caught]) -> list[tuple[str, str]]:
    return sorted((str(c.message["X-Entente-Type"]), c.recipients[0].partition("@")[0]) for c in caught)


async def test_events_become_mails(tmp_path: Path) -> None:
    expected = [("request_received", who) for who in ("del_ng", "per_desk", "per_focal", "per_sign")]
    expected += [("request_approved", w) for w in ("del_ng", "per_adviser", "per_focal", "per_manager", "per_sign")]
    async with _stack(tmp_path) as stack:
        await _publish(stack, *((contact, contact.contact_id, 1) for contact in CAST))
        with MongoClient[dict[str, Any]](stack.mongodb) as client:
            contacts = client[stack.databases["notifications"]]["contacts"]
            await eventually(lambda: contacts.count_documents({}) == len(CAST), within=30, what="all contacts")
        await _publish(stack, (sample(RequestSubmitted), "req_1", 1), (sample(RequestApproved), "req_1", 2))
        await eventually(lambda: len(_received(stack)) == 9, within=30, what="nine mails")
        assert _addressees(_received(stack)) == sorted(expected)


async def test_a_kill_in_the_middle_loses_no_mail(tmp_path: Path) -> None:
    people = [f"exp_{number}" for number in range(60)]
    activated = sample(ExpertActivated)
    async with _stack(tmp_path) as stack:
        await _publish(stack, *((expert(person), person, 1) for person in people))
        await _publish(stack, *((activated.model_copy(update={"expert_id": p}), p, 1) for p in people))
        await eventually(lambda: len(_received(stack)) >= 5, within=30, what="the first mails")
        stack.kill("notifications")
        await stack.restart("notifications")
        with MongoClient[dict[str, Any]](stack.mongodb) as client:
            deliveries = client[stack.databases["notifications"]]["deliveries"]

            def all_came() -> bool:
                unsent = deliveries.find(
                    {"keys.channel": "mail", "keys.state": {"$in": ["waiting", "queued", "failed"]}}
                )
                assert len(_ids(stack)) == len(people), [(d["keys"]["state"], d["keys"]["recipient"]) for d in unsent]
                return True

            await eventually(all_came, within=60, what="every mail")
    copies = len(_received(stack)) - len(people)
    assert copies <= 8, "only mails in the senders' hands may come again, with the same Message-ID"


def _ids(stack: Stack) -> set[str]:
    return {caught.message_id for caught in _received(stack)}
