"""A Kafka stand-in: librdkafka's mock cluster as a process of its own.

    python -m deploy.embedded.broker [--topics-file FILE] [TOPIC …]

Prints `{"kafka": "127.0.0.1:PORT"}` when every given topic exists (4 partitions each, the mock's own number)
and stays until SIGTERM, SIGINT or the end of its parent. The mock takes any free port; none can be asked for.

It keeps about 5 MB per partition in memory and drops the head silently. It proves nothing about rebalances
among several members, fencing, durability, retention or elections.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from confluent_kafka import KafkaException, Producer

from deploy.embedded import mock
from deploy.embedded.leash import die_with_parent

PARTITIONS = 4
JOIN_MS = 100  # groups of one or few, on one machine
LOG_LEVEL_CRITICAL = 2  # syslog's scale: the mock greets every client at 5


def command(topics: Iterable[str]) -> tuple[str, ...]:
    """The command line that starts it with `topics`."""
    return (sys.executable, "-m", "deploy.embedded.broker", *topics)


def client(**settings: str | int) -> Producer:
    """A producer that says nothing on the terminal."""
    silent = logging.Logger("librdkafka")  # outside the tree: no handler, no output
    silent.addHandler(logging.NullHandler())
    return Producer({"log_level": LOG_LEVEL_CRITICAL, **settings}, logger=silent)


def touch_topics(addresses: Iterable[str], topics: Iterable[str], *, within: float = 10.0) -> None:
    """Make `topics` exist on the mock at `addresses`: it creates a missing topic that is asked about.

    Raises TimeoutError naming the topic when one has not 4 partitions after `within` seconds.
    A real broker with auto-creation off creates nothing this way.
    """
    producer = client(**{"bootstrap.servers": ",".join(addresses)})
    deadline = time.monotonic() + within
    for topic in topics:
        while True:
            try:
                found = producer.list_topics(topic, timeout=2.0).topics[topic]
                if found.error is None and len(found.partitions) == PARTITIONS:
                    break
            except KafkaException:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"topic {topic} was not made within {within:g} s")
            time.sleep(0.01)


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.broker", description=__doc__.split("\n")[0])
    parser.add_argument("topics", nargs="*", metavar="TOPIC")
    parser.add_argument("--topics-file", type=Path, help="one topic per line")
    arguments = parser.parse_args()
    stopping = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stopping)  # before any thread starts: each would inherit the old mask
    die_with_parent()

    topics: list[str] = list(arguments.topics)
    if arguments.topics_file:
        lines = arguments.topics_file.read_text(encoding="utf-8").splitlines()
        topics += [line.strip() for line in lines if line.strip()]
    address = mock.start(join_ms=JOIN_MS, log_level=LOG_LEVEL_CRITICAL)
    touch_topics([address], topics, within=30.0)
    print(json.dumps({"kafka": address}), flush=True)
    signal.sigwait(stopping)


if __name__ == "__main__":
    main()
