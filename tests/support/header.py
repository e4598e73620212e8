"""The first lines of a test run: which servers it uses, what it leaves out, and what it therefore does not prove."""

from __future__ import annotations

import os

from tests.support import real_cluster

KAFKA_UNTESTED = "rebalance of several members, fencing, durability, retention, elections"
MONGODB_UNTESTED = "durability beyond one process, elections"
NOT_OURS = "a broker or store that hangs or dies (given by its address, it is not this run's to kill: a stand-in is)"
LEFT_OUT = {
    "long": "a state said again, a rebuild that is killed ('make deep', 'make test-real'); registration lost and put "
    "back, a view made again by a restore, three whole cases under kill -9, an audit under load, a database lost in a "
    "case ('make deep')",
    "stand_ins": "what 'make test' and 'make deep' show: commands as runbook and first request have them, make dev, "
    "Ctrl-C in the demo, 16 MB beside a small cache, wrong checksums, an audit under load, a database lost in the "
    "middle of a case and restored, registration lost and put back, a view made again by a restore, the store in "
    "memory, the stand-ins, no server at all; with ENTENTE_STACK 'make deep' alone: the runbook's procedures with "
    "Kafka's own tools (tests/real/procedures)",
}
"""What a run leaves out by its mark."""
IN_CLUSTER = (
    "tests/real/cluster: its test of a killed broker keeps documents on the stand-in store (NOT TESTED: a broker that "
    "dies with a real store), that of a killed primary makes {requests} requests (ENTENTE_REQUESTS; 100 where not set)"
)
"""What the tests on clusters use instead of the whole."""


def lines(
    markexpr: str, *, kafka: str | None, mongodb: str | None, started: str | None, of_workers: str | None
) -> list[str]:
    """Of a run with these marks on these servers, by their addresses. `started` tells what this process has started,
    `of_workers` what each worker starts for itself; None where they have not."""

    def servers(kind: str, given: str | None, stand_in: str, untested: str) -> str:
        if of_workers is not None:
            return f"{kind}: one for each worker, {of_workers}"
        if given:
            origin = f" ({started})" if started is not None else ""
            return f"{kind}: {given.rpartition('@')[2]}{origin}"  # without a password
        return f"{kind}: embedded stand-in ({stand_in}); NOT TESTED by this run: {untested}"

    return [
        *(f"NOT RUN: {what}" for mark, what in LEFT_OUT.items() if f"not {mark}" in markexpr),
        servers("Kafka", kafka, "librdkafka's mock cluster", KAFKA_UNTESTED),
        servers("MongoDB", mongodb, "nx-27017 over SQLite", MONGODB_UNTESTED),
        *_of_real_servers(given=bool(kafka and mongodb), ours=started is not None or of_workers is not None),
    ]


def _of_real_servers(*, given: bool, ours: bool) -> list[str]:
    if not (given or ours):
        return ["NOT RUN: tests/real, which need real servers ('make test-real'; ENTENTE_SERVERS=auto looks for some)"]
    said = [] if ours else [f"NOT TESTED on these servers: {NOT_OURS}; NOT RUN: tests/real/away"]
    if not os.environ.get("ENTENTE_STACK"):
        return [*said, "NOT RUN: tests/real/cluster, which need three brokers and three members from ENTENTE_STACK"]
    said.append(IN_CLUSTER.format(requests=real_cluster.REQUESTS))
    if not os.environ.get("ENTENTE_CLUSTER"):
        said.append(
            "NOT RUN: tests/real/cluster/durable, which 'make defects REAL=1' runs with and without their defects"
        )
    return said
