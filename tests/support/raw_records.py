"""Records as anybody may have written them onto a topic: good ones, and good ones with something wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import shared.contracts
from shared.contracts.topics import TOPICS

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
CORRELATION = "cor_sample"


@dataclass(frozen=True)
class Raw:
    """A record as the Kafka client hands it out."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = (("correlation_id", CORRELATION.encode()),)
    partition: int = 0
    offset: int = 0
    timestamp: int = 0


@cache
def examples() -> tuple[tuple[str, str], ...]:
    """(topic, envelope as JSON) of one event of every type, all of one correlation."""
    found = []
    for file in sorted(EXAMPLES.glob("*/*.json")):
        envelope = json.loads(file.read_text()) | {"correlation_id": CORRELATION}
        found.append((file.parent.name, json.dumps(envelope)))
    return tuple(found)


def example(type_: str) -> tuple[str, dict[str, Any]]:
    """Topic and envelope of a good event of this type."""
    found = ((topic, json.loads(said)) for topic, said in examples())
    return next((topic, said) for topic, said in found if said["type"] == type_)


def example_on(topic: str) -> dict[str, Any]:
    """Envelope of a good event of this topic."""
    return next(json.loads(said) for name, said in examples() if name == topic)


def raw(topic: str, envelope: dict[str, Any], **changed: Any) -> Raw:
    """The record of an envelope, under the key it is about."""
    made = {"key": str(envelope["aggregate"]["id"]).encode(), "value": json.dumps(envelope).encode()}
    return Raw(topic, **{**made, **changed})


_ODD = st.sampled_from(
    [None, True, 0, -1, 999_999, 10**14, 10**30, 1e300, "", "x", "evt_1", "2030-01-07T09:00:00", "0001-01-01T00:00:00Z"]
)
ANYTHING = st.recursive(_ODD, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner))
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["event_id", "sequence", "correlation_id", "type", "other", "nul\0"]),
        st.sampled_from([None, b"", b"3", b"999999", b"\xff", b"9" * 5000, CORRELATION.encode()]),
    ),
    max_size=3,
)
VALUES = st.sampled_from([None, b"", b"null", b"{", b"[]", b"[" * 3000, b"9" * 5000, b"\xff"])
TIMES = st.sampled_from([0, -1, 1_900_000_000_000, 2**62, -(2**62)])


@st.composite
def records(draw: st.DrawFn) -> Raw:
    """One of any type, with up to three places of it changed or taken away, or with another value altogether."""
    topic, said = draw(st.sampled_from(examples()))
    envelope = json.loads(said)
    key = str(envelope["aggregate"]["id"]).encode()
    for _ in range(draw(st.integers(0, 3))):
        holder, name = draw(st.sampled_from(list(_places(envelope))))
        if draw(st.booleans()):
            holder[name] = draw(ANYTHING)
        else:
            holder.pop(name, None)
    value = draw(VALUES) if draw(st.integers(0, 4)) == 0 else json.dumps(envelope).encode()
    headers = tuple(draw(HEADERS))
    if draw(st.booleans()):
        headers = (*headers, ("correlation_id", CORRELATION.encode()))
    return Raw(
        topic if draw(st.integers(0, 9)) else draw(st.sampled_from(sorted(TOPICS))),
        draw(st.sampled_from([key, key, key, None, b"\xff"])),
        value,
        headers,
        draw(st.integers(0, 1)),
        draw(st.integers(0, 2**40)),
        draw(TIMES),
    )


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    """(holder, name) of everything in objects, at any depth."""
    if isinstance(found, dict):
        for name, below in found.items():
            yield found, name
            yield from _places(below)
    elif isinstance(found, list):
        for below in found:
            yield from _places(below)
