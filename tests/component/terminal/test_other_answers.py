"""Whatever answers in the place of a service is held against what its call is made for, before anything is read."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.services import SERVICES
from deploy.terminal.answers import fits
from shared.runtime import parked, rebuilds, republishing, setup
from tests.support.stranger import stranger
from tests.support.terminal import entente, pairs

PARKED = "parked_" + "0" * 32
WHY = ("--reason", "a sample reason")
ASKS = [
    ("parked", "show", PARKED),
    ("parked", "redrive", PARKED, *WHY),
    ("parked", "discard", PARKED, *WHY),
    ("parked", "discard", PARKED, *WHY, "--at", "0/1"),
    ("parked", "mend", PARKED, *WHY, "--file", __file__),
    ("republish", "expert/exp_1"),
    ("rebuild", "roster"),
    ("rebuild", "roster", "--status"),
    ("backup",),
]
PROBLEM = b'{"type": "about:blank", "title": "Not Found", "status": 404}'


@pytest.mark.parametrize("arguments", ASKS, ids=" ".join)
@pytest.mark.parametrize("body", [b"{}", b"[]", b'"x"', b'{"said": 1, "event": {}, "state": "done"}'])
def test_json_that_is_no_answer_of_a_service_is_one_line(arguments: tuple[str, ...], body: bytes) -> None:
    with stranger(200, body) as url:
        refused(url, arguments)


@pytest.mark.parametrize("arguments", [*ASKS, ("republish", "exp_1"), ("republish", "--all", "expert")], ids=" ".join)
def test_a_gateway_that_knows_no_such_path_is_not_taken_for_the_service(arguments: tuple[str, ...]) -> None:
    """Its problem is worded as that of a service that has no such object."""
    with stranger(404, PROBLEM, of="application/problem+json") as url:
        refused(url, arguments)


def refused(url: str, arguments: tuple[str, ...]) -> None:
    """In one line, as a stranger."""
    variables = {
        "ENTENTE_KAFKA": "127.0.0.1:1",
        "ENTENTE_MONGODB": "mongodb://127.0.0.1:1",
        "ENTENTE_SERVICES": pairs(dict.fromkeys(SERVICES, url)),
        "ENTENTE_TOKEN": "sample",
    }
    done = entente(*arguments, **variables)
    assert done.exit_code == 3, (done.output, done.exception)
    assert len(done.stderr.splitlines()) == 1
    assert f"what answers at {url} is not" in done.stderr
    assert done.stdout == ""


ANSWERS: list[tuple[str, str, Any]] = [
    ("GET", "/operations/setup", setup.EXAMPLE),
    ("GET", "/operations/parked?limit=100", {"items": [parked.PARKED], "next": None}),
    ("GET", f"/operations/parked/{PARKED}", parked.PARKED_IN_FULL),
    ("GET", f"/operations/parked/{PARKED}/acts", [parked.ACT]),
    ("POST", f"/operations/parked/{PARKED}/redrive", parked.REDRIVEN),
    ("POST", f"/operations/parked/{PARKED}/discard", parked.DONE),
    ("POST", "/operations/republish", republishing.REPUBLISHED),
    ("GET", "/operations/rebuilds/roster", rebuilds.FINISHED),
]


@pytest.mark.parametrize(("method", "path", "answer"), ANSWERS)
def test_what_the_services_promise_to_answer_fits(method: str, path: str, answer: Any) -> None:
    if path.endswith("/setup"):
        answer = {**answer, "settings": {**answer["settings"], "database": "matching", "kafka_partitions": "6"}}
    assert fits(method, path, answer)
    assert not fits(method, path, [answer])
