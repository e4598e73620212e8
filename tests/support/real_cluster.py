"""Real servers on this machine by a start script: started, killed, brought back and stopped.

The script is named by ENTENTE_STACK. It is called `up --dir DIR --brokers N --members N [--base-port P]`, with `--only
kafka` in place of the members for Kafka alone. It prints `export ENTENTE_KAFKA=…` and `export ENTENTE_MONGODB=…`, keeps
one `<node>.pid` per server in DIR (`kafka-1`, `mongo-1`, …), and started again restarts only what is not alive, on the
same data and ports. Its neighbour `down --wipe DIR` stops everything of DIR and removes it.
"""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.embedded.process import ROOT
from tests.support.processes import freeze, is_running

UP_WITHIN = 240.0
"""Seconds the script may take. A cluster of three took 55 s on two cores with nothing beside it."""
DOWN_WITHIN = 120.0
PORTS_OF_ONE = 12
PORTS = range(30_000, 32_700, 20)
"""Between the ports handed out to our own processes and the system's: the port of a dead server stays free for it."""


USUAL_SCRIPT = "../shared/stack/up"

REQUESTS = int(os.environ.get("ENTENTE_REQUESTS", "100"))
"""While the primary of three store members dies: an emulated set does 45 to 70 majority writes a second side by side,
and a request takes 33 of them."""


class NoServer(Exception):
    """The servers could not be started; the message says why."""


def start_script() -> Path | None:
    """The script ENTENTE_STACK names, from the root of the repository; None where it is not set.

    NoServer where it names no file.
    """
    given = os.environ.get("ENTENTE_STACK")
    if not given:
        return None
    script = (ROOT / given).resolve()
    if not script.is_file():
        raise NoServer(f"ENTENTE_STACK names {given}, which is no file")
    return script


def usual_script() -> Path | None:
    """The script at its usual place beside the repository; None where there is none."""
    script = (ROOT / USUAL_SCRIPT).resolve()
    return script if script.is_file() else None


class RealCluster:
    """Kafka brokers and MongoDB members as separate processes in a directory of their own; 0 members: Kafka alone."""

    def __init__(self, script: Path, directory: Path, *, brokers: int = 1, members: int = 1) -> None:
        self.directory = directory
        self.brokers = tuple(f"kafka-{n}" for n in range(1, brokers + 1))
        self.members = tuple(f"mongo-{n}" for n in range(1, members + 1))
        self.kafka = ""
        """Addresses with commas between them, as ENTENTE_KAFKA."""
        self.mongodb = ""
        """As ENTENTE_MONGODB."""
        self._script = script
        store = ("--members", str(members)) if members else ("--only", "kafka")
        size = ("--brokers", str(brokers), *store)
        self._guard: subprocess.Popen[bytes] | None = None
        self._up = (str(script), "--dir", str(directory), *size, "--base-port", str(_free_block()))

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of all servers."""
        return self.brokers + self.members

    def start(self) -> None:
        """Start it; blocks until all answer. NoServer where that fails. Should this process die, a guard stops them."""
        if self._guard is None:
            self._guard = guard("servers", str(self._script), str(self.directory))
        self.revive()

    def revive(self) -> None:
        """Bring back whatever is down, also of a cluster that somebody else has started; blocks until all answer.
        NoServer where that fails."""
        try:
            made = subprocess.run(
                self._up, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=UP_WITHIN, check=False
            )
        except BaseException:
            self.stop()
            raise
        if made.returncode:
            raise NoServer(f"{self._script.name} ended with {made.returncode}: {made.stderr.strip()[-500:]}")
        said = dict(_exports(made.stdout))
        self.kafka, self.mongodb = said.get("ENTENTE_KAFKA", ""), said.get("ENTENTE_MONGODB", "")

    def stop(self) -> None:
        """Stop everything and remove the data; safe at any time and twice."""
        stop_all(self._script, self.directory)
        if self._guard is not None:
            self._guard.communicate()
            self._guard = None

    def __enter__(self) -> RealCluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def pid(self, node: str) -> int | None:
        """The process of a server while it runs."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            process = int((self.directory / f"{node}.pid").read_text())
            return process if is_running(process) else None
        return None

    def send(self, node: str, number: signal.Signals) -> bool:
        """A signal to one server: SIGKILL is a crash, SIGSTOP a machine that hangs from this call's return, SIGCONT
        lets it go on. False where it is down."""
        process = self.pid(node)
        if process is None:
            return False
        if number is signal.SIGSTOP:
            freeze(process)
        else:
            os.kill(process, number)
        return True

    def kill(self, node: str) -> bool:
        """`kill -9`; `revive` brings it back."""
        return self.send(node, signal.SIGKILL)

    @contextmanager
    def hanging(self, *nodes: str) -> Iterator[None]:
        """Servers that take connections and answer nothing, for the length of a block."""
        for node in nodes:
            self.send(node, signal.SIGSTOP)
        try:
            yield
        finally:
            for node in nodes:
                self.send(node, signal.SIGCONT)

    def primary(self) -> str:
        """The member that takes writes now; waits up to 30 s for an election."""
        with MongoClient[dict[str, Any]](self.mongodb, serverSelectionTimeoutMS=30_000) as client:
            client.admin.command("ping")
            _, port = client.primary or ("", 0)
        ports = sorted(int(host.rpartition(":")[2]) for host in self.mongodb.split("//")[1].split("/")[0].split(","))
        return self.members[ports.index(port)]


def guard(*what: str) -> subprocess.Popen[bytes]:
    """A process that stops this (`tests/support/guard.py`) once its standard input ends, and so when we have died."""
    command = (sys.executable, "-m", "tests.support.guard", *what)
    return subprocess.Popen(command, cwd=ROOT, env=_environment(), stdin=subprocess.PIPE, start_new_session=True)


def stop_all(script: Path, directory: Path) -> None:
    """Kill every server of this directory and remove it; nothing where it is gone."""
    if not directory.exists():
        return
    for noted in directory.glob("*.pid"):  # the data goes as well: a gentle end of six takes 50 s for nothing
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(noted.read_text()), signal.SIGKILL)
    down = (str(script.with_name("down")), "--wipe", str(directory))
    subprocess.run(down, cwd=ROOT, env=_environment(), timeout=DOWN_WITHIN, check=False)


def _exports(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.startswith("export "):
            name, _, value = shlex.split(line)[1].partition("=")
            yield name, value


def _environment() -> dict[str, str]:
    """The script finds this environment's Python first: it may need pymongo. Java compiles once, and not again for
    speed: under the messaging suite a broker took 8 s of processor, before 15 s. JAVA_TOOL_OPTIONS stand over it."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
    return {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"} | inherited | {"PATH": path}


def _free_block() -> int:
    for base in random.sample(PORTS, len(PORTS)):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(base, base + PORTS_OF_ONE):
                probe = held.enter_context(socket.socket())
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
            return base
    raise NoServer("no twelve free ports in a row")
