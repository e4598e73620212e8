"""`make compose-smoke`: docker-compose.yml from nothing to a complete story, with several replicas of matching.

    python -m deploy.compose [--replicas 3] [--keep]

Builds, starts under a name and on ports of its own, scales matching, plays the demo's three cases, sees that every
replica had callers and events. Then, by the lines of the docs as they are written: lists topics with Kafka's tool,
mends a replica that was killed, replaces every replica while callers ask (no error is allowed), backs up, and brings
back a database that was lost. Removes everything with its data. Figures: build/compose-smoke.json. Exit codes: 0 all in
order, 1 something is not, 3 no Docker here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import httpx

from deploy.compose.callers import PATIENCE
from deploy.compose.operated import RESTORED, backed_up, cleaned, listed, mended, restored, upgraded
from deploy.compose.project import ComposeError, Project, why_not
from deploy.compose.replicas import READ, Work, idle, work_of
from deploy.demo.__main__ import run_at
from deploy.demo.interfaces import Interfaces, Unexpected
from deploy.embedded.process import ROOT
from deploy.services import SERVICES

PLACE = ROOT / "build" / "compose"
FIGURES = ROOT / "build" / "compose-smoke.json"
SCALED = "matching"
OFFER_RESPONSE = "20 seconds"
"""Time to answer an offer: one lapses in the story, and none else may on a slow machine."""
STORE_TIMEOUT_MS = "4500"
"""The most there is: an emulated MongoDB needs seconds for an index while three services start."""
IMAGES = ("registration", "matching", "notifications", "terminal", "identity")


class Smoke:
    """One run and its figures."""

    def __init__(self, project: Project, replicas: int) -> None:
        self.project = project
        self.replicas = replicas
        self.figures: dict[str, Any] = {"replicas": replicas, "seconds": {}}

    @contextmanager
    def step(self, name: str, what: str) -> Iterator[None]:
        """Tell a step, and keep the seconds it took."""
        print(f"compose-smoke: {what}", flush=True)
        began = time.monotonic()
        yield
        self.figures["seconds"][name] = round(time.monotonic() - began, 1)

    async def play(self) -> list[str]:
        """Everything; what is wrong at its end (nothing). Raises ComposeError."""
        with self.step("build", "building the images"):
            await self.project.compose("build")
        with self.step("up", "starting, until everything is healthy"):
            await self.project.up()
        if self.replicas > 1:
            with self.step("scale", f"{SCALED} to {self.replicas} replicas"):
                self.project.mean(SCALED, self.replicas)
                await self.project.up("--no-build", "--no-recreate")
        file = PLACE / "places.json"
        file.write_text(json.dumps(self.project.places(), indent=2) + "\n")
        (PLACE / "environment").write_text(self.project.exports())
        with self.step("story", "the demo's story"):
            wrong = ["the story did not end well"] if await run_at(file, PLACE / "story.json") else []
        work = [await self._work(container) for container in await self.project.containers(SCALED)]
        self.figures["work"] = [asdict(one) for one in work]
        self.figures["megabytes_over_base"] = await self.project.sizes({n: f"entente/{n}:dev" for n in IMAGES})
        return wrong + idle(work, self.replicas) + await self._operate()

    async def _operate(self) -> list[str]:
        """The lines of the docs, one procedure after another; what is wrong."""
        at = {name: self.project.at(name) for name in SERVICES}
        api = Interfaces(at, self.project.at("identity"), httpx.AsyncClient(timeout=PATIENCE))
        try:
            with self.step("kafka_tool", "Kafka's own tool, in the broker's container"):
                wrong = await listed(self.project)
            with self.step("mend", f"a replica of {SCALED} is killed, and mended"):
                wrong += await mended(self.project, SCALED)
            with self.step("upgrade", "another replica for each there is, one after another, while callers ask"):
                calls, missing = await upgraded(self.project, api)
            self.figures["calls_while_upgraded"] = calls.answered
            return wrong + missing + await self._restore(api)
        finally:
            await api.close()

    async def _restore(self, api: Interfaces) -> list[str]:
        try:
            with self.step("backup", "a backup of every service"):
                file = await backed_up(self.project)
            with self.step("restore", f"the database of {RESTORED} is lost, and brought back"):
                return await restored(self.project, api, file)
        finally:
            await cleaned(self.project)

    async def _work(self, container: str) -> Work:
        return work_of(container[:12], await self.project.run("docker", "exec", container, "python", "-c", READ))


async def run(replicas: int, *, keep: bool) -> int:
    """Play; whatever happens, nothing is left (with `keep`, everything is)."""
    settings = {"ENTENTE_OFFER_RESPONSE": OFFER_RESPONSE, "ENTENTE_STORE_TIMEOUT_MS": STORE_TIMEOUT_MS}
    # whatever .env says, for images are looked into as entente/NAME:dev
    settings |= {f"{name.upper()}_REPLICAS": "1" for name in SERVICES} | {"ENTENTE_VERSION": "dev"}
    smoke = Smoke(Project("entente-smoke", PLACE / "compose.log", settings), replicas)
    try:
        wrong = await smoke.play()
    except (ComposeError, Unexpected, httpx.HTTPError, ValueError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
        await _logs(smoke.project)
    finally:
        if not keep:
            with smoke.step("down", "stopping; its data goes too"):
                await smoke.project.down()
    smoke.figures["wrong"] = wrong
    FIGURES.write_text(json.dumps(smoke.figures, indent=2) + "\n")
    print(json.dumps(smoke.figures, indent=2))
    for line in wrong:
        sys.stderr.write(f"compose-smoke: {line}\n")
    return 1 if wrong else 0


async def _logs(project: Project) -> None:
    """What the containers said goes to a file before they go."""
    try:
        (PLACE / "containers.log").write_text(await project.compose("logs", "--no-color", "--tail", "200"))
    except ComposeError as error:
        sys.stderr.write(f"no logs: {error}\n")


def main() -> None:
    """Run, and end with its code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.compose", description=__doc__.split("\n")[0])
    parser.add_argument("--replicas", type=int, default=3, help=f"replicas of {SCALED}; 3 when not given")
    parser.add_argument("--keep", action="store_true", help="leave it running: docker compose -p entente-smoke down -v")
    arguments = parser.parse_args()
    if (reason := why_not()) is not None:
        sys.stderr.write(f"compose-smoke cannot run: {reason}\n")
        raise SystemExit(3)
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    FIGURES.unlink(missing_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # cleans up as after Ctrl-C
    try:
        code = asyncio.run(run(arguments.replicas, keep=arguments.keep))
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)


if __name__ == "__main__":
    main()
