"""Every command where nothing answers at all: what does not, in clear lines, exit code 3, never a traceback."""

from __future__ import annotations

import pytest

from deploy.embedded.process import free_port
from tests.support.terminal import Terminal

pytestmark = pytest.mark.stand_ins  # no server of any kind answers here
WHY = ("--reason", "a sample reason")
PARKED = "parked_" + "0" * 32


@pytest.fixture(scope="module")
def nowhere() -> Terminal:
    place = f"127.0.0.1:{free_port()}"
    services = ",".join(f"{name}=http://{place}" for name in ("registration", "matching", "notifications"))
    return Terminal(
        {
            "ENTENTE_KAFKA": place,
            "ENTENTE_MONGODB": f"mongodb://{place}/?directConnection=true&serverSelectionTimeoutMS=500",
            "ENTENTE_SERVICES": services,
            "ENTENTE_ISSUER": f"http://{place}",
        }
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("topics", "plan"),
        ("topics", "apply"),
        ("trace", "req_1"),
        ("audit",),
        ("republish", "expert/exp_1"),
        ("parked", "show", PARKED),
        ("parked", "redrive", PARKED, *WHY),
        ("parked", "discard", PARKED, *WHY),
        ("parked", "mend", PARKED, *WHY, "--file", __file__),
    ],
)
async def test_a_command_ends_with_one_line(nowhere: Terminal, arguments: tuple[str, ...]) -> None:
    code, line = await nowhere.refused(*arguments)
    assert code == 3, line
    assert any(word in line for word in ("not answer", "not reachable", "no operator's token", "not available")), line


@pytest.mark.parametrize("arguments", [("doctor",), ("status",), ("parked", "list")])
async def test_what_looks_at_everything_names_all_that_is_away(nowhere: Terminal, arguments: tuple[str, ...]) -> None:
    done = await nowhere(*arguments)
    assert done.exit_code == 3, done.output
    wanted = {"doctor": 5, "status": 5, "parked": 1}[arguments[0]]
    lines = [line for line in done.stdout.splitlines() if "does not answer" in line or "no operator's token" in line]
    if arguments[0] == "status":
        lines = [line for line in lines if line.startswith("! ")]
    assert len(lines) == wanted, done.stdout
