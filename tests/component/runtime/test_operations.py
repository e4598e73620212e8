"""The parking lot over HTTP: for operators only, looked at and redriven."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from shared.messaging.acts import By, Place
from shared.messaging.operators import ParkedForOperators
from shared.runtime.health import Checks
from shared.runtime.http.app import create_app
from shared.runtime.metrics import Metrics
from shared.runtime.operations import operations_router
from shared.store import Answer, Command, Outcome, Stored
from tests.component.runtime.sample import settings
from tests.component.runtime.test_problems import problem
from tests.support.tokens import TestIssuer

NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)
PARKED = SimpleNamespace(
    id="prk_1", group="matching.requests", topic="registration.requests", partition=3, offset=17, key="req_1",
    event_type="request.submitted", reason="no such theme", parked_at=NOW,
    version=4, payload="{}", history=[SimpleNamespace(at=datetime(2030, 1, 7, 9, tzinfo=UTC), what="parked")],
)  # fmt: skip


ACT = SimpleNamespace(
    at=datetime(2030, 1, 7, 10, tzinfo=UTC), what="redrive", who="per_1", role="operator", reason="a sample",
    partition=3, offset=17, event_id=None, sequence=None, came_of="1 handled, none left",
)  # fmt: skip
WHY = {"reason": "the place is known now"}
PLACE = {"partition": 3, "offset": 17}
BESIDE: dict[str, dict[str, Any]] = {"redrive": {}, "mend": {**PLACE, "value": "{}"}, "discard": PLACE}
"""What each act is told beside the reason."""


class Lot(ParkedForOperators):
    """A parking lot with one event, which notes what it is told to do."""

    def __init__(self) -> None:
        self.redriven: list[str] = []
        self.done: list[tuple[str, Place, str, By]] = []

    async def list(self, limit: int, after: str | None) -> Any:
        return SimpleNamespace(items=[] if after else [PARKED], next=None if after else "1893992400000~prk_1")

    async def get(self, id_: str) -> Any | None:
        return PARKED if id_ == "prk_1" else None

    async def acts(self, id_: str) -> Any | None:
        return [ACT] if id_ == "prk_1" else None

    async def mend(self, id_: str, place: Place, value: str, by: By, command: Command) -> Outcome[Any]:
        self.done.append((id_, place, value, by))
        state = SimpleNamespace(acts=[ACT], events=[PARKED])
        stored = Stored(id_, state, 5, "cor_1", NOW, NOW) if id_ == "prk_1" else None  # type: ignore[type-var]
        return Outcome(stored, applied=True)

    async def discard(self, id_: str, place: Place, by: By, command: Command) -> Outcome[Any]:
        return await self.mend(id_, place, "", by, command)

    async def redrive(self, id_: str, by: By, command: Command, render: Callable[[Any], Answer]) -> Answer | None:
        self.redriven.append(id_)
        report = SimpleNamespace(handled=1, left=0, reason=None, version=6)
        return render(report) if id_ == "prk_1" else None


async def test_an_operator_looks_and_redrives_and_nobody_else() -> None:
    lot, issuer = Lot(), TestIssuer()
    app = create_app(
        "sample", "", settings(), Metrics(), Checks(), verifier=issuer.verifier(), routers=[operations_router(lot)]
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://s.test", headers=issuer.headers("operator")
    ) as client:
        page = (await client.get("/operations/parked")).json()
        assert [item["id"] for item in page["items"]] == ["prk_1"]
        assert "payload" not in page["items"][0]
        assert page["items"][0]["waiting"] == 1
        behind = (await client.get("/operations/parked", params={"after": page["next"]})).json()
        assert behind == {"items": [], "next": None}
        refused = problem(await client.get("/operations/parked", params={"after": "nonsense"}), 422)
        assert refused["faults"][0]["pointer"] == "query:after"
        one = (await client.get("/operations/parked/prk_1")).json()
        assert (one["payload"], one["history"][0]["what"]) == ("{}", "parked")
        problem(await client.get("/operations/parked/prk_2"), 404)
        assert (await client.post("/operations/parked/prk_1/redrive", json=WHY)).json() == {
            "handled": 1,
            "left": 0,
            "reason": None,
            "version": 6,
        }
        problem(await client.post("/operations/parked/prk_2/redrive", json=WHY), 404)
        assert (await client.get("/operations/parked/prk_1/acts")).json()[0]["who"] == "per_1"
        problem(await client.get("/operations/parked/prk_2/acts"), 404)
        place = {**WHY, "partition": 3, "offset": 17}
        assert (await client.post("/operations/parked/prk_1/mend", json={**place, "value": "{}"})).json()["left"] == 1
        assert (await client.post("/operations/parked/prk_1/discard", json=place)).status_code == 200
        by = By("per_1", "operator", "the place is known now")
        assert lot.done == [("prk_1", (3, 17), "{}", by), ("prk_1", (3, 17), "", by)]
        dense = '"' * 1_000_000
        assert (await client.post("/operations/parked/prk_1/mend", json={**place, "value": dense})).status_code == 200
        for what, body in (("mend", {**place, "value": "{}"}), ("discard", place)):
            problem(await client.post(f"/operations/parked/prk_2/{what}", json=body), 404)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://s.test", headers=issuer.headers("officer")
    ) as client:
        problem(await client.get("/operations/parked"), 403)
        problem(await client.post("/operations/parked/prk_1/redrive"), 403)
        problem(await client.post("/operations/parked/prk_1/discard", json=WHY), 403)
    assert lot.redriven == ["prk_1", "prk_2"]


@pytest.mark.parametrize("what", ["redrive", "mend", "discard"])
@pytest.mark.parametrize("reason", [None, "", "  x  ", "x" * 501])
async def test_nothing_is_done_without_a_reason(what: str, reason: str | None) -> None:
    body = BESIDE[what] | ({} if reason is None else {"reason": reason})
    assert await _told_of(what, body) == ["/reason"]


@pytest.mark.parametrize("what", ["redrive", "mend", "discard"])
async def test_a_misspelt_field_is_refused_and_not_lost_in_silence(what: str) -> None:
    assert await _told_of(what, {**BESIDE[what], **WHY, "reson": "a sample"}) == ["/reson"]


async def _told_of(what: str, body: dict[str, Any]) -> list[str]:
    """The places a refusal of this body names; nothing was done then."""
    lot, issuer = Lot(), TestIssuer()
    app = create_app(
        "sample", "", settings(), Metrics(), Checks(), verifier=issuer.verifier(), routers=[operations_router(lot)]
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://s.test", headers=issuer.headers("operator")
    ) as client:
        told = problem(await client.post(f"/operations/parked/prk_1/{what}", json=body), 422)
    assert lot.redriven == []
    assert lot.done == []
    return [fault["pointer"] for fault in told["faults"]]
