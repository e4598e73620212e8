"""The smoke finds in the docs what it runs, and what it finds is what a reader sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.compose.page import COMPOSE, RUNBOOK, block, blocks, line, section

SAMPLE = """# Sample

## First

Say `docker compose up
--detach`, then

```sh
# a comment
one
```

```
no shell
```

### Second

```sh
two
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "sample.md"
    file.write_text(SAMPLE)
    return file


def test_a_section_ends_where_the_next_begins_and_a_call_of_a_sentence_is_one_line(page: Path) -> None:
    assert blocks(section(page, "First")) == ("# a comment\none\n",)
    assert block(page, "Second") == "two\n"
    assert line(page, "First", "docker compose up") == "docker compose up --detach"


def test_what_a_page_does_not_say_is_not_run(page: Path) -> None:
    with pytest.raises(ValueError, match=r"sample\.md has no heading Third"):
        block(page, "Third")
    with pytest.raises(ValueError, match="no `docker compose down"):
        line(page, "First", "docker compose down")


def test_what_the_smoke_runs_is_there() -> None:
    assert line(RUNBOOK, "ServiceDown", "docker compose up") == "docker compose up --detach --no-recreate"
    assert "roll.sh" in block(RUNBOOK, "Upgrade without downtime")
    assert "kafka-topics.sh" in block(COMPOSE, "Kafka's own tools")
    assert "entente backup" in block(COMPOSE, "Backups")
    assert "/backups/FILE --verify" in block(COMPOSE, "Bringing a database back")
