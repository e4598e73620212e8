"""A process with one part of a chosen temper: `python -m tests.component.runtime.tiny_service TEMPER STOP DRAIN`.

STOP and DRAIN are seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time

from fastapi import APIRouter

from shared.errors import CannotRun
from shared.runtime.health import Checks
from shared.runtime.http.app import create_app
from shared.runtime.identity import TokenVerifier
from shared.runtime.jwks import JwksKeys
from shared.runtime.logging import get_logger
from shared.runtime.metrics import Metrics
from shared.runtime.process import Service, run
from tests.component.runtime.sample import settings


class Tempered:
    """A part that hangs, fails or does not listen, as told."""

    def __init__(self, name: str, temper: str) -> None:
        self.name = name
        self.temper = temper
        self.tries = 0

    async def start(self) -> None:
        self.tries += 1
        if self.temper == "hangs-starting":
            await asyncio.Event().wait()
        if self.temper == "deaf-starting":
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    get_logger("tiny").info("would not listen")
        if self.temper == "cannot-run":
            raise CannotRun("1 of 5 topics is not as wanted", "things is missing: entente topics apply")
        if self.temper == "fails-twice" and self.tries < 3:
            raise ConnectionError("kafka is away")
        if self.temper == "blocks-loop":
            asyncio.get_running_loop().call_later(0.2, time.sleep, 60)

    async def stop(self) -> None:
        get_logger("tiny").info("stopping", which=self.name)
        if self.temper == "hangs-stopping":
            await asyncio.Event().wait()
        if self.temper == "fails-stopping":
            raise RuntimeError("no")


def main() -> None:
    temper, seconds, drain = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    told = settings(http_port=0, stop_seconds=seconds, drain_seconds=drain)
    router = APIRouter()

    @router.get("/slow")
    async def slow(seconds: float) -> dict[str, str]:
        get_logger("tiny").info("in hand")
        await asyncio.sleep(seconds)
        return {"answer": "complete"}

    checks = Checks()
    verifier = TokenVerifier(told.issuer, told.audience, JwksKeys(told.issuer))
    app = create_app("tiny", "", told, Metrics(), checks, verifier=verifier, routers=[router])
    parts = [Tempered("first", "calm"), Tempered("second", temper), Tempered("third", "calm")]
    run(Service("tiny", app, told, parts, checks))


if __name__ == "__main__":
    main()
