"""One raw record as it came from a topic: bytes, not yet trusted to be anything."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

_MARK = "base64:"


class FromKafka(Protocol):
    """The part of a client library's record that is used here."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Record:
    """A record. `value` None is a tombstone. Bytes in a header's name that are no UTF-8 stand there as lone surrogates,
    by Python's `surrogateescape`."""

    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def of(cls, record: FromKafka) -> Record:
        """The same record without the client library around it. A missing key is an empty one."""
        return cls(record.partition, record.offset, record.key or b"", record.value, tuple(record.headers))

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands on its topic: partition and offset."""
        return self.partition, self.offset


class Kept(BaseModel):
    """Bytes as JSON can hold them: text where they are UTF-8, base64 otherwise."""

    model_config = ConfigDict(frozen=True)

    text: str
    base64: bool = False

    @classmethod
    def of(cls, raw: bytes) -> Kept:
        """Keep `raw`."""
        try:
            return cls(text=raw.decode())
        except UnicodeDecodeError:
            return cls(text=base64.b64encode(raw).decode("ascii"), base64=True)

    def raw(self) -> bytes:
        """The bytes that were kept. ValueError where somebody changed the base64 into something else."""
        if not self.base64:
            return self.text.encode()
        try:
            return base64.b64decode(self.text, validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error


def shown(key: bytes) -> str:
    """A key as it is written in logs and in the parking lot; different keys look different."""
    kept = Kept.of(key)
    if kept.base64 or kept.text.startswith(_MARK):
        return _MARK + base64.b64encode(key).decode("ascii")
    return kept.text


def shown_name(name: str) -> str:
    """A header's name as the parking lot keeps it: `shown`, for text in which lone surrogates stand for bytes."""
    return shown(name.encode(errors="surrogateescape"))


def named(kept: str) -> str:
    """The name that `shown_name` made this of."""
    if not kept.startswith(_MARK):
        return kept
    try:
        return base64.b64decode(kept[len(_MARK) :], validate=True).decode(errors="surrogateescape")
    except binascii.Error:
        return kept
