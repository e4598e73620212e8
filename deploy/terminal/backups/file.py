"""The file of a backup: a head, every document as BSON, and an end that tells whether all of it is there.

Compressed with gzip. The end carries the number of documents per collection and the SHA-256 of everything before it, so
a file that was cut off or changed anywhere is told from a whole one before anything is done with it.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
from bson.errors import BSONError
from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.terminal.failing import Exit, Failed

FORMAT = 1
LEVEL = 6
LARGEST = 32 * 1024 * 1024
"""Bytes of one row; a document of MongoDB has at most 16 MiB."""
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
"""A backup holds people: only its owner reads it. A folder that was there before keeps its own mode."""


class Head(BaseModel):
    """What a backup is of, and where the topics stood when it began."""

    model_config = ConfigDict(frozen=True)

    format: int
    service: str
    database: str
    taken_at: str
    groups: dict[str, dict[str, list[int]]]
    """consumer group -> topic -> the offset committed on each partition, read before any document"""
    lasts: dict[str, dict[str, list[str | None]]] = {}
    """consumer group -> topic -> what tells the last record before that offset; older backups have none"""
    ends: dict[str, list[int]]
    """topic of this service -> where each partition ended"""
    own_lasts: dict[str, list[str | None]] = {}
    """topic of this service -> what tells the last record before that end; older backups have none"""
    announces: list[tuple[str, str]]
    """collection, topic"""


class Whole(BaseModel):
    """A file that has been read to its end and is as it was written."""

    model_config = ConfigDict(frozen=True)

    head: Head
    counts: dict[str, int]
    sha256: str


class Writing:
    """Writes one backup, into a folder that is made where there is none. Until `end` it lies beside its name, with
    `.part` behind it; a name that is taken is kept."""

    def __init__(self, path: Path, head: Head) -> None:
        self.path = path
        self.head = head
        self._beside = path.with_name(path.name + ".part")
        self._counts: Counter[str] = Counter()
        self._sum = hashlib.sha256()
        with on_disk(path):
            path.parent.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
            handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        self._raw = os.fdopen(handle, "wb")
        try:
            with on_disk(path):
                self._zipped = gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=LEVEL, mtime=0)
            self._row({"head": head.model_dump()})
        except BaseException:
            self.give_up()
            raise

    def document(self, collection: str, document: dict[str, Any]) -> None:
        """One document as it was read."""
        self._counts[collection] += 1
        self._row({"collection": collection, "document": document})

    def end(self) -> Whole:
        """The file is whole, on disk and has its name."""
        with on_disk(self.path):
            self._zipped.write(bson.encode({"counts": dict(self._counts), "sha256": self._sum.hexdigest()}))
            self._zipped.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            self._beside.replace(self.path)
        return check(self.path)

    def give_up(self) -> None:
        """Leave no file."""
        with contextlib.suppress(OSError):  # a full disk refuses what is still in memory once more
            self._raw.close()
        with contextlib.suppress(OSError):
            self._beside.unlink(missing_ok=True)

    def _row(self, row: dict[str, Any]) -> None:
        encoded = bson.encode(row)
        self._sum.update(encoded)
        with on_disk(self.path):
            self._zipped.write(encoded)


@contextlib.contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Failed (usage) where this machine does not let the file, or what is in that folder, be written."""
    try:
        yield
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror or type(error).__name__}; give a folder with room with --to",
            Exit.USAGE,
        ) from None


def check(path: Path) -> Whole:
    """Read all of it. Failed where it is no backup, or not as it was written."""
    head: Head | None = None
    counts: Counter[str] = Counter()
    summed, said = hashlib.sha256(), None
    for encoded, row in _rows(path):
        if said is not None:
            raise damaged(path, "something follows its end")
        if "sha256" in row:
            said = row
            continue
        summed.update(encoded)
        if head is None:
            head = _head(path, row)
        elif "collection" not in row:
            raise damaged(path, "a document of it is of no collection")
        else:
            counts[str(row["collection"])] += 1
    if head is None or said is None:
        raise damaged(path, "its end is missing")
    if said["sha256"] != summed.hexdigest() or said.get("counts") != dict(counts):
        raise damaged(path, "its checksum or its counts do not agree with what it holds")
    return Whole(head=head, counts=dict(counts), sha256=summed.hexdigest())


def documents_of(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Collection and document, in the order in which they were read. Of a file that was checked."""
    for _, row in _rows(path):
        if "document" in row:
            yield str(row["collection"]), row["document"]


def damaged(path: Path, why: str) -> Failed:
    """The one line for a file that must not be used."""
    return Failed(f"{path} is damaged or not a backup: {why}; nothing was changed, take another file", Exit.USAGE)


def _head(path: Path, row: dict[str, Any]) -> Head:
    try:
        head = Head.model_validate(row["head"])
    except (KeyError, ValidationError):
        raise damaged(path, "it does not begin as a backup does") from None
    if head.format != FORMAT:
        raise Failed(f"{path} has format {head.format}; this program reads {FORMAT}", Exit.USAGE)
    return head


def _rows(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    try:
        with gzip.open(path, "rb") as stream:
            while encoded := _one(stream):
                yield encoded, bson.decode(encoded)
    except FileNotFoundError:
        raise Failed(f"{path} is not there", Exit.USAGE) from None
    except OSError as error:
        if error.errno is None:  # gzip's word for what it cannot unpack
            raise damaged(path, f"{type(error).__name__} {error}"[:120]) from None
        raise Failed(f"{path} cannot be read: {error.strerror}", Exit.USAGE) from None
    except (EOFError, zlib.error, BSONError, ValueError) as error:
        raise damaged(path, f"{type(error).__name__} {error}"[:120]) from None


def _one(stream: gzip.GzipFile) -> bytes:
    size = stream.read(4)
    if not size:
        return b""
    length = int.from_bytes(size, "little")
    if not 5 <= length <= LARGEST:
        raise ValueError(f"a row of {length} bytes")
    return size + stream.read(length - 4)
