"""Publishing one record and knowing that Kafka has it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidProducerEpoch,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownProducerId,
)

from shared.messaging.client_work import abandon, ended, work_of
from shared.messaging.errors import BrokerAway, Refused
from shared.messaging.options import KafkaOptions

_SPENT = (InvalidProducerEpoch, OutOfOrderSequenceNumber, ProducerClosed, ProducerFenced, UnknownProducerId)
_REFUSALS = (InvalidTopicError, MessageSizeTooLargeError, RecordListTooLargeError, TopicAuthorizationFailedError)
"""What will be said again however often the record is tried as it is."""

LARGEST_REQUEST = 17 * 1024 * 1024
"""Bytes of the largest record the client sends: more than an outbox of at most 16 MiB can hold, so that Kafka alone
judges what is too large (`max.message.bytes`, 1 MiB where nobody raised it), and raising that is enough. The client's
own limit of 1 MiB would keep back what Kafka takes."""

log = structlog.get_logger()


class Producer(Protocol):
    """Publishes records."""

    async def publish(
        self, topic: str, *, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Return when all in-sync replicas have the record; `value` None is a tombstone. Raises BrokerAway where that
        is not known; the record may then be there or not. Raises Refused where Kafka never takes it as it is."""
        ...

    async def close(self, seconds: float) -> None:
        """Release everything within `seconds`."""
        ...


class KafkaProducer:
    """One idempotent producer, connected at the first record; replaced where Kafka does not accept it any more, and
    where its own work has ended by an error.

    While Kafka is away a record waits inside it without being duplicated, however long that takes."""

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._closing: dict[AIOKafkaProducer, asyncio.Task[None]] = {}

    async def publish(
        self, topic: str, *, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        producer = await self._connected()
        record = _Sending(producer, self._options.topic_prefix + topic)
        try:
            await self._while_it_works(producer, record.send(key, value, headers))
        except _REFUSALS as error:
            if record.counted:  # Kafka would take this producer's next record for out of order
                await self._discard(producer)
            raise Refused(f"{error!r:.300}") from error
        except KafkaError as error:
            if isinstance(error, _SPENT) or ended(producer) is not None:
                await self._discard(producer)
            raise BrokerAway(f"{topic}: {error!r:.300}") from error

    async def _while_it_works(self, producer: AIOKafkaProducer, sending: Coroutine[Any, Any, None]) -> None:
        """What `sending` returns or raises; KafkaError where this producer is given up before, since its own work has
        ended or another record has shown that Kafka takes no more from it: it never would be confirmed then. What its
        closing still delivers counts."""
        task = asyncio.ensure_future(sending)
        try:
            while not task.done() and ended(producer) is None and not producer._closed:
                waited = {work for work in work_of(producer).values() if not work.done()}
                await asyncio.wait({task, *waited}, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await self._discard(producer)
            if not task.done():
                raise KafkaError("its producer was given up")
            await task
        finally:
            task.cancel()

    async def close(self, seconds: float) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer, seconds)

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is not None:
            if ended(self._producer) is None:
                return self._producer
            await self._discard(self._producer)
        async with self._connecting:
            if self._producer is None:
                self._producer = await self._connect()
            return self._producer

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=list(self._options.addresses),
            client_id=self._options.client_id,
            acks="all",
            enable_idempotence=True,
            max_request_size=LARGEST_REQUEST,
            metadata_max_age_ms=self._options.metadata_max_age_ms,
        )
        try:
            await self._while_it_works(producer, producer.start())
        except (KafkaError, OSError) as error:
            await _close(producer, 1.0)
            raise BrokerAway(f"{error!r:.300}") from error
        except BaseException:
            await _close(producer, 1.0)
            raise
        return producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        """Replace it; all who had records with it wait until it is closed, which may still deliver them."""
        if self._producer is producer:
            self._producer = None
            log.warning("producer.replaced")
            self._closing[producer] = closing = asyncio.ensure_future(_close(producer, 1.0))
            closing.add_done_callback(lambda _: self._closing.pop(producer, None))
        if (closing_now := self._closing.get(producer)) is not None:
            await asyncio.shield(closing_now)


class _Sending:
    """One record on its way; `counted` once the producer has given it a sequence number."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self.counted = False
        self._producer, self._topic = producer, topic

    async def send(self, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> None:
        """Return when Kafka has confirmed it."""
        confirmed = await self._producer.send(self._topic, value=value, key=key, headers=list(headers))
        self.counted = True
        await confirmed


async def _close(producer: AIOKafkaProducer, seconds: float) -> None:
    try:
        await asyncio.wait_for(producer.stop(), seconds)
    except Exception:  # noqa: BLE001 - it is given up; nothing that it says now changes that
        await abandon(producer)
