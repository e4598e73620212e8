"""The two dashboards: as Grafana reads them, of metrics that exist, provisioned where Grafana looks."""

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.embedded.process import ROOT
from tests.support import promql
from tests.support.promtool import run_promtool

FOLDER = ROOT / "deploy" / "observability" / "grafana"
SCHEMA = Draft202012Validator(json.loads(Path(__file__).with_name("dashboard.schema.json").read_text()))
BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "dashboards").glob("*.json"))
}
TECHNICAL = ("lag", "topic", "partition", "outbox", "commit", "Kafka", "MongoDB", "consumer")


def panels(board: str) -> list[dict[str, Any]]:
    """The panels that show something."""
    return [panel for panel in BOARDS[board]["panels"] if panel["type"] != "row"]


def expressions(board: str) -> list[str]:
    return [target["expr"] for panel in panels(board) for target in panel["targets"]]


def test_there_is_one_for_operators_and_one_for_officers_and_each_leads_to_the_other() -> None:
    assert {name: board["uid"] for name, board in BOARDS.items()} == {
        "operators": "entente-operators",
        "officers": "entente-officers",
    }
    assert BOARDS["operators"]["links"][0]["url"] == "/d/entente-officers"
    assert BOARDS["officers"]["links"][0]["url"] == "/d/entente-operators"


@pytest.mark.parametrize("board", BOARDS)
def test_a_dashboard_is_as_grafana_reads_it(board: str) -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)
    assert [f"{list(e.absolute_path)}: {e.message}" for e in SCHEMA.iter_errors(BOARDS[board])] == []


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (("gridPos",), {"x": 0, "y": 0, "w": 25, "h": 4}),
        (("typo",), True),
        (("type",), "graph"),
        (("datasource",), {"type": "prometheus", "uid": "other"}),
        (("targets", 0, "expression"), "up"),
        (("fieldConfig", "defaults", "unit"), "apples"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_the_schema_sees_a_panel_grafana_would_not_show(where: tuple[Any, ...], what: Any) -> None:
    board = copy.deepcopy(BOARDS["operators"])
    place = board["panels"][1]
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = what
    assert list(SCHEMA.iter_errors(board))


@pytest.mark.parametrize("board", BOARDS)
def test_no_two_panels_share_an_id_or_a_place(board: str) -> None:
    ids = [panel["id"] for panel in BOARDS[board]["panels"]]
    assert len(ids) == len(set(ids))
    places = [panel["gridPos"] for panel in BOARDS[board]["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or apart, (one, other)


@pytest.mark.parametrize("board", BOARDS)
def test_a_panel_asks_only_for_what_the_services_expose(board: str) -> None:
    for expression in expressions(board):
        assert list(promql.faults(expression)) == [], expression


@pytest.mark.parametrize("board", BOARDS)
def test_promtool_can_read_every_expression(board: str, tmp_path: Path) -> None:
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(expressions(board))]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": board, "rules": rules}]}))
    run_promtool("check", "rules", "panels.yml", cwd=tmp_path)


def test_every_metric_is_on_a_dashboard() -> None:
    shown = " ".join(expressions("operators") + expressions("officers"))
    counted_elsewhere = {"entente_events_passed_over_total", "entente_events_parked_total"}
    missing = {m for m in promql.known() if m not in shown and not m.endswith(("_sum", "_count"))}
    assert missing == counted_elsewhere


def test_officers_read_no_word_of_the_machinery() -> None:
    said = [text for panel in BOARDS["officers"]["panels"] for text in (panel["title"], panel.get("description", ""))]
    assert [text for text in said if any(word.lower() in text.lower() for word in TECHNICAL)] == []


def test_grafana_finds_both_and_their_source() -> None:
    (provider,) = yaml.safe_load((FOLDER / "provisioning/dashboards/entente.yml").read_text())["providers"]
    (source,) = yaml.safe_load((FOLDER / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    overlay = yaml.safe_load((ROOT / "compose.observability.yml").read_text())["services"]
    mounted = dict(volume.split(":")[:2] for volume in overlay["grafana"]["volumes"])
    assert mounted["./deploy/observability/grafana/dashboards"] == provider["options"]["path"]
    assert mounted["./deploy/observability/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert (source["uid"], source["url"]) == ("prometheus", "http://prometheus:9090")
    home = overlay["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{provider['options']['path']}/operators.json"


def test_prometheus_is_given_its_configuration_and_rules() -> None:
    prometheus = yaml.safe_load((ROOT / "compose.observability.yml").read_text())["services"]["prometheus"]
    assert "./deploy/observability/prometheus:/etc/prometheus:ro" in prometheus["volumes"]
    assert "--config.file=/etc/prometheus/prometheus.yml" in prometheus["command"]
