"""Alert rules: they name what exists, each has its page in the runbook's manner, and promtool runs them where it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import promql
from tests.support.promtool import run_promtool

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "observability" / "prometheus"


def loaded(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in loaded("alerts.yml")["groups"] for rule in group["rules"]
}
UNIT_TESTS = sorted(path.name for path in FOLDER.glob("*.test.yml"))
WANTED = {
    "lag": "entente_consumer_lag",
    "age of the outbox": "entente_outbox_oldest_seconds",
    "refused announcements": "entente_outbox_refused",
    "parked events": "entente_parked_keys",
    "missing events": "entente_event_gaps_total",
    "deadlines late": "entente_deadlines_late",
    "consumer stopped": "entente_consumer_stopped",
    "consumer paused": "entente_consumer_paused",
    "store away": "entente_store_away_total",
    "5xx": "entente_http_requests_total",
    "commit failures": "entente_commit_failures_total",
    "service down": "up",
    "notices failing": 'state="failed"',
    "mail server away": 'state="mail_server"',
    "mails put off": 'state="put_off"',
    "notices waiting": 'state="waiting"',
    "a replica gone": r"count by \(job\) \(up\{",
    "unfilled functions": "entente_unfilled_functions_total",
}


@pytest.mark.parametrize("name", RULES)
def test_an_alert_asks_only_for_what_the_services_expose(name: str) -> None:
    assert list(promql.faults(RULES[name]["expr"])) == []


def test_the_check_sees_a_metric_and_a_label_that_do_not_exist() -> None:
    assert list(promql.faults("max by (job, grup) (entente_consumer_pawsed) > 0")) == [
        "there is no metric entente_consumer_pawsed",
        "its metrics have no label grup",
        "its metrics have no label job",
    ]
    assert list(promql.faults('up{state="x"} == 0')) == ["its metrics have no label state"]


@pytest.mark.parametrize(
    ("picked", "said"),
    [
        (
            'entente_open_work{collection="deliveries", state="waitng"} > 0',
            'no service shows entente_open_work{collection="deliveries", state="waitng"}',
        ),
        (
            'entente_open_work{collection="requests", state="shortlisted"}',
            'no service shows entente_open_work{collection="requests", state="shortlisted"}',
        ),
        (
            'entente_open_work{collection="positions", state=~"open|serching"}',
            'no service shows entente_open_work{collection="positions", state="serching"}',
        ),
        ('entente_open_work{state!="ofered"}', 'no service shows entente_open_work{state="ofered"}'),
        (
            'increase(entente_deliveries_ended_total{state="fialed"}[1h])',
            'no service shows entente_deliveries_ended_total{state="fialed"}',
        ),
        (
            'entente_parked_keys{job="matching", group="matching.request"}',
            'no service shows entente_parked_keys{group="matching.request"}',
        ),
        ('up{job=~"registration|matchin"} == 0', "no service is called matchin"),
    ],
)
def test_the_check_sees_a_value_that_no_service_shows(picked: str, said: str) -> None:
    assert list(promql.faults(picked)) == [said]


@pytest.mark.parametrize("what", WANTED)
def test_everything_that_must_be_told_has_its_alert(what: str) -> None:
    assert [name for name, rule in RULES.items() if re.search(WANTED[what], rule["expr"])]


@pytest.mark.parametrize("name", RULES)
def test_an_alert_says_how_bad_it_is_what_it_is_and_where_to_read_on(name: str) -> None:
    rule = RULES[name]
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_each_alert_is_seen_quiet_and_firing_in_the_unit_tests() -> None:
    asked = [case for file in UNIT_TESTS for test in loaded(file)["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in asked if case.get("exp_alerts")} == set(RULES)
    assert {case["alertname"] for case in asked if not case.get("exp_alerts")} == set(RULES)


def test_prometheus_scrapes_every_replica_of_every_service_and_loads_the_rules() -> None:
    config = loaded("prometheus.yml")
    assert config["rule_files"] == ["alerts.yml"]
    names = {job["job_name"]: job["dns_sd_configs"][0]["names"] for job in config["scrape_configs"]}
    assert names == {service: [service] for service in ("registration", "matching", "notifications")}


def test_the_workflow_brings_a_pinned_promtool_and_fails_without_it() -> None:
    """A promtool that is named and not there fails the tests; one that is not named lets them be skipped."""
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["check-and-test"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    brings = [place for place, run in enumerate(runs) if re.search(r"/cmd/promtool@v\d+\.\d+\.\d+$", run)]
    tests = [place for place, run in enumerate(runs) if run.endswith(".ci/run")]
    assert len(brings) == len(tests) == 1
    assert brings < tests
    assert runs[tests[0]].startswith("PROMTOOL=")


def test_a_promtool_that_is_named_and_not_there_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMTOOL", "/nowhere/promtool")
    with pytest.raises(FileNotFoundError):
        run_promtool("--version", cwd=FOLDER)


@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml"),
        ("test", "rules", *UNIT_TESTS),
        ("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml"),
    ],
    ids=["check", "unit tests", "configuration"],
)
def test_promtool_finds_the_rules_right(command: tuple[str, ...]) -> None:
    run_promtool(*command, cwd=FOLDER)
