"""The servers a run talks to: those named by ENTENTE_KAFKA and ENTENTE_MONGODB, else what ENTENTE_SERVERS allows.

`embedded` (the default) starts stand-ins when the first test asks for them; `auto` starts real servers where there is a
start script named by ENTENTE_STACK or a Docker engine, and stand-ins where there is neither; `real` ends the run with
exit code 3 there. What is there and starts no servers ends both with 3. With `-n` each worker has servers of its own,
since topics belong to one system at a time.
What a run has started it stops, also after Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.embedded import broker, store
from deploy.embedded.process import Child, Spec, free_port
from deploy.embedded.stack import Stack
from tests.support import header, real_servers
from tests.support.real_cluster import NoServer, start_script
from tests.support.real_servers import Kind, Servers

READY_WITHIN = 30.0  # seconds
STOP_WITHIN = 3.0

REAL = Path(__file__).parents[1] / "real"
OF_TESTS = "entente_tests_"
"""What the databases of systems under test begin with, on servers that outlive them."""
AWAY, CLUSTER = REAL / "away", REAL / "cluster"
_started: Servers | None = None
"""The servers of this process."""
_of_workers: str | None = None
"""What each worker starts for itself, in words; None where this process runs the tests."""
_word_of_workers: Path | None = None
"""Where a worker leaves why it has no servers."""
NO_SERVER = 3
"""Exit code of a run that has none."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the servers of the run, once, before anything is collected: here, or in each worker."""
    global _started, _of_workers
    wanted = os.environ.get("ENTENTE_SERVERS", "embedded")
    if wanted not in ("embedded", "auto", "real"):
        raise pytest.UsageError(f"ENTENTE_SERVERS is embedded, auto or real, not {wanted}")
    if config.option.collectonly:
        return
    worker = hasattr(config, "workerinput")
    if not worker:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if _real("KAFKA"):  # its topics belong to one system at a time, so all tests run in this process
        config.option.dist, config.option.tx = "no", []
    try:
        found = real_servers.to_be_had(wanted)
        if found is None:
            return
        if config.option.dist != "no" and not worker:
            _of_workers = found.told
            return
        _started = found.start()
    except NoServer as error:
        if worker:
            word = Path(config.workerinput["no_server"])  # type: ignore[attr-defined]
            written = word.with_name(config.workerinput["workerid"])  # type: ignore[attr-defined]
            written.write_text(str(error), "utf-8")
            written.replace(word)  # whole or not at all, whoever reads it
        pytest.exit(str(error), returncode=NO_SERVER)
    os.environ["ENTENTE_KAFKA"], os.environ["ENTENTE_MONGODB"] = _started.kafka, _started.mongodb


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where to leave word: one that ends before its session tells the run nothing else."""
    global _word_of_workers
    _word_of_workers = _word_of_workers or Path(tempfile.mkdtemp(prefix="entente-workers-")) / "no_server"
    node.workerinput["no_server"] = str(_word_of_workers)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """End the run with the first worker that has no servers: others in its place would try the same start again."""
    if error and _word_of_workers is not None and _word_of_workers.exists():
        pytest.exit(_word_of_workers.read_text("utf-8"), returncode=NO_SERVER)


def pytest_unconfigure() -> None:
    """Stop what was started."""
    global _started
    if _word_of_workers is not None:
        shutil.rmtree(_word_of_workers.parent, ignore_errors=True)
    if _started is not None:
        os.environ.pop("ENTENTE_KAFKA"), os.environ.pop("ENTENTE_MONGODB")
        _started.stop()
        _started = None


def _real(kind: str) -> str | None:
    return os.environ.get(f"ENTENTE_{kind}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Says which servers the run uses, and what it therefore does not prove."""
    return header.lines(
        config.option.markexpr,
        kafka=_real("KAFKA"),
        mongodb=_real("MONGODB"),
        started=_started.told if _started is not None else None,
        of_workers=_of_workers,
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tests for real servers are not collected without them; the header says so."""
    if REAL not in (collection_path, *collection_path.parents):
        return None
    if not (_real("KAFKA") and _real("MONGODB")):
        return True
    if collection_path == AWAY and _started is None:
        return True
    in_cluster = CLUSTER in (collection_path, *collection_path.parents)
    return True if in_cluster and start_script() is None else None


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The broker's addresses, as a list: FastStream and aiokafka do not split a comma list."""
    if given := _real("KAFKA"):
        yield [part.strip() for part in given.split(",") if part.strip()]
        return
    for child in _running(_broker(), tmp_path_factory.mktemp("broker")):
        address = child.announced("kafka")
        assert address
        yield [address]


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the store."""
    if given := _real("MONGODB"):
        yield given
        return
    port, directory = free_port(), tmp_path_factory.mktemp("store")
    for _child in _running(_store(port, directory), directory):
        yield store.uri(port)


def _broker() -> Spec:
    return Spec("broker", broker.command([]), lambda it: it.announced("kafka") is not None)


def _store(port: int, directory: Path) -> Spec:
    return Spec("store", store.command(port, directory / "data"), lambda _it: store.answers(port))


def _running(spec: Spec, logs: Path) -> Iterator[Child]:
    child = Child(spec, logs)
    child.start()
    try:
        child.wait_ready(READY_WITHIN)
        yield child
    finally:
        child.stop(STOP_WITHIN)


class OneOfTheRun:
    """A real server of this run, handled as a stand-in of a test's own is: killed, started, frozen."""

    def __init__(self, servers: Servers, kind: Kind) -> None:
        self._servers, self._kind = servers, kind

    def announced(self, _key: str) -> str:
        return self._servers.kafka

    def send(self, number: signal.Signals) -> None:
        self._servers.send(self._kind, number)

    def kill(self) -> None:
        self._servers.send(self._kind, signal.SIGKILL)

    def start(self) -> None:
        self._servers.revive(self._kind)

    def wait_ready(self, _within: float) -> None:
        """It answers when `start` returns."""


@pytest.fixture
def servers_of_this_run() -> Servers:
    """The real servers that this run has started, to be killed and brought back."""
    assert _started is not None, "tests that need them are not collected without"
    return _started


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Child | OneOfTheRun]:
    """A broker that a test may freeze: its own stand-in, or the real one of this run."""
    if _started is not None:
        yield OneOfTheRun(_started, "broker")
        _started.send("broker", signal.SIGCONT)
    else:
        yield from _running(_broker(), tmp_path)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[tuple[Child | OneOfTheRun, str]]:
    """A store that a test may kill and freeze, and its address; the database `away` is empty."""
    if _started is not None:
        yield OneOfTheRun(_started, "store"), _started.mongodb
        _started.send("store", signal.SIGCONT)
        _started.revive("store")
        with MongoClient[dict[str, Any]](_started.mongodb) as client:
            client.drop_database("away")
        return
    port = free_port()
    for child in _running(_store(port, tmp_path), tmp_path):
        yield child, store.uri(port)


@pytest.fixture(scope="session", autouse=True)
def _systems_begin_with_nothing() -> Iterator[None]:
    """On servers that outlive a system: empty topics for each one, and the same databases, emptied: making their
    hundred indexes anew took an emulated server 5 s."""
    kafka, mongodb = _real("KAFKA"), _real("MONGODB")
    if not kafka:
        yield
        return
    start = Stack.start

    async def start_empty(stack: Stack) -> None:
        if not stack.own_broker:
            await real_servers.empty_topics(stack.kafka)
        if mongodb and stack.mongodb == mongodb:
            stack.databases.update({name: f"{OF_TESTS}{name}" for name in stack.databases})
            real_servers.empty_databases(mongodb, stack.databases.values())
        await start(stack)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stack, "start", start_empty)
        yield
    if mongodb:
        with MongoClient[dict[str, Any]](mongodb) as client:
            for name in client.list_database_names():
                if name.startswith(OF_TESTS):
                    client.drop_database(name)


class PausableStack(Stack):
    """A system whose real servers, started by this run, can be paused and resumed by the stand-ins' names."""

    def pause(self, name: str) -> None:
        self._send(name, signal.SIGSTOP) or super().pause(name)

    def resume(self, name: str) -> None:
        self._send(name, signal.SIGCONT) or super().resume(name)

    def _send(self, name: str, number: signal.Signals) -> bool:
        if _started is None or name in self.children or name not in ("broker", "store"):
            return False
        _started.send("broker" if name == "broker" else "store", number)
        return True


@pytest.fixture(scope="module")
def servers_may_be_paused() -> Iterator[None]:
    """Servers given by their address are not ours to pause: stand-ins take their place."""
    with pytest.MonkeyPatch.context() as patched:
        if _started is None:
            patched.delenv("ENTENTE_KAFKA", raising=False)
            patched.delenv("ENTENTE_MONGODB", raising=False)
        yield


@pytest.fixture(scope="session")
def _mongodb_for_cleaning(mongodb_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        yield client


@pytest.fixture
def database_name(_mongodb_for_cleaning: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """A name no other test uses; databases that begin with it are dropped when the test has ended."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield name
    for found in _mongodb_for_cleaning.list_database_names():
        if found.startswith(name):
            _mongodb_for_cleaning.drop_database(found)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix no other test uses, ending in a dot."""
    return f"t{uuid.uuid4().hex[:12]}."
