"""What differs between the catalogue and a cluster is named with the command that mends it."""

from __future__ import annotations

import pytest

from shared.contracts import topics
from shared.contracts.topics import Retention, Topic
from shared.messaging.topics import Found, compare, configuration, refused

GOOD = {topic.name: Found(6, configuration(topic)) for topic in topics.TOPICS.values()}


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
    (few,) = differences(**{topics.REQUESTS.name: Found(4, configuration(topics.REQUESTS))})
    assert "has 4 partitions instead of 6" in few
    assert "--alter --partitions 6" in few
    (many,) = differences(**{topics.REQUESTS.name: Found(9, configuration(topics.REQUESTS))})
    assert "ENTENTE_KAFKA_PARTITIONS=9" in many


def test_records_that_would_not_be_kept() -> None:
    expiring = {"cleanup.policy": "delete", "retention.ms": "604800000", "retention.bytes": "-1"}
    (told,) = differences(**{topics.REQUESTS.name: Found(6, expiring)})
    assert "retention.ms=604800000 instead of -1" in told
    assert "--alter --add-config retention.ms=-1" in told


def test_a_compacted_topic_that_is_not() -> None:
    (told,) = differences(**{topics.CONTACTS.name: Found(6, {"cleanup.policy": "delete"})})
    assert "cleanup.policy=delete instead of compact" in told


def test_a_cluster_that_does_not_tell_its_configuration_is_compared_by_the_rest() -> None:
    assert differences(**{topics.CONTACTS.name: Found(6, None)}) == []


def test_a_topic_kept_by_time_says_for_how_long() -> None:
    news = Topic("sample.news", "news", "sample", Retention.BY_TIME, kept_days=7)
    assert configuration(news)["retention.ms"] == str(7 * 86_400_000)
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
