"""The page on compose tells how to back up, and the call fits the terminal's container."""

from __future__ import annotations

import re
import shlex

from deploy.compose.page import COMPOSE, block
from deploy.embedded.process import ROOT
from tests.support.terminal import entente
from tests.unit.compose.test_compose_file import SERVICES

USER = re.search(r"^USER (\d+):(\d+)$", (ROOT / "deploy" / "Dockerfile").read_text(), flags=re.MULTILINE)


def lines(section: str = "Backups") -> list[list[str]]:
    return [shlex.split(line) for line in block(COMPOSE, section).splitlines()]


def test_the_folder_belongs_to_the_user_of_the_image_and_to_nobody_else() -> None:
    assert USER
    made, _ = lines()
    assert made == ["sudo", "install", "-d", "-o", USER[1], "-g", USER[2], "-m", "700", "backups"]


def test_the_backup_goes_where_the_folder_is_mounted() -> None:
    _, call = lines()
    assert call[:4] == ["docker", "compose", "run", "--rm"]
    mount = call[call.index("--volume") + 1]
    place, inside = mount.split(":")
    assert place == "$PWD/backups", "a bare name would be a named volume, and root's"
    service, *words = call[call.index("--volume") + 2 :]
    assert SERVICES[service]["profiles"] == ["operator"]
    assert SERVICES[service]["read_only"] is True
    assert inside not in SERVICES[service]["tmpfs"]
    assert words == ["backup", "--to", inside]
    assert entente("backup", "--help").exit_code == 0


def test_the_terminal_knows_every_service_and_its_database_by_its_name_in_compose() -> None:
    given = SERVICES["entente"]["environment"]
    services = dict(pair.split("=") for pair in given["ENTENTE_SERVICES"].split(","))
    databases = dict(pair.split("=") for pair in given["ENTENTE_DATABASES"].split(","))
    for name in ("registration", "matching", "notifications"):
        assert services[name] == f"http://{name}:8000"
        assert databases[name] == SERVICES[name]["environment"]["ENTENTE_DATABASE"]


def test_a_database_is_emptied_before_it_is_restored_and_its_service_is_stopped_meanwhile() -> None:
    look, stop, drop, restore, start, last = lines("Bringing a database back")
    service = stop[-1]
    assert stop == ["docker", "compose", "stop", service]
    assert start == ["docker", "compose", "up", "--detach", "--wait", "--no-recreate"], "doctor comes next"
    database = SERVICES[service]["environment"]["ENTENTE_DATABASE"]
    assert drop[:5] == ["docker", "compose", "exec", "mongodb", "mongosh"]
    assert drop[-1] == f'db.getSiblingDB("{database}").dropDatabase()'
    assert drop[3] in SERVICES
    _, backup = lines()
    inside = backup[-1]
    for call, option in ((look, "--look"), (restore, "--verify")):
        assert call[: call.index("restore")] == [*backup[:4], "--volume", f"$PWD/backups:{inside}:ro", "entente"]
        assert call[call.index("restore") :] == ["restore", f"{inside}/FILE", option]
        assert option in entente("restore", "--help").stdout
    assert last[-2:] == ["entente", "doctor"]
