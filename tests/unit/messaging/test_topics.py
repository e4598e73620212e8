"""What differs between the catalogue and a cluster is named with the command that mends it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Self

import pytest
from aiokafka.admin import NewTopic

from shared.contracts import topics
from shared.contracts.topics import Retention, Topic
from shared.messaging import topics as cluster
from shared.messaging.topics import INSYNC, Found, Topics, compare, refused

GOOD = {topic.name: Found(6, topic.configuration()) for topic in topics.TOPICS.values()}


def differences(**changed: Found | None) -> list[str]:
    found = {**GOOD, **{name: there for name, there in changed.items() if there is not None}}
    for name, there in changed.items():
        if there is None:
            del found[name]
    return [f"{d.topic} {d.what} | {d.mend}" for d in compare(topics.TOPICS.values(), found, 6)]


def test_a_cluster_as_the_catalogue_wants_it_has_no_differences() -> None:
    assert differences() == []


def test_a_missing_topic() -> None:
    (told,) = differences(**{topics.REQUESTS.name: None})
    assert "registration.requests is missing" in told
    assert told.endswith("| entente topics apply")


def test_another_number_of_partitions() -> None:
    (few,) = differences(**{topics.REQUESTS.name: Found(4, topics.REQUESTS.configuration())})
    assert "has 4 partitions instead of 6" in few
    assert "| stop its producer" in few, "the others have six"
    assert "--alter --partitions 6" in few
    (many,) = differences(**{topics.REQUESTS.name: Found(9, topics.REQUESTS.configuration())})
    assert "ENTENTE_KAFKA_PARTITIONS=9" in many


def test_where_all_have_one_other_number_the_setting_is_named_first() -> None:
    told = differences(**{name: Found(4, topic.configuration()) for name, topic in topics.TOPICS.items()})
    assert len(told) == len(topics.TOPICS)
    first = "set ENTENTE_KAFKA_PARTITIONS=4, where the services work with that; to raise it: stop its producer"
    assert [line for line in told if f"| {first}" not in line] == []


def test_records_that_would_not_be_kept() -> None:
    expiring = {**topics.REQUESTS.configuration(), "retention.ms": "604800000"}
    (told,) = differences(**{topics.REQUESTS.name: Found(6, expiring)})
    assert "retention.ms=604800000 instead of -1" in told
    assert "--alter --add-config retention.ms=-1" in told


@pytest.mark.parametrize(("copies", "confirmed_by", "told"), [(3, "1", 1), (3, "2", 0), (2, "1", 0), (1, "1", 0)])
def test_three_copies_of_which_one_may_confirm_alone(copies: int, confirmed_by: str, told: int) -> None:
    settings = {**topics.REQUESTS.configuration(), "min.insync.replicas": confirmed_by}
    found = differences(**{topics.REQUESTS.name: Found(6, settings, copies)})
    assert len(found) == told
    assert all("--entity-name registration.requests --alter --add-config min.insync.replicas=2" in it for it in found)


class StockCluster:
    """Three brokers as Kafka comes: one confirmation is enough for a topic that does not ask for more."""

    def __init__(self, *_: Any) -> None:
        self.made: dict[str, NewTopic] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def create_topics(self, new: list[NewTopic]) -> Any:
        self.made |= {topic.name: topic for topic in new}
        return SimpleNamespace(to_object=lambda: {"topic_errors": []})

    async def describe_topics(self) -> list[dict[str, Any]]:
        return [
            {"topic": name, "partitions": [{"replicas": [1, 2, 3][: it.replication_factor]}] * it.num_partitions}
            for name, it in self.made.items()
        ]

    async def describe_configs(self, _: Any) -> list[Any]:
        rows = [
            {
                "resource_name": name,
                "error_code": 0,
                "config_entries": [
                    {"config_names": key, "config_value": value}
                    for key, value in ({INSYNC: "1"} | made.topic_configs).items()
                ],
            }
            for name, made in self.made.items()
        ]
        return [SimpleNamespace(to_object=lambda: {"resources": rows})]


@pytest.mark.parametrize(("copies", "confirmed_by"), [(3, "2"), (2, None), (1, None)])
async def test_of_three_copies_two_must_confirm_from_the_beginning(
    copies: int, confirmed_by: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = StockCluster()
    monkeypatch.setattr(cluster, "Admin", lambda _: stock)
    assert await Topics(["kafka:9092"], partitions=6, replication=copies).apply() == []
    assert {made.topic_configs.get(INSYNC) for made in stock.made.values()} == {confirmed_by}


def test_a_compacted_topic_that_is_not() -> None:
    (told,) = differences(
        **{topics.CONTACTS.name: Found(6, {**topics.CONTACTS.configuration(), "cleanup.policy": "delete"})}
    )
    assert "cleanup.policy=delete instead of compact" in told


def test_a_compacted_topic_that_would_lose_what_a_consumer_has_not_met_yet() -> None:
    """A service goes on with it; an operator is told the command, as for every setting of a topic that exists."""
    soon = Found(6, {**topics.INSTITUTIONS.configuration(), "min.compaction.lag.ms": "0"})
    (told,) = differences(**{topics.INSTITUTIONS.name: soon})
    assert "min.compaction.lag.ms=0 instead of 1209600000" in told
    assert told.endswith(
        "--entity-name registration.institutions --alter --add-config min.compaction.lag.ms=1209600000"
    )
    assert refused([topics.INSTITUTIONS], {topics.INSTITUTIONS.name: soon}, 6) == []


def test_every_compacted_topic_keeps_each_record_longer_than_kafka_knows_an_idle_consumers_place() -> None:
    compacted = [topic for topic in topics.TOPICS.values() if topic.retention is Retention.COMPACTED]
    assert compacted
    for topic in compacted:
        days = int(topic.configuration()["min.compaction.lag.ms"]) / 86_400_000
        assert 7 < days <= 30 - 7, f"{topic.name}: what was erased must be gone within a month, segments closing weekly"


def test_a_cluster_that_does_not_tell_its_configuration_is_compared_by_the_rest() -> None:
    assert differences(**{topics.CONTACTS.name: Found(6, None)}) == []


def test_a_topic_kept_by_time_says_for_how_long() -> None:
    news = Topic("sample.news", "news", "sample", Retention.BY_TIME, kept_days=7)
    assert news.configuration()["retention.ms"] == str(7 * 86_400_000)
    assert news.kept == "kept for 7 days; gaps at the beginning are normal"
    assert not news.contiguous
    with pytest.raises(ValueError, match="days are stated"):
        Topic("sample.news", "news", "sample", Retention.BY_TIME)


def test_a_service_refuses_missing_topics_and_other_partitions_and_leaves_retention_to_operators() -> None:
    wanted = (topics.REQUESTS, topics.CONTACTS, topics.EVALUATIONS)
    found = {topics.CONTACTS.name: Found(3, {"cleanup.policy": "delete"}), topics.EVALUATIONS.name: Found(6, {})}
    told = {d.topic: (d.what, d.mend.split(" ")[0]) for d in refused(wanted, found, 6)}
    assert told == {
        topics.REQUESTS.name: ("is missing", "entente"),
        topics.CONTACTS.name: ("has 3 partitions instead of 6", "stop"),
    }


def test_a_topic_whose_batches_are_packed_anew_is_told() -> None:
    packed = Found(6, {**topics.REQUESTS.configuration(), "compression.type": "zstd"})
    (told,) = differences(**{topics.REQUESTS.name: packed})
    assert "has compression.type=zstd instead of producer" in told
    assert told.endswith("--alter --add-config compression.type=producer")
