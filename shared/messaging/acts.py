"""What operators do about a parked key: who, when and why stays in its document, with what came of it.

A redrive is noted before it begins. While it is under way nobody mends or discards: what a redrive has in hand would
be done and gone at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.clock import Clock
from shared.contracts.envelope import Actor
from shared.contracts.topics import TOPICS
from shared.errors import Invalid, Refused
from shared.given import read_json
from shared.ids import new_id
from shared.messaging.event import Event, Malformed, decode
from shared.messaging.parked import Act, ParkedEvent, ParkedKey, What
from shared.store import Cause, Command, Decision, Origin, Outcome, Step, Store

Place = tuple[int, int]
"""Partition and offset: the event an operator has looked at."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does it and why."""

    who: str
    role: str
    reason: str


class Acts:
    """Notes, mends, discards. Every method raises StoreAway while the database does not answer, and stores nothing
    under an unknown id.

    Refused where the key is free, where another event blocks it by now, or while a redrive is under way. Mends and
    discards are commands: one that comes again under its key is answered as it was."""

    def __init__(self, store: Store[ParkedKey], service: str, clock: Clock, full_bytes: int) -> None:
        self._store = store
        self._service = service
        self._clock = clock
        self._full_bytes = full_bytes

    async def begin(self, id_: str, by: By) -> Act | None:
        """Note that a redrive begins; None where nothing waits."""
        noted = new_id("act")

        def decide(state: ParkedKey) -> ParkedKey:
            if not state.events:
                return state
            return state.with_act(_act(noted, "redrive", by, state.events[0], self._clock))

        after = (await self._change(id_, _step(id_, by), decide)).stored
        return None if after is None else next((act for act in after.state.acts if act.id == noted), None)

    async def end(self, id_: str, by: By, begun: Act, came_of: str) -> None:
        """Note what came of a redrive."""
        ended = begun.model_copy(update={"came_of": came_of})
        await self._change(id_, _step(id_, by), lambda state: state.with_act(ended))

    async def mend(
        self, id_: str, place: Place, value: bytes, by: By, command: Command | None = None
    ) -> Outcome[ParkedKey]:
        """Give the event that blocks the key another value. It stays the same event: same key, id and sequence, so
        that its effect still happens once. Invalid where the value is no event of the topic, or another one."""
        noted = new_id("act")

        def decide(state: ParkedKey) -> ParkedKey:
            first = self._first(state, place)
            self._check(state, first, value)
            act = _act(noted, "mend", by, first, self._clock, came_of="mended")
            after = state.with_first_mended(value).with_act(act)
            if after.size > self._full_bytes:
                raise Refused("the key's document would become too large", mend="Redrive first, or discard.")
            return after

        return await self._change(id_, command or _step(id_, by), decide)

    async def discard(self, id_: str, place: Place, by: By, command: Command | None = None) -> Outcome[ParkedKey]:
        """Take the event that blocks the key out for good. It will never be handled here, and leaves no gap."""
        noted = new_id("act")

        def decide(state: ParkedKey) -> ParkedKey:
            first = self._first(state, place)
            came_of = f"discarded; {len(state.events) - 1} left"
            act = _act(noted, "discard", by, first, self._clock, came_of=came_of)
            return state.without_first_ever(act.sequence).with_act(act)

        return await self._change(id_, command or _step(id_, by), decide)

    def _first(self, state: ParkedKey, place: Place) -> ParkedEvent:
        """The event that blocks the key, if it is the one meant and nobody has it in hand."""
        if not state.events:
            raise _free(state)
        first = state.events[0]
        if first.place != place:
            raise Refused(
                f"{state.key[:80]} is blocked by the event at {first.partition}/{first.offset} by now, not by the one "
                f"at {place[0]}/{place[1]}.",
                mend="Look at it again before you decide.",
            )
        if (redrive := state.under_way(self._clock.now())) is not None:
            raise Refused(
                f"{redrive.who} has been redriving this key since {redrive.at:%H:%M:%S} UTC.",
                mend="Wait for it, and look again.",
            )
        return first

    def _check(self, state: ParkedKey, first: ParkedEvent, value: bytes) -> None:
        if (topic := TOPICS.get(state.topic)) is None:
            raise Refused(f"{state.topic} is not in the catalogue any more.", mend="Discard the event.")
        event = decode(replace(first.record(), value=value), topic, self._service)
        if not isinstance(event, Event):
            what = f"{event.reason}; {event.detail}".rstrip("; ") if isinstance(event, Malformed) else "a tombstone"
            raise Invalid(f"the value is no event of {state.topic}: {what}.", mend="Nothing was changed.")
        if (twice := read_json(value)[1]) is not None:
            raise Invalid(f"the value gives {twice[:80]!a} twice in one object.", mend="Name each field once.")
        event_id, sequence = first.identity()
        said = event.envelope
        if (event_id or said.event_id, sequence or said.sequence) != (said.event_id, said.sequence):
            raise Invalid(
                f"the value is event {said.event_id} #{said.sequence}, and {event_id} #{sequence} is parked.",
                mend="Keep event_id and sequence: by them each effect happens once.",
            )

    async def _change(self, id_: str, cause: Cause, decide: Callable[[ParkedKey], ParkedKey]) -> Outcome[ParkedKey]:
        return await self._store.change(id_, cause, lambda state: Decision(None if state is None else decide(state)))


def _step(id_: str, by: By) -> Step:
    return Step(origin=Origin(actor=Actor(kind="person", id=by.who, role=by.role), correlation_id=id_))


def _act(id_: str, what: What, by: By, first: ParkedEvent, clock: Clock, *, came_of: str = "") -> Act:
    event_id, sequence = first.identity()
    return Act(
        id=id_,
        at=clock.now(),
        what=what,
        who=by.who,
        role=by.role,
        reason=by.reason,
        partition=first.partition,
        offset=first.offset,
        event_id=event_id,
        sequence=sequence,
        came_of=came_of,
    )


def _free(state: ParkedKey) -> Refused:
    return Refused(f"nothing is parked for {state.key[:80]} any more.", mend="It was redriven or discarded meanwhile.")
