"""What must hold of every broker that a service builds, and of every source file. Reads private attributes of
FastStream in this one place: the first thing to look at after an upgrade."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.middlewares import AckPolicy

from shared.contracts.topics import TOPICS
from shared.messaging.broker import hand_over, keep_raw


def broker_faults(broker: KafkaBroker, service: str, *, prefix: str = "") -> list[str]:
    """What breaks the house's rules on a built broker; empty when all is well."""
    given = broker._connection_kwargs
    faults = []
    if given.get("acks") not in ("all", -1) or not given.get("enable_idempotence"):
        faults.append("the broker does not publish idempotently with all acknowledgements")
    if broker.config.broker_config.allow_auto_create_topics:
        faults.append("the broker makes topics by itself")
    groups: set[str | None] = set()
    subscriber: Any
    for subscriber in broker.subscribers:
        told = f"subscriber {subscriber.group_id}"
        faults += [f"{told}: {fault}" for fault in _subscriber_faults(subscriber, service, prefix)]
        if subscriber.group_id in groups:
            faults.append(f"{told}: its group is used twice")
        groups.add(subscriber.group_id)
    return faults


def _subscriber_faults(subscriber: Any, service: str, prefix: str) -> Iterator[str]:
    given = subscriber._connection_args
    if subscriber.ack_policy is not AckPolicy.MANUAL:
        yield f"acknowledges by {subscriber.ack_policy}"
    if given.get("enable_auto_commit") is not False:
        yield "commits by itself"
    if not (subscriber.group_id or "").startswith(f"{service}."):
        yield f"its group is not <{service}>.<concern>"
    if given.get("auto_offset_reset") != "earliest":
        yield "does not begin with the earliest record"
    if given.get("group_instance_id") is not None:
        yield "shares a static membership"
    if not subscriber._no_reply:
        yield "replies"
    names = [topic.name for topic in subscriber.topics]
    if len(names) != 1 or names[0].removeprefix(prefix) not in TOPICS:
        yield f"listens to {names} instead of one catalogued topic"
    if not isinstance(subscriber, BatchSubscriber) or not subscriber.max_records:
        yield "is no batch subscriber with a bound"
    for call in subscriber.calls:
        parser, decoder = subscriber._call_options.parser, subscriber._call_options.decoder
        if (call.item_parser or parser) is not keep_raw or (call.item_decoder or decoder) is not hand_over:
            yield "does not take raw records"
        if typed := list(_typed(call.handler._declared_call)):
            yield f"its handler is typed ({', '.join(typed)}): one malformed record would take its batch with it"


def _typed(handler: Any) -> Iterator[str]:
    for parameter in inspect.signature(handler).parameters.values():
        told = str(parameter.annotation)
        if parameter.annotation is not inspect.Parameter.empty and told not in ("Batch", "Any"):
            yield told


KERNEL_CALLS = {"publish", "commit", "ack", "nack", "reject"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
MADE_UP = {"new_id", "uuid1", "uuid4"}
CLIENTS = {
    "AsyncMongoClient",
    "AsyncIOMotorClient",
    "MongoClient",
    "KafkaBroker",
    "AIOKafkaProducer",
    "AIOKafkaConsumer",
}

SLEEPERS = {
    "tests/support/eventually.py": "waits for every other test",
    "tests/support/load.py": "the pause of a caller before it looks or tries again",
    "tests/support/kills.py": "the moment of a kill, from the seed",
    "tests/chaos/killing.py": "the moment of a kill and how long its victim stays down, from the plan",
    "tests/chaos/run.py": "tells every 20 s how far a run has come",
    "tests/rolling/caller.py": "the pause of a caller between two requests",
    "tests/component/runtime/tiny_service.py": "an answer that takes as long as it is asked to",
}
"""Who may sleep among the tests, and why."""


def sleep_faults(root: Path) -> list[str]:
    """Sleeps in the tests below `root`, and exceptions that nobody needs. A sleep of 0 only yields to the loop."""
    found: dict[str, list[int]] = {}
    for path in sorted(root.glob("tests/**/*.py")):
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        if lines := [call.lineno for call in calls if _sleeps(call)]:
            found[str(path.relative_to(root))] = lines
    faults = [
        f"{place}:{line}: a test waits for a condition (tests/support/eventually.py), not for a time"
        for place, lines in found.items()
        for line in lines
        if place not in SLEEPERS
    ]
    return faults + [f"{place} does not sleep any more" for place in SLEEPERS if place not in found]


def _sleeps(call: ast.Call) -> bool:
    """Whether the call is one of any module's `sleep`, other than for 0 s."""
    named = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    yields = [ast.unparse(argument) for argument in call.args] == ["0"]
    return named == "sleep" and not yields


def source_faults(root: Path) -> list[str]:
    """What breaks the house's rules in the sources of `services` and `shared` below `root`."""
    faults = []
    for path in sorted([*root.glob("services/**/*.py"), *root.glob("shared/**/*.py")]):
        place = path.relative_to(root)
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) >= 300:
            faults.append(f"{place}: 300 lines or more")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                faults += [f"{place}:{node.lineno}: {fault}" for fault in _call_faults(node, place.parts)]
    return faults


def _call_faults(call: ast.Call, place: tuple[str, ...]) -> Iterator[str]:
    called = call.func
    if isinstance(called, ast.Attribute):
        if called.attr in KERNEL_CALLS and place[:2] != ("shared", "messaging"):
            yield f".{called.attr}() belongs to shared/messaging alone"
        of = called.value.id if isinstance(called.value, ast.Name) else ""
        if (of, called.attr) in CLOCKS and place[0] == "services":
            yield f"{of}.{called.attr}() asks no clock that a test can move"
        if called.attr == "sleep" and isinstance(called.value, ast.Name) and called.value.id == "time":
            yield "time.sleep() stops the event loop"
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    if name in MADE_UP and place[2:3] == ("domain",):
        yield f"{name}() makes a decision that differs each time it is taken"
    if name in CLIENTS and place[0] != "shared":
        yield f"{name}() is made in shared alone"
