"""The runbook and the alert rules speak of the same things, and the runbook names only what exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from deploy.compose.page import COMPOSE, section
from deploy.terminal.app import app
from tests.support.promql import known
from tests.support.runbook import RUNBOOK, Section, sections

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "deploy" / "observability" / "prometheus" / "alerts.yml"
PAGE = sections()
ALERTS = {it.title: it for it in PAGE if it.under == "Alerts" != it.title}
COMMANDS = [(it.title, block) for it in PAGE for block in it.commands]


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    rules = [rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert list(ALERTS) == rules


@pytest.mark.parametrize("section", ALERTS.values(), ids=ALERTS)
def test_a_section_says_what_it_means_how_to_look_and_how_to_mend(section: Section) -> None:
    parts = re.split(r"^\*\*(\w+)\.\*\*", section.text, flags=re.MULTILINE)
    assert parts[1::2] == ["Means", "Look", "Mend"]
    assert "```sh" in parts[4], "it gives no command to look with"
    assert "```sh" in parts[6] or "](#" in parts[6] or re.search(r"`[\w-]+[ .]", parts[6]), "it gives none to mend with"


@pytest.mark.parametrize(("title", "block"), COMMANDS, ids=[title for title, _ in COMMANDS])
def test_a_command_asks_for_metrics_and_words_of_the_terminal_that_exist(title: str, block: str) -> None:
    for picked in re.findall(r"^show \S+ '([^']+)'", block, flags=re.MULTILINE):
        for name in (re.match(r"\w+", part) for part in picked.split("|")):
            assert name is not None
            assert f"entente_{name[0]}" in known(), f"{title}: there is no metric entente_{name[0]}"
    for line in re.findall(r"^entente ([^#\n$]+)", block, flags=re.MULTILINE):
        assert _is_a_command(line.split()), f"{title}: the terminal has no 'entente {line.strip()}'"


SHOWING = [it for it in ALERTS.values() if re.search(r"^show ", it.commands[0], flags=re.MULTILINE)]


@pytest.mark.parametrize("section", SHOWING, ids=[it.title for it in SHOWING])
def test_what_to_look_at_shows_the_very_series_that_the_alert_fires_on(section: Section) -> None:
    """With its labels: a system in order has none above 0, and a pattern that shows nothing would pass there."""
    rules = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
    name, labels = re.findall(r"(entente_\w+)(?:\{(.*?)\})?", rules[section.title]["expr"])[0]
    fires = re.sub(r'\w+!~"[^"]*",? ?', "", labels).replace('=~"5.."', '="500"')
    line = f"{name}{{{fires}}} 1"
    picked = re.findall(r"^show \S+ '([^']+)'", section.commands[0], flags=re.MULTILINE)
    assert any(re.search(f"^entente_({pattern})", line) for pattern in picked), (line, picked)


def test_a_block_that_no_test_runs_says_before_it_who_has_run_it_or_that_nobody_has() -> None:
    """`tests/integration/terminal/test_runbook.py` runs what a section has in `rehearsed`, `tests/real/procedures` some
    of the rest."""
    unrun = []
    for part in PAGE:
        before, *rest = re.split(r"^```(?:sh)?\n(.*?)^```$", part.text, flags=re.MULTILINE | re.DOTALL)
        for block, after in zip(rest[::2], rest[1::2], strict=True):
            if block not in part.rehearsed:
                unrun.append((part.title, re.search(r"\((not rehearsed here|[Rr]un by )", before) is not None))
            before = after
    assert [title for title, _ in unrun] == ["OutboxRefused", "NotReady", "Scaling", "Upgrade without downtime"]
    assert [title for title, told in unrun if not told] == []


def test_kafka_s_own_tools_run_where_the_page_on_compose_says() -> None:
    told = [it.title for it in PAGE if re.search(r"kafka-[\w-]+\.sh", it.text)]
    assert told == ["OutboxRefused", "NotReady", "Scaling"]
    assert [it.title for it in PAGE if it.title in told and "](compose.md#kafkas-own-tools)" not in it.text] == []
    tools = section(COMPOSE, "Kafka's own tools")
    broker = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]["environment"]
    (listener,) = re.findall(r"PLAINTEXT://(kafka:\d+)", broker["KAFKA_ADVERTISED_LISTENERS"])
    assert tools.count(f"-e ENTENTE_KAFKA={listener} ") == tools.count("docker compose exec ") == 2


def test_every_word_of_the_terminal_in_its_sentences_exists() -> None:
    said = re.findall(r"`entente ([^`$]+)`", RUNBOOK.read_text())
    assert said
    assert [line for line in said if not _is_a_command(line.split())] == []


def test_every_link_and_every_file_it_names_is_there() -> None:
    text = RUNBOOK.read_text()
    anchors = {re.sub(r"[^\w\- ]", "", it.title.lower()).replace(" ", "-") for it in PAGE}
    assert [to for to in re.findall(r"\]\(#([^)]+)\)", text) if to not in anchors] == []
    others = re.findall(r"\]\(([^#)]+)(?:#[^)]*)?\)", text)
    assert [to for to in others if not (RUNBOOK.parent / to).exists()] == []
    named = re.findall(r"`((?:deploy|tests|docs|benchmarks)/[\w./-]+)`", text)
    assert [to for to in named if not (ROOT / to).exists()] == []


def _is_a_command(words: list[str]) -> bool:
    found: Any = typer.main.get_command(app)
    for word in words:
        inner = getattr(found, "commands", None)  # typer's own click has groups and commands; the latter have none
        if inner is None:
            return True
        if word not in inner:
            return False
        found = inner[word]
    return not hasattr(found, "commands")
