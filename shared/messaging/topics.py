"""The topics of the catalogue on a cluster: made explicitly, and checked against what the contracts promise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import TOPICS, Topic
from shared.errors import CannotRun
from shared.messaging.errors import BrokerAway
from shared.messaging.options import BROKERS_CHOICE
from shared.messaging.standstill import answered

APPEARS_WITHIN_SECONDS = 10
"""Brokers hear of a topic that was made some moments after the controller has confirmed it."""

INSYNC = "min.insync.replicas"
COPIES_FOR_TWO = 3
"""From this many copies on, two must confirm: at Kafka's own default of one, a lone leader answers `acks=all`, the
outbox is emptied, and its disk holds the only copy. Of two copies, the loss of either would stop all writing."""


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is on the cluster; `configuration` None where the cluster does not tell."""

    partitions: int
    configuration: Mapping[str, str] | None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with a topic, and the command that mends it (Kafka's own tools). `refused` tells whether a service
    refuses to start with it."""

    topic: str
    what: str
    mend: str
    refused: bool = False


def compare(wanted: Iterable[Topic], found: Mapping[str, Found], partitions: int) -> list[Difference]:
    """What differs from the catalogue. Pure.

    Where all topics have one number of partitions, the setting is the first suspect.
    """
    differences: list[Difference] = []
    numbers = {there.partitions for there in found.values()}
    for topic in wanted:
        there = found.get(topic.name)
        tool = f"--bootstrap-server $ENTENTE_KAFKA --topic {topic.name}"
        settings = topic.configuration()
        if there is None:
            differences.append(Difference(topic.name, "is missing", "entente topics apply", refused=True))
            continue
        if there.partitions < partitions:
            what = f"has {there.partitions} partitions instead of {partitions}"
            mend = (
                f"stop its producer, let its consumers finish, then kafka-topics.sh {tool} --alter "
                f"--partitions {partitions} (keys move to other partitions: with events waiting, order would be lost)"
            )
            if len(numbers) == 1:
                setting = f"set ENTENTE_KAFKA_PARTITIONS={there.partitions}, where the services work with that"
                mend = f"{setting}; to raise it: {mend}"
            differences.append(Difference(topic.name, what, mend, refused=True))
        elif there.partitions > partitions:
            what = f"has {there.partitions} partitions instead of {partitions}"
            mend = f"set ENTENTE_KAFKA_PARTITIONS={there.partitions}: partitions cannot be taken away"
            differences.append(Difference(topic.name, what, mend, refused=True))
        if there.configuration is not None:
            differences += _settings_differ(topic, settings, there.configuration)
            differences += _confirmed_by_too_few(topic, there.copies, there.configuration)
    return differences


def _confirmed_by_too_few(topic: Topic, copies: int, found: Mapping[str, str]) -> list[Difference]:
    if copies < COPIES_FOR_TWO or int(found.get(INSYNC, "1")) > 1:
        return []
    what = f"has {INSYNC}={found.get(INSYNC)}: a record that one broker alone has confirmed is lost with its disk"
    return [Difference(topic.name, what, f"{_alter(topic)} {INSYNC}=2")]


def _alter(topic: Topic) -> str:
    tool = f"kafka-configs.sh --bootstrap-server $ENTENTE_KAFKA --entity-type topics --entity-name {topic.name}"
    return f"{tool} --alter --add-config"


def _settings_differ(topic: Topic, wanted: Mapping[str, str], found: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(topic.name, f"has {name}={found.get(name)} instead of {value}", f"{_alter(topic)} {name}={value}")
        for name, value in wanted.items()
        if found.get(name) != value
    ]


def refused(wanted: Iterable[Topic], found: Mapping[str, Found], partitions: int) -> list[Difference]:
    """The differences a service must not start with: a topic that is missing, or has another number of partitions.

    How long records are kept is told by `plan` and by the operators' checks; a service cannot judge it. Pure.
    """
    return compare(wanted, {name: Found(there.partitions, None) for name, there in found.items()}, partitions)


class Topics:
    """The catalogue's topics on one cluster."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        partitions: int,
        replication: int = BROKERS_CHOICE,
        wanted: Iterable[Topic] | None = None,
    ) -> None:
        self._addresses = list(addresses)
        self._partitions = partitions
        self._replication = replication
        self._wanted = tuple(TOPICS.values() if wanted is None else wanted)

    async def plan(self) -> list[Difference]:
        """What differs between catalogue and cluster; changes nothing. BrokerAway where the cluster is."""
        async with Admin(self._addresses) as admin:
            return compare(self._wanted, await self._found(admin), self._partitions)

    async def check(self) -> None:
        """Return when the topics are there with their partitions; asks for nothing but their description.

        CannotRun with every fault and the command that mends it; BrokerAway where the cluster is.
        """
        async with Admin(self._addresses) as admin:
            found = {t["topic"]: Found(len(t["partitions"]), None) for t in await _described(admin, self._wanted)}
        if faults := refused(self._wanted, found, self._partitions):
            raise CannotRun(
                f"{len(faults)} of {len(self._wanted)} topics are not as the contracts want them "
                "(all of them: entente topics plan)",
                *(f"{fault.topic} {fault.what}: {fault.mend}" for fault in faults),
            )

    async def apply(self) -> list[Difference]:
        """Make the missing topics; returns what still differs. Repeatable, and safe beside another one.

        With a `replication` of three or more, two copies must confirm on what is made. Of a number that is left to the
        cluster nobody knows before what it is: what lacks then is among the differences, with its command.
        """
        async with Admin(self._addresses) as admin:
            found = await self._found(admin)
            missing = [topic for topic in self._wanted if topic.name not in found]
            try:
                await self._create(admin, missing)
            except AttributeError:  # the stand-in has no controller: it makes a topic that is asked about
                await admin.describe_topics([topic.name for topic in missing])
            found = await self._found(admin)
            for _ in range(APPEARS_WITHIN_SECONDS * 10):
                if all(topic.name in found for topic in missing):
                    break
                await asyncio.sleep(0.1)
                found = await self._found(admin)
            return compare(self._wanted, found, self._partitions)

    async def _create(self, admin: AIOKafkaAdminClient, missing: Sequence[Topic]) -> None:
        if not missing:
            return
        # aiokafka takes "the cluster's default" only together with an (empty) assignment
        assignments: dict[int, list[int]] | None = {} if self._replication == BROKERS_CHOICE else None
        confirmed = {INSYNC: "2"} if self._replication >= COPIES_FOR_TWO else {}
        new = [
            NewTopic(
                topic.name, self._partitions, self._replication, assignments, {**topic.configuration(), **confirmed}
            )
            for topic in missing
        ]
        answer = (await admin.create_topics(new)).to_object()
        for result in answer["topic_errors"]:
            error = for_code(result["error_code"])
            if result["error_code"] and error is not TopicAlreadyExistsError:
                raise error(f"{result['topic']}: {result.get('error_message') or ''}")

    async def _found(self, admin: AIOKafkaAdminClient) -> dict[str, Found]:
        described = await _described(admin, self._wanted)
        settings = await configurations(admin, ConfigResourceType.TOPIC, [t["topic"] for t in described])
        return {t["topic"]: Found(len(t["partitions"]), settings.get(t["topic"]), _copies(t)) for t in described}


def _copies(described: Mapping[str, Any]) -> int:
    return min((len(partition["replicas"]) for partition in described["partitions"]), default=0)


async def _described(admin: AIOKafkaAdminClient, wanted: Iterable[Topic]) -> list[dict[str, Any]]:
    names = {topic.name for topic in wanted}
    return [t for t in await admin.describe_topics() if t["topic"] in names]


async def all_partitions(consumer: Any, names: Iterable[str]) -> list[TopicPartition]:
    """Every partition of the topics, in order; none of a topic that is missing. BrokerAway where no broker tells."""
    # of all topics: aiokafka names them so that a broker that makes topics by itself makes those that are missing
    await answered(consumer._client.set_topics([]), "the partitions of the topics")
    return [TopicPartition(name, p) for name in names for p in sorted(consumer.partitions_for_topic(name) or ())]


async def configurations(
    admin: AIOKafkaAdminClient, of: ConfigResourceType, names: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The settings of topics or brokers, by name; without those that the cluster does not tell."""
    if not names:
        return {}
    asked = [ConfigResource(of, name) for name in names]
    try:
        answers = await admin.describe_configs(asked)
    except (KafkaError, AttributeError):  # the stand-in does not know the question
        return {}
    rows = [row for answer in answers for row in answer.to_object()["resources"] if not row["error_code"]]
    return {
        row["resource_name"]: {entry["config_names"]: entry["config_value"] for entry in row["config_entries"]}
        for row in rows
    }


class Admin:
    """An admin client for the length of a block. BrokerAway where no broker answers."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def __aenter__(self) -> AIOKafkaAdminClient:
        self._client = AIOKafkaAdminClient(bootstrap_servers=self._addresses, request_timeout_ms=10_000)
        try:
            await self._client.start()
        except (KafkaError, OSError) as error:
            await self._client.close()
            raise BrokerAway(f"{error!r:.300}") from error
        except asyncio.CancelledError:
            await self._client.close()
            raise
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
