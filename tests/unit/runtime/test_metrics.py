"""Metrics: one catalogue, one registry per service."""

from __future__ import annotations

from shared.runtime.metrics import Metrics, table


def test_two_services_in_one_process_do_not_share_metrics() -> None:
    one, other = Metrics(), Metrics()
    one.events_handled.labels("matching.requests", "registration.requests").inc(3)
    line = 'entente_events_handled_total{group="matching.requests",topic="registration.requests"} 3.0'
    assert line in one.render().decode()
    assert line not in other.render().decode()


def test_every_metric_is_in_the_table_with_its_meaning() -> None:
    metrics = Metrics()
    text = table(metrics)
    exposed = {family.name for family in metrics.registry.collect() if family.name.startswith("entente_")}
    listed = {measure.name.removesuffix("_total") for measure in metrics.catalogue}
    assert exposed == listed
    for measure in metrics.catalogue:
        assert f"`{measure.name}`" in text
        assert measure.meaning
    for needed in ("consumer_lag", "outbox_oldest_seconds", "outbox_depth", "deadlines_late", "commit_failures_total"):
        assert f"`entente_{needed}`" in text
