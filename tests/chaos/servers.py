"""Whether a cluster of three is whole again: only then may the next server die, or two of three are away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.contracts.topics import TOPICS
from tests.chaos.plan import PRIMARY, SECONDARY
from tests.support.eventually import eventually
from tests.support.real_cluster import RealCluster

WHOLE_WITHIN = 180.0


async def whole(cluster: RealCluster) -> None:
    """Return when every partition has all its replicas in sync and every store member its role."""
    await eventually(lambda: _brokers_whole(cluster), within=WHOLE_WITHIN, what="all replicas in sync", every=0.5)
    await eventually(lambda: _store_whole(cluster), within=WHOLE_WITHIN, what="all store members up", every=0.5)


async def _brokers_whole(cluster: RealCluster) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.kafka.split(","), request_timeout_ms=5_000)
    try:
        await admin.start()
        described: list[dict[str, Any]] = await admin.describe_topics([*TOPICS, "__consumer_offsets"])
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return all(len(p["isr"]) == len(cluster.brokers) for t in described for p in t["partitions"])


async def _store_whole(cluster: RealCluster) -> bool:
    roles = list((await asyncio.to_thread(_roles, cluster)).values())
    return roles.count("PRIMARY") == 1 and roles.count("SECONDARY") == len(cluster.members) - 1


def _roles(cluster: RealCluster) -> dict[str, str]:
    """Member -> its role, as the primary sees it; empty while there is none."""
    try:
        with MongoClient[dict[str, Any]](cluster.mongodb, serverSelectionTimeoutMS=3_000) as client:
            found = client.admin.command("replSetGetStatus")["members"]
    except PyMongoError:
        return {}
    ports = sorted(int(member["name"].rpartition(":")[2]) for member in found)
    return {
        cluster.members[ports.index(int(member["name"].rpartition(":")[2]))]: member["stateStr"] for member in found
    }


async def node_of(cluster: RealCluster, victim: str) -> str:
    """The server a plan means: a broker by its name, the store's members by the roles they have now."""
    if victim not in (PRIMARY, SECONDARY):
        return victim
    wanted = "PRIMARY" if victim == PRIMARY else "SECONDARY"

    async def found() -> str:
        roles = await asyncio.to_thread(_roles, cluster)
        return next((member for member, role in sorted(roles.items()) if role == wanted), "")

    node: str = await eventually(found, within=WHOLE_WITHIN, what=f"a {victim}", every=0.5)
    return node


async def writes_so_far(cluster: RealCluster, databases: Iterable[str]) -> int:
    """Writes that all documents have seen: each has counted its own in `revision`."""
    return await asyncio.to_thread(_revisions, cluster, list(databases))


def _revisions(cluster: RealCluster, databases: list[str]) -> int:
    total = [{"$group": {"_id": None, "writes": {"$sum": "$revision"}}}]
    with MongoClient[dict[str, Any]](cluster.mongodb) as client:
        collections = [client[name][found] for name in databases for found in client[name].list_collection_names()]
        return sum(int(row["writes"]) for each in collections for row in each.aggregate(total))
