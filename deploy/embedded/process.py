"""One child process: started on a leash, watched until ready, stopped in order, its log kept.

A child lives in a session of its own, so Ctrl-C in the terminal reaches the supervisor alone.
Call `start` from a thread that outlives the child (the main thread): the leash holds to that thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.02
TAIL_LINES = 15
# Below every system's range for outgoing connections (32768 on Linux, 49152 elsewhere), so that a port stays
# free for its owner while the owner is down: a restart must find it.
PORTS = range(20_000, 30_000)
_handed_out: set[int] = set()


class ChildError(Exception):
    """A child ended by itself, or did not become ready; the message names it and shows the end of its log."""

    def __init__(self, name: str, why: str, tail: str) -> None:
        shown = "\n".join(f"    {line}" for line in tail.splitlines()) or "    (its log is empty)"
        super().__init__(f"{name} {why}\n{shown}")
        self.name = name


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on, never handed out twice by this process."""
    for _ in range(200):
        port = random.choice(PORTS)  # noqa: S311 - spreads supervisors apart, keeps no secret
        if port in _handed_out:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            _handed_out.add(port)
            return port
    raise OSError(f"no free port found between {PORTS.start} and {PORTS.stop}")


def answers(host: str, port: int, path: str, *, timeout: float = 1.0) -> bool:
    """Whether GET `path` is answered with 200 within `timeout` seconds."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass(frozen=True)
class Spec:
    """What to run, and how to see that it is ready (`probe`; may block for a second, called off the loop)."""

    name: str
    command: tuple[str, ...]
    probe: Callable[[Child], bool]
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A process made from `spec`, its output in `<logs>/<name>.log`."""

    def __init__(self, spec: Spec, logs: Path) -> None:
        self.spec = spec
        self.name = spec.name
        self.log = logs / f"{spec.name}.log"
        self.expected_to_run = False
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._starts = 0

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    def start(self) -> None:
        """Start it, or start it again; returns before it is ready. The first start empties the log."""
        if self.running:
            raise RuntimeError(f"{self.name} is running already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab" if self._starts else "wb") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *self.spec.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=_environment(self.spec.environment),
                start_new_session=True,
            )
        self._starts += 1
        self.expected_to_run = True

    def announced(self, key: str) -> str | None:
        """The value of `key` in the JSON line it has printed since its last start, None before that."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(self._log_start)
            for line in log:
                if line.startswith(b"{") and line.endswith(b"\n"):
                    with contextlib.suppress(ValueError, AttributeError):
                        value = json.loads(line).get(key)
                        if isinstance(value, str):
                            return value
        return None

    def check(self) -> None:
        """Raise ChildError if it should be running and is not."""
        if self.expected_to_run and self._process is not None and (code := self._process.poll()) is not None:
            raise ChildError(self.name, _ending(code), self.tail())

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of its log since its last start."""
        try:
            with self.log.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(self._log_start, end - 16_384))
                return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""

    def wait_ready(self, within: float) -> None:
        """Block until the probe succeeds; ChildError if it ends before, or after `within` seconds."""
        for _ in self._until_ready(within):
            if self.spec.probe(self):
                return
            time.sleep(POLL_SECONDS)

    async def until_ready(self, within: float) -> None:
        """`wait_ready` for callers on an event loop."""
        for _ in self._until_ready(within):
            if await asyncio.to_thread(self.spec.probe, self):
                return
            await asyncio.sleep(POLL_SECONDS)

    def _until_ready(self, within: float) -> Iterator[None]:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self.check()
            yield
        raise ChildError(self.name, f"was not ready within {within:g} s; the end of {self.log}:", self.tail())

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and its own children; nothing happens once it has ended. After SIGSTOP it is frozen."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.killpg(self.pid, number)
                if number is signal.SIGSTOP:
                    os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.expected_to_run = False
        self.send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def wait(self, within: float) -> int | None:
        """Its exit status once it has ended; None if it still runs after `within` seconds."""
        assert self._process is not None, "not started"
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(within)
        return None

    def terminate(self) -> None:
        """Ask it to stop (SIGTERM, also when paused by SIGSTOP); returns at once."""
        self.expected_to_run = False
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)

    def stop(self, grace: float) -> None:
        """Ask it to stop, kill it after `grace` seconds; it is gone on return."""
        self.terminate()
        if self._process is not None:
            self.wait(grace)
        self.kill()


async def stop_all(children: list[Child], grace: float) -> list[str]:
    """Stop side by side; all are gone on return. Returns the names of those killed after `grace` seconds."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + grace
    try:
        while any(child.running for child in children) and time.monotonic() < deadline:  # noqa: ASYNC110 - ends are polled
            await asyncio.sleep(POLL_SECONDS)
    finally:  # also when the waiting is cancelled: nobody stays behind
        late = [child.name for child in children if child.running]
        for child in children:
            child.kill()
    return late


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables without Entente's own, so that a child's settings are the given ones exactly."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
    return inherited | {"PYTHONUNBUFFERED": "1"} | dict(added)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}; the end of its log:"
    return f"ended by itself with exit status {code}; the end of its log:"
