"""What a group leaves without effect wherever it comes: what operators discarded, and what a restore passes over."""

from __future__ import annotations

from shared.clock import Clock
from shared.messaging.parked import ParkedKey, parked
from shared.messaging.parking import ParkingLot, lot_id
from shared.messaging.record import Record, shown


class PassedOver:
    """The records of one topic that one group passes over, as its lot stood when it was last read.

    Kept in memory, so that looking a record up costs no call. Only what is parked can be discarded: whoever knows the
    keys that had events waiting when this was read, or since, and reads each of those again before it handles a record
    of it (`read_key`), misses no discard, through whatever replica it came."""

    def __init__(self, lot: ParkingLot, group: str, topic: str, clock: Clock) -> None:
        self._lot = lot
        self._group = group
        self._topic = topic
        self._clock = clock
        self._keys: dict[str, ParkedKey] = {}

    async def read(self) -> None:
        """Read all keys. Raises StoreAway, and then has changed nothing."""
        self._keys = await self._lot.keys_passing_over(self._group, self._topic)

    async def read_key(self, key: str) -> None:
        """Read one key again; `key` as `shown` writes it. Raises StoreAway."""
        if (state := await self._state(key)) is not None:
            self._keys[key] = state

    def holds(self, record: Record) -> bool:
        """Whether this very record is passed over: by partition, offset, and event id or bytes."""
        state = self._keys.get(shown(record.key)) if self._keys else None
        return state is not None and state.passes_over(parked(record, self._clock.now()))

    async def sequences(self, key: str) -> frozenset[int]:
        """The sequences of a key that leave no gap, from the lot; `key` as the aggregate's id. Raises StoreAway."""
        state = await self._state(shown(key.encode()))
        return frozenset() if state is None else frozenset(state.discarded)

    async def _state(self, key: str) -> ParkedKey | None:
        stored = await self._lot.get(lot_id(self._group, self._topic, key))
        return None if stored is None else stored.state
