"""The embedded stack: stand-ins, development issuer and services as child processes of one supervisor.

    async with Stack(topics) as stack:
        stack.urls["registration"], stack.kafka, stack.mongodb, stack.issuer, stack.smtp

Everything listens on 127.0.0.1. Servers named by ENTENTE_KAFKA or ENTENTE_MONGODB in the caller's environment are
used in place of the stand-ins. A supervisor that is killed takes its children with it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from deploy.embedded import broker, store
from deploy.embedded.process import ROOT, Child, ChildError, Spec, answers, free_port, stop_all
from deploy.services import SERVICES as NAMES
from shared.contracts.topics import TOPICS
from shared.messaging.topics import Topics

HOST = "127.0.0.1"
GIVEN_PARTITIONS = "6"  # the services' own default, which is what `entente topics apply` makes
SERVICE_GRACE = 10.0  # seconds from SIGTERM to SIGKILL: the services promise to stop within them
STAND_IN_GRACE = 3.0
WATCH_SECONDS = 0.1
FETCH_MAX_WAIT_MS = 100
"""How long the services' consumers wait at the stand-in broker, which answers an empty fetch only when the wait is
over: most of a hop there. A real broker answers at once. Shorter waits cost CPU: 18 consumers polling at 10 ms take a
core."""
STOPPING_ORDER = ("issuer", "mailbox", "store", "broker")

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Service:
    """A service to run: its command; whether it sends mail."""

    name: str
    command: tuple[str, ...]
    mails: bool = False


SERVICES = tuple(
    Service(name, (sys.executable, "-m", f"services.{name}"), mails=name == "notifications") for name in NAMES
)


class Stack:
    """Starts, watches and stops everything a laptop needs.

    `topics` exist before a service starts: on a real broker those of the catalogue are made where they are missing.
    `directory` holds the issuer's key (kept), the mail (emptied at each start, unless `mail` names another place)
    and the store's data (removed on stop). `extra_env` adds settings per service name.
    """

    def __init__(
        self,
        topics: Iterable[str] = (),
        *,
        services: Sequence[Service] = SERVICES,
        extra_env: Mapping[str, Mapping[str, str]] | None = None,
        directory: Path = ROOT / "build" / "stack",
        logs: Path = ROOT / "build" / "logs",
        mail: Path | None = None,
        progress: Progress | None = None,
        ready_within: float = 120.0,
    ) -> None:
        unknown = set(extra_env or {}) - {service.name for service in services}
        if unknown:
            raise ValueError(f"extra_env names services that are not run: {', '.join(sorted(unknown))}")
        self.kafka = os.environ.get("ENTENTE_KAFKA", "")
        self.mongodb = os.environ.get("ENTENTE_MONGODB", "")
        self.own_broker, self.own_store = not self.kafka, not self.mongodb
        given = os.environ.get("ENTENTE_KAFKA_PARTITIONS", GIVEN_PARTITIONS)
        self.partitions = broker.PARTITIONS if self.own_broker else int(given)
        prefix = "entente" if self.own_store else f"entente_{uuid.uuid4().hex[:8]}"
        self.databases = {service.name: f"{prefix}_{service.name}" for service in services}
        self.mail_directory = mail or directory / "mail"
        self.children: dict[str, Child] = {}
        self._ports = {name: free_port() for name in ("store", "mailbox", "issuer")}
        self._ports |= {service.name: free_port() for service in services}
        self.urls = {service.name: f"http://{HOST}:{self._ports[service.name]}" for service in services}
        self.issuer = f"http://{HOST}:{self._ports['issuer']}"
        self.smtp = f"{HOST}:{self._ports['mailbox']}"
        self._topics = list(topics)
        self._services = tuple(services)
        self._extra_env = dict(extra_env or {})
        self._directory, self._logs = directory, logs
        self._progress = progress or (lambda _name, _state: None)
        self._ready_within = ready_within
        self._data: Path | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start all and wait until all are ready; on any failure everything is stopped again.

        Call it on the main thread: children end with the thread that started them.
        Raises ChildError naming the child that ended early or was not ready in time, with the end of its log.
        """
        try:
            self._prepare()
            await self._run(self._stand_ins())
            if self.own_broker:
                self.kafka = self.children["broker"].announced("kafka") or ""
            if self.own_store:
                self.mongodb = store.uri(self._ports["store"])
            await self._topics_on_a_given_broker()
            await self._run([self._service(service) for service in self._services])
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the services (10 s, then SIGKILL), then the rest; no process and no port is left. Repeatable."""
        try:
            late = await stop_all([child for name, child in self.children.items() if name in self.urls], SERVICE_GRACE)
            for name in late:
                self._progress(name, f"killed: not stopped within {SERVICE_GRACE:g} s")
        finally:
            rest = [self.children[name] for name in STOPPING_ORDER if name in self.children]
            try:
                await stop_all(rest, STAND_IN_GRACE)
            finally:
                if self._data is not None:
                    shutil.rmtree(self._data, ignore_errors=True)

    def kill(self, name: str) -> None:
        """SIGKILL one child, as a crash would; it is gone on return."""
        self.children[name].kill()
        self._progress(name, "killed")

    def pause(self, name: str) -> None:
        """Freeze one child (SIGSTOP): its port still accepts and nothing answers. `resume` thaws it."""
        self.children[name].send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused child go on."""
        self.children[name].send(signal.SIGCONT)

    async def restart(self, name: str, *, ready: bool = True, extra_env: Mapping[str, str] | None = None) -> None:
        """Start a killed child again, or stop and start a running one: same port, same settings, same data.

        With `ready` it returns when the child is ready. `extra_env` takes the place of a service's added settings
        from now on. Raises ValueError for the broker stand-in, whose address and records die with it; pause it instead.
        """
        if name == "broker":
            raise ValueError("the broker stand-in cannot be restarted: its address and records die with it; pause it")
        child = self.children[name]
        await stop_all([child], SERVICE_GRACE)
        if extra_env is not None:
            self._extra_env[name] = extra_env
            (service,) = (service for service in self._services if service.name == name)
            child.spec = self._service(service)
        child.start()
        self._progress(name, "starting")
        if ready:
            await child.until_ready(self._ready_within)
            self._progress(name, "ready")

    async def is_alive(self, name: str) -> bool:
        """Whether a service answers /health/live with 200 now; waits up to a second."""
        return await asyncio.to_thread(answers, HOST, self._ports[name], "/health/live")

    async def is_ready(self, name: str) -> bool:
        """Whether a service answers /health/ready with 200 now; waits up to a second."""
        return await asyncio.to_thread(answers, HOST, self._ports[name], "/health/ready")

    async def watch(self) -> NoReturn:
        """Wait for a child to end that was not told to, then raise ChildError with its name and log."""
        while True:
            for child in self.children.values():
                child.check()
            await asyncio.sleep(WATCH_SECONDS)

    def _prepare(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self.mail_directory.mkdir(parents=True, exist_ok=True)
        for old in self.mail_directory.glob("*.eml"):
            old.unlink()
        for left in self._directory.glob("data-*-*"):  # by a supervisor that was killed
            if not _is_running(int(left.name.split("-")[1])):
                shutil.rmtree(left, ignore_errors=True)
        if self.own_store:
            self._data = Path(tempfile.mkdtemp(dir=self._directory, prefix=f"data-{os.getpid()}-"))

    async def _topics_on_a_given_broker(self) -> None:
        wanted = [TOPICS[name] for name in self._topics if name in TOPICS]
        if wanted and not self.own_broker:
            await Topics(self.kafka.split(","), partitions=self.partitions, wanted=wanted).apply()

    async def _run(self, specs: Sequence[Spec]) -> None:
        """Start side by side and wait for all; the first failure ends the waiting."""
        for spec in specs:
            child = self.children[spec.name] = Child(spec, self._logs)
            child.start()
            self._progress(spec.name, "starting")
        waiting = [asyncio.create_task(self._until_ready(self.children[spec.name])) for spec in specs]
        try:
            await asyncio.gather(*waiting)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _until_ready(self, child: Child) -> None:
        await child.until_ready(self._ready_within)
        self._progress(child.name, "ready")

    def _stand_ins(self) -> list[Spec]:
        module = (sys.executable, "-m")
        mailbox = (*module, "deploy.embedded.mailbox", "--dir", str(self.mail_directory.resolve()))
        issuer = (*module, "deploy.identity", "--dir", str((self._directory / "identity").resolve()))
        specs = [
            Spec(
                "mailbox",
                (*mailbox, "--port", str(self._ports["mailbox"])),
                lambda it: it.announced("smtp") is not None,
            ),
            Spec(
                "issuer", (*issuer, "--port", str(self._ports["issuer"])), lambda it: it.announced("issuer") is not None
            ),
        ]
        if self.own_broker:
            specs.append(Spec("broker", broker.command(self._topics), lambda it: it.announced("kafka") is not None))
        if self._data is not None:
            port = self._ports["store"]
            specs.append(Spec("store", store.command(port, self._data), lambda _it: store.answers(port)))
        return specs

    def _service(self, service: Service) -> Spec:
        port = self._ports[service.name]
        environment = {
            "ENTENTE_KAFKA": self.kafka,
            "ENTENTE_MONGODB": self.mongodb,
            "ENTENTE_DATABASE": self.databases[service.name],
            "ENTENTE_ISSUER": self.issuer,
            "ENTENTE_HTTP_HOST": HOST,
            "ENTENTE_HTTP_PORT": str(port),
            "ENTENTE_KAFKA_PARTITIONS": str(self.partitions),
            "ENTENTE_KAFKA_SESSION_TIMEOUT_MS": "6000",  # the least a real broker takes: the demo restarts soon
            "ENTENTE_LOG_FORMAT": "json",
        }
        if self.own_broker:
            environment["ENTENTE_KAFKA_FETCH_MAX_WAIT_MS"] = str(FETCH_MAX_WAIT_MS)
        if service.mails:
            environment |= {"ENTENTE_SMTP_HOST": HOST, "ENTENTE_SMTP_PORT": str(self._ports["mailbox"])}
        environment |= self._extra_env.get(service.name, {})
        return Spec(service.name, service.command, lambda _it: answers(HOST, port, "/health/ready"), environment)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


__all__ = ["SERVICES", "ChildError", "Service", "Stack"]
