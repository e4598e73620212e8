"""What a call of `entente` loads before it works: no more than it needs. Held by modules, not by time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.embedded.process import ROOT
from deploy.services import SERVICES

CLIENTS = {"aiokafka", "pymongo", "bson"}
SERVERS = {"fastapi", "faststream", "starlette", "uvicorn"}
CATALOGUE = "shared.contracts.catalogue"
"""The models of all events, which take longer to build than all of Typer takes to load."""

NOWHERE = "127.0.0.1:1"
SET = {
    "ENTENTE_KAFKA": NOWHERE,
    "ENTENTE_MONGODB": f"mongodb://{NOWHERE}",
    "ENTENTE_SERVICES": ",".join(f"{name}=http://{NOWHERE}" for name in SERVICES),
    "ENTENTE_TOKEN": "sample",
}
TYPED = {"_ENTENTE_COMPLETE": "complete_bash", "COMP_WORDS": "entente pa", "COMP_CWORD": "1"}
CALL = """
import sys
try:
    from deploy.terminal.app import main
    main()
finally:
    sys.stderr.write("\\n" + " ".join(sys.modules))
"""


def loaded(*arguments: str, **variables: str) -> tuple[str, set[str]]:
    """What a call says, and the modules it has loaded by its end."""
    known = {
        name: value for name, value in os.environ.items() if not name.startswith(("ENTENTE_", "_ENTENTE", "COMP_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", CALL.replace("main()", f"sys.argv = ['entente', *{list(arguments)}]\n    main()")],
        env={**known, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.stdout, set(done.stderr.rpartition("\n")[2].split())


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (("--help",), {}, "parked"),
        (("parked", "--help"), {}, "redrive"),
        (("audit", "--help"), {}, "decision"),
        (("--version",), {}, "entente"),
        ((), TYPED, "parked"),
    ],
    ids=["help", "help of a group", "help of a command", "version", "completion"],
)
def test_help_and_completion_load_no_client_and_no_model(
    arguments: tuple[str, ...], variables: dict[str, str], said: str
) -> None:
    told, modules = loaded(*arguments, **variables)
    assert said in told
    assert modules & {*CLIENTS, *SERVERS, "httpx", "pydantic_settings", CATALOGUE} == set()


@pytest.mark.parametrize("arguments", [("parked", "list"), ("--json", "parked", "list")], ids=" ".join)
def test_a_command_that_asks_over_http_loads_nothing_else_that_asks(arguments: tuple[str, ...]) -> None:
    told, modules = loaded(*arguments, **SET)
    assert "does not answer" in told
    assert "httpx" in modules
    assert modules & {*CLIENTS, *SERVERS, CATALOGUE} == set()
