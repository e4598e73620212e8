"""Any interleaving of changes, repeats, crashes and relays loses nothing and doubles nothing.

Every write waits at a gate until it is let through, refused (the database was away before it) or cut off (it was
done, and the writer never heard). Writers and relays are many; the relays publish whatever they loaded.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.store import Answer, Documents, MemoryDocuments, MongoDocuments, SequenceGap, StoreAway
from shared.store.client import close, connect
from tests.support.intercepted_documents import Intercepted
from tests.support.sample_case import case_store, command, happened, noting, reason_of

CASES = st.sampled_from(["case_a", "case_b"])
SOURCES = st.sampled_from(["positions/1", "positions/2"])
WRITES = ("insert", "replace", "confirm", "publish")
FAR = 2**50  # ms


class Interleavings(RuleBasedStateMachine):
    """Memory; a subclass brings another database."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.documents = self.open()
        self.gated = Intercepted(self.documents, before=self.gate, after=self.cut)
        self.store = case_store(self.gated)
        self.waiting: list[tuple[str, asyncio.Future[str]]] = []
        self.stopped = asyncio.Event()  # somebody came to the gate, or is done
        self.cutting: set[asyncio.Task[Any]] = set()
        self.tasks: list[asyncio.Task[Any]] = []
        self.produced: dict[tuple[str, str], int] = defaultdict(int)
        self.accepted: set[tuple[str, str]] = set()
        self.answers: dict[tuple[str, str], Answer] = {}
        self.published: dict[str, list[tuple[int, str]]] = defaultdict(list)

    def open(self) -> Documents:
        return MemoryDocuments("cases")

    def shut(self) -> None:
        """Give back what `open` took."""

    async def gate(self, operation: str, id_: str) -> None:
        if operation not in WRITES:
            return
        turn: asyncio.Future[str] = self.loop.create_future()
        self.waiting.append((f"{operation} {id_}", turn))
        self.stopped.set()
        verdict = await turn
        if verdict == "refused":
            raise StoreAway("planted before the write")
        if verdict == "cut off":
            task = asyncio.current_task()
            assert task is not None
            self.cutting.add(task)

    async def cut(self, operation: str, id_: str) -> None:
        if operation in WRITES and asyncio.current_task() in self.cutting:
            raise StoreAway("planted after the write")

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(coroutine)
        task.add_done_callback(lambda _: self.stopped.set())
        self.tasks.append(task)
        self.settle()

    def moving(self) -> bool:
        """Whether somebody is neither done nor at the gate."""
        return sum(not task.done() for task in self.tasks) > sum(not turn.done() for _, turn in self.waiting)

    def settle(self) -> None:
        """Run until everybody stands at the gate or is done."""

        async def still() -> None:
            async with asyncio.timeout(10):
                while self.moving():
                    self.stopped.clear()
                    await self.stopped.wait()

        self.loop.run_until_complete(still())
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.remove(task)
            task.result()
        self.waiting = [(name, turn) for name, turn in self.waiting if not turn.done()]

    async def event(self, case: str, source: str, sequence: int) -> None:
        try:
            await self.store.change(case, happened(sequence, source), noting(f"{source} {sequence}"))
        except (StoreAway, SequenceGap):
            return
        self.accepted.add((case, f"{source} {sequence}"))

    async def order(self, case: str, key: str) -> None:
        try:
            outcome = await self.store.change(case, command(key), noting(key))
        except StoreAway:
            return
        assert outcome.answer is not None
        assert self.answers.setdefault((case, key), outcome.answer) == outcome.answer
        self.accepted.add((case, key))

    async def relay(self) -> None:
        try:
            for document in await self.documents.pending(older_than_ms=FAR, limit=10):
                for entry in document["outbox"]:
                    await self.gate("publish", document["_id"])
                    self.published[document["_id"]].append((entry["sequence"], reason_of(entry["value"])))
                await self.gated.confirm(document["_id"], document["revision"])
        except StoreAway:
            return

    @rule(case=CASES, source=SOURCES, ahead=st.sampled_from([1, 1, 1, 0, 0, -1, 2]))
    def an_event_comes(self, case: str, source: str, ahead: int) -> None:
        """The next one, one that came before, or one whose predecessor is missing."""
        sequence = max(1, self.produced[case, source] + ahead)
        if ahead == 1:
            self.produced[case, source] += 1
        self.start(self.event(case, source, sequence))

    @rule(case=CASES, key=st.sampled_from(["key 1", "key 2", "key 3"]))
    def a_command_comes(self, case: str, key: str) -> None:
        self.start(self.order(case, key))

    @rule()
    def a_relay_looks(self) -> None:
        self.start(self.relay())

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0, 50), verdict=st.sampled_from(["passed", "passed", "passed", "refused", "cut off"]))
    def one_goes_on(self, which: int, verdict: str) -> None:
        _, turn = self.waiting[which % len(self.waiting)]
        turn.set_result(verdict)
        self.settle()

    @invariant()
    def what_is_published_came_in_order(self) -> None:
        for records in self.published.values():
            assert [n for n, _ in dict.fromkeys(records)] == list(range(1, len(set(records)) + 1))

    def teardown(self) -> None:
        try:
            for _ in range(200):
                for _, turn in self.waiting:
                    turn.set_result("passed")
                self.settle()
                if not self.waiting:
                    break
            self.start(self.relay())
            while self.waiting:
                self.waiting[0][1].set_result("passed")
                self.settle()
            self.loop.run_until_complete(self.everything_is_there_once())
        finally:
            self.shut()
            self.loop.close()

    async def everything_is_there_once(self) -> None:
        assert await self.documents.pending_depth() == (0, None)
        stored = await case_store(self.documents).read_many(["case_a", "case_b"])
        for case, note in self.accepted:
            assert note in stored[case].state.notes
        for case, found in stored.items():
            notes = found.state.notes
            assert len(set(notes)) == len(notes)
            assert found.version == len(notes)
            assert list(dict.fromkeys(self.published[case])) == list(enumerate(notes, start=1))
            for source in ("positions/1", "positions/2"):
                applied = [int(note.split()[1]) for note in notes if note.startswith(source)]
                assert applied == list(range(1, len(applied) + 1))


def test_any_interleaving_in_memory() -> None:
    run_state_machine_as_test(Interleavings, settings=settings(max_examples=100, stateful_step_count=30, deadline=None))


@pytest.mark.embedded
def test_any_interleaving_in_mongodb(mongodb_uri: str, database_name: str) -> None:
    class InMongo(Interleavings):
        def open(self) -> Documents:
            self.client = connect(mongodb_uri)
            return MongoDocuments(self.client[database_name][f"cases_{uuid.uuid4().hex[:8]}"])

        def shut(self) -> None:
            self.loop.run_until_complete(close(self.client))

    run_state_machine_as_test(
        InMongo,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
