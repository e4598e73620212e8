"""Real servers for a whole test run: the start script's, containers where a Docker engine answers, or those given.

What this run has started it may also freeze, kill and bring back; servers that were given by their address it leaves
alone, except for the catalogue's topics, which each system under test wants empty.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from confluent_kafka.admin import AdminClient
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.embedded.broker import client as silent_client
from deploy.embedded.process import free_port
from deploy.services import SERVICES
from deploy.terminal.backups.taking import BESIDE
from shared.contracts.topics import TOPICS
from tests.support.eventually import eventually
from tests.support.real_cluster import NoServer, RealCluster, guard, start_script

Kind = Literal["broker", "store"]
KAFKA_IMAGE, MONGODB_IMAGE = "apache/kafka:4.3.1", "mongo:7.0.11"
STARTED_WITHIN = 120.0
"""Seconds a container may take until it answers."""

MEND = (
    "no real Kafka and MongoDB to be had: set ENTENTE_STACK to a start script (make test-real "
    "ENTENTE_STACK=../shared/stack/up), or ENTENTE_KAFKA and ENTENTE_MONGODB, or start a Docker engine"
)

NO_IMAGE = (
    f"the Docker engine starts no {KAFKA_IMAGE} and {MONGODB_IMAGE}: pull them where they are missing, or set "
    "ENTENTE_STACK to a start script"
)


class Servers(Protocol):
    """One broker and one store that this run has started."""

    told: str
    """What they are, for the report's header."""

    @property
    def kafka(self) -> str: ...
    @property
    def mongodb(self) -> str: ...

    def send(self, kind: Kind, number: signal.Signals) -> None:
        """SIGKILL ends one as a crash does, SIGSTOP freezes it, SIGCONT lets it go on."""
        ...

    def revive(self, kind: Kind) -> None:
        """Start a killed one again, on its data, at its address; blocks until it answers."""
        ...

    def stop(self) -> None:
        """Stop both and remove their data. Safe at any time."""
        ...


class ByScript:
    """Servers of the start script that ENTENTE_STACK names."""

    told = "started by the script that ENTENTE_STACK names"

    def __init__(self, script: Path) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="entente-servers-"))
        self.cluster = RealCluster(script, self._place / "stack")
        try:
            self.cluster.start()
        except BaseException:
            self.stop()
            raise

    @property
    def kafka(self) -> str:
        return self.cluster.kafka

    @property
    def mongodb(self) -> str:
        return self.cluster.mongodb

    def send(self, kind: Kind, number: signal.Signals) -> None:
        self.cluster.send(_NODE[kind], number)

    def revive(self, kind: Kind) -> None:
        self.cluster.revive()

    def stop(self) -> None:
        self.cluster.stop()
        shutil.rmtree(self._place, ignore_errors=True)


_NODE: dict[Kind, str] = {"broker": "kafka-1", "store": "mongo-1"}


class ByContainers:
    """Generic containers of the public images: testcontainers' own modules start another Kafka, and a MongoDB that is
    no replica set."""

    told = f"containers of {KAFKA_IMAGE} and {MONGODB_IMAGE}"

    def __init__(self) -> None:
        os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # the run stops its containers itself
        os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
        self._ports: dict[Kind, int] = {"broker": free_port(), "store": free_port()}
        self._containers: dict[Kind, Any] = {}
        self._guard: subprocess.Popen[bytes] | None = None
        self.kafka = f"127.0.0.1:{self._ports['broker']}"
        self.mongodb = f"mongodb://127.0.0.1:{self._ports['store']}/?directConnection=true"
        from docker.errors import DockerException
        from requests import RequestException

        try:
            self._start()
        except (DockerException, RequestException) as error:
            self.stop()
            raise NoServer(f"{NO_IMAGE} ({' '.join(str(error).split())[:200]})") from None
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        from testcontainers.core.container import DockerContainer

        broker: Any = DockerContainer(KAFKA_IMAGE)
        # with_bind_ports takes a port alone, and would open it on all addresses
        broker.ports[9092] = ("127.0.0.1", self._ports["broker"])
        for name, value in _kafka_variables(self.kafka).items():
            broker = broker.with_env(name, value)
        store: Any = DockerContainer(MONGODB_IMAGE).with_command("--replSet rs0")
        store.ports[27017] = ("127.0.0.1", self._ports["store"])
        self._containers = {"broker": broker, "store": store}
        for container in self._containers.values():
            container.start()
        self._guard = guard("containers", *(it.get_wrapped_container().id for it in self._containers.values()))
        _wait("the store", self._initiated)
        _wait("the broker", self._answers)

    def _initiated(self) -> bool:
        with MongoClient[dict[str, Any]](self.mongodb, serverSelectionTimeoutMS=1000) as client:
            try:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
                members = [{"_id": 0, "host": "127.0.0.1:27017"}]
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
            except PyMongoError:
                return False
        return False

    def _answers(self) -> bool:
        try:
            return bool(silent_client(**{"bootstrap.servers": self.kafka}).list_topics(timeout=1).brokers)
        except Exception:  # noqa: BLE001 - whatever it says: not yet
            return False

    def send(self, kind: Kind, number: signal.Signals) -> None:
        calls = {signal.SIGKILL: "kill", signal.SIGSTOP: "pause", signal.SIGCONT: "unpause"}
        container = self._containers[kind].get_wrapped_container()
        container.reload()
        if container.status in ("running", "paused") and (number is signal.SIGCONT) == (container.status == "paused"):
            getattr(container, calls[number])()

    def revive(self, kind: Kind) -> None:
        self._containers[kind].get_wrapped_container().start()
        _wait("the revived server", self._answers if kind == "broker" else self._initiated)

    def stop(self) -> None:
        for container in self._containers.values():
            if container.get_wrapped_container() is not None:
                container.stop()
        if self._guard is not None:
            self._guard.communicate()
            self._guard = None


def _kafka_variables(address: str) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{address}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }


def _wait(what: str, condition: Callable[[], bool]) -> None:
    import asyncio

    try:
        asyncio.run(eventually(condition, within=STARTED_WITHIN, what=what, every=0.3))
    except AssertionError as error:
        raise NoServer(str(error)) from None


def docker_answers() -> bool:
    """Whether a Docker engine does."""
    try:
        import docker

        engine = docker.from_env(timeout=5)
        try:
            return bool(engine.ping())
        finally:
            engine.close()
    except Exception:  # noqa: BLE001 - no client, no socket, no rights: no engine
        return False


@dataclass(frozen=True, slots=True)
class ToBeHad:
    """Servers that a run may start."""

    told: str
    start: Callable[[], Servers]


def to_be_had(wanted: str) -> ToBeHad | None:
    """What this run can start: None where both are given by their address, or where stand-ins are to be used.

    `wanted` is ENTENTE_SERVERS: `embedded` wants nothing real, `auto` what can be had, `real` insists: NoServer.
    """
    if wanted == "embedded" or all(os.environ.get(name) for name in ("ENTENTE_KAFKA", "ENTENTE_MONGODB")):
        return None
    if (script := start_script()) is not None:
        return ToBeHad(ByScript.told, lambda: ByScript(script))
    if docker_answers():
        return ToBeHad(ByContainers.told, ByContainers)
    if wanted == "real":
        raise NoServer(MEND)
    return None


async def empty_topics(kafka: str) -> None:
    """Remove the catalogue's topics and the groups of the services, so that a system begins with nothing.

    ValueError for a broker that is not on this machine: a test run erases nothing elsewhere.
    """
    hosts = {address.strip().rpartition(":")[0] for address in kafka.split(",")}
    if not hosts <= {"127.0.0.1", "localhost"}:
        raise ValueError(f"the tests empty the catalogue's topics, and do so on this machine alone, not on {kafka}")
    admin = AdminClient({"bootstrap.servers": kafka, "log_level": 2})

    def here() -> list[str]:
        return [name for name in admin.list_topics(timeout=10).topics if name in TOPICS]

    if found := here():
        for gone in admin.delete_topics(found, operation_timeout=30).values():
            gone.result()
        await eventually(lambda: not here(), within=30, what="the topics are gone")
    groups = [group.group_id for group in admin.list_consumer_groups().result().valid]
    ours = [group for group in groups if group.split(".")[0] in SERVICES]
    for left in admin.delete_consumer_groups(ours).values() if ours else ():
        left.exception()  # one with members keeps nothing either: its offsets went with the topics


def empty_databases(mongodb: str, names: Iterable[str]) -> None:
    """Remove every document of these databases, and collections that a rebuild has left; indexes stay."""
    with MongoClient[dict[str, Any]](mongodb) as client:
        for name in names:
            for collection in client[name].list_collection_names():
                if BESIDE in collection:
                    client[name][collection].drop()
                else:
                    client[name][collection].delete_many({})
