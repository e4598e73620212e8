"""Kafka as an operator must know it: do brokers answer, are the topics as the contracts want them, with all copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka.admin.config_resource import ConfigResourceType
from aiokafka.errors import KafkaError

from deploy.terminal.looks.finding import Finding, State
from deploy.terminal.settings import TerminalSettings
from shared.contracts.topics import TOPICS
from shared.errors import Away
from shared.messaging.topics import Admin, Topics, configurations

MAKES_TOPICS = "auto.create.topics.enable"


async def look_at_kafka(settings: TerminalSettings) -> list[Finding]:
    """Reachability, topics against the catalogue, copies that are not in step, brokers that make topics."""
    try:
        async with Admin(list(settings.kafka)) as admin:
            brokers = (await admin.describe_cluster())["brokers"]
            described = [topic for topic in await admin.describe_topics() if topic["topic"] in TOPICS]
            told = await configurations(admin, ConfigResourceType.BROKER, [str(b["node_id"]) for b in brokers])
        differences = await Topics(settings.kafka, partitions=settings.kafka_partitions).plan()
    except (Away, KafkaError, OSError, TimeoutError) as error:
        return [away(error)]
    found = [Finding("kafka", State.OK, f"answers with {len(brokers)} broker{'s' if len(brokers) != 1 else ''}")]
    found += [Finding("topics", State.WRONG, f"{d.topic} {d.what}", d.mend) for d in differences]
    found += copies(described, len(brokers))
    found += makes_topics(told)
    if not any(finding.area == "topics" and finding.state is State.WRONG for finding in found):
        found.insert(1, Finding("topics", State.OK, f"{len(TOPICS)} as the catalogue wants them"))
    return found


def away(error: Exception) -> Finding:
    """No broker answers."""
    told = getattr(error, "detail", "") or str(error)
    return Finding(
        "kafka",
        State.AWAY,
        f"does not answer: {' '.join(told.split())[:120]}",
        "start its brokers, or correct ENTENTE_KAFKA (host:port as its brokers advertise them)",
    )


def copies(described: list[dict[str, Any]], brokers: int) -> list[Finding]:
    """Partitions without a leader or with a copy out of step; a single copy where there could be more. Pure."""
    to = "--bootstrap-server $ENTENTE_KAFKA"
    found = []
    for topic in described:
        partitions = topic["partitions"]
        leaderless = sorted(p["partition"] for p in partitions if p["leader"] < 0)
        short = sorted(p["partition"] for p in partitions if len(p["isr"]) < len(p["replicas"]) and p["leader"] >= 0)
        if leaderless:
            what = f"{topic['topic']} has no leader for partitions {', '.join(map(str, leaderless))}: they stand still"
            found.append(Finding("topics", State.WRONG, what, "bring the brokers that hold them back up"))
        if short:
            what = f"{topic['topic']} lacks copies of partitions {', '.join(map(str, short))}"
            mend = (
                f"bring the missing broker back; kafka-topics.sh {to} --describe --under-replicated-partitions names it"
            )
            found.append(Finding("topics", State.WRONG, what, mend))
    single = [t["topic"] for t in described if any(len(p["replicas"]) == 1 for p in t["partitions"])]
    if single and brokers > 1:
        what = f"{len(single)} topics have one copy on {brokers} brokers: with its disk their records are lost"
        mend = (
            f"kafka-reassign-partitions.sh {to} --reassignment-json-file F --execute, where F gives each partition "
            f"{min(brokers, 3)} brokers as its replicas"
        )
        found.append(Finding("topics", State.WRONG, what, mend))
    return found


def makes_topics(brokers: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """The brokers that make any topic somebody names, by their settings. Pure."""
    making = sorted(name for name, settings in brokers.items() if settings.get(MAKES_TOPICS) == "true")
    if not making:
        return []
    what = (
        f"{MAKES_TOPICS} is true on broker {', '.join(making)}: a topic that is missing is made by whoever names it, "
        "with neither the catalogue's partitions nor its retention"
    )
    mend = f"set {MAKES_TOPICS}=false in the settings of each broker, and restart one after another"
    return [Finding("kafka", State.WRONG, what, mend)]
