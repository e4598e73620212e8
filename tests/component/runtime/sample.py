"""A small service around one aggregate, with every part of the HTTP edge in use."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, Depends, FastAPI, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.clock import ManualClock
from shared.errors import Away, Invalid, NotFound, Refused
from shared.runtime.health import Checks
from shared.runtime.http.app import create_app
from shared.runtime.http.bodies import body_limit
from shared.runtime.http.commands import Write, precondition, rendered, reply, shown
from shared.runtime.http.paging import Listed, Paging, listed, paging
from shared.runtime.http.problems import problems
from shared.runtime.identity import Caller, Role, allow
from shared.runtime.metrics import Metrics
from shared.runtime.settings import Settings
from shared.store import Decision, Kind, MemoryDocuments, Store, Stored
from tests.support.tokens import ISSUER, TestIssuer


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Round(BaseModel):
    kind: Literal["round"]
    radius: float


class Square(BaseModel):
    kind: Literal["square"]
    side: float


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=40)
    colour: Colour
    due: AwareDatetime
    count: int = Field(ge=0, le=1000)
    parts: list[Annotated[Round | Square, Field(discriminator="kind")]] = Field(default_factory=list, max_length=5)
    extra: dict[str, Any] = Field(default_factory=dict)


class ThingView(BaseModel):
    id: str
    version: int
    title: str
    count: int


def view(stored: Stored[Thing]) -> ThingView:
    return ThingView(id=stored.id, version=stored.version, title=stored.state.title, count=stored.state.count)


THINGS = Kind(name="things", aggregate="thing", model=Thing, keys=lambda t: {"colour": t.colour.value})
Id = Annotated[str, Path(max_length=80)]
Officer = Annotated[Caller, Depends(allow(Role.OFFICER))]


def settings(**given: Any) -> Settings:
    base: dict[str, Any] = {
        "kafka": ["127.0.0.1:1"], "mongodb": "mongodb://127.0.0.1:1", "database": "sample", "issuer": ISSUER,
    }  # fmt: skip
    return Settings(**{**base, **given})


class Sample:
    """The application with its twins and its issuer; `away` makes the store answer as if it were gone."""

    def __init__(self, **given: Any) -> None:
        self.issuer = TestIssuer()
        self.metrics = Metrics()
        self.clock = ManualClock(datetime(2030, 1, 7, 9, tzinfo=UTC))
        self.checks = Checks(self.clock, longest=0.2)
        self.store = Store(THINGS, MemoryDocuments("things"), self.clock)
        self.app: FastAPI = create_app(
            "sample", "A sample service.", settings(**given), self.metrics, self.checks,
            verifier=self.issuer.verifier(), routers=[_things(self.store), _odd()],
        )  # fmt: skip

    def client(self, role: str | None = "officer", **claims: Any) -> httpx.AsyncClient:
        headers = self.issuer.headers(role, **claims) if role is not None else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://sample.test", headers=headers)


def _things(store: Store[Thing]) -> APIRouter:
    router = APIRouter(prefix="/things", tags=["things"])
    created, answered = rendered(view, 201), rendered(view)

    @router.post("", status_code=201, responses=problems(409), response_model=ThingView)
    async def create(thing: Thing, caller: Officer, write: Write = Depends(precondition(required=False))) -> Any:
        outcome = await store.create(write.cause(caller, created), "thg", lambda _id: Decision(thing))
        return reply(outcome, created)

    @router.put("/{id}", responses=problems(404, 412, 428), response_model=ThingView)
    async def edit(id: Id, thing: Thing, caller: Officer, write: Write = Depends(precondition(required=True))) -> Any:  # noqa: A002
        def decide(now: Thing | None) -> Decision[Thing]:
            if now is None:
                raise NotFound("no such thing")
            return Decision(thing)

        return reply(await store.change(id, write.cause(caller, answered), decide), answered)

    @router.get("/{id}", responses=problems(404), response_model=ThingView)
    async def read(id: Id, _caller: Officer) -> Any:  # noqa: A002
        stored = await store.read(id)
        if stored is None:
            raise NotFound("no such thing", mend="List the things.")
        return shown(stored, view)

    @router.get("")
    async def find(_caller: Officer, page: Annotated[Paging, Depends(paging)]) -> Listed[ThingView]:
        return listed(await store.find(limit=page.limit, after=page.after), view)

    return router


def _odd() -> APIRouter:
    router = APIRouter(prefix="/odd")

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret inside: mongodb://app:s3cret@db")

    @router.get("/away")
    async def away() -> None:
        raise Away("the database does not answer", mend="Repeat it.")

    @router.get("/refused")
    async def refused() -> None:
        raise Refused("already closed", mend="Open it first.")

    @router.get("/invalid")
    async def invalid() -> None:
        raise Invalid("too late", mend="Choose an earlier day.")

    @router.post("/large")
    @body_limit(3_000)
    async def large(body: dict[str, Any]) -> dict[str, int]:
        return {"fields": len(body)}

    @router.post("/small")
    @body_limit(50)
    async def small(body: dict[str, Any]) -> dict[str, int]:
        return {"fields": len(body)}

    return router


GOOD: dict[str, Any] = {"title": "Ñandú", "colour": "red", "due": "2030-01-31T09:00:00Z", "count": 1}
