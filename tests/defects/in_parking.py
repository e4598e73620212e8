"""Defects of the parking lot: what an operator decided does not hold."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

CONSUMER, PARKED = "shared/messaging/consumer.py", "shared/messaging/parked.py"
REPLAYING = "shared/runtime/replaying.py"
TEST_AGAIN = "tests/unit/messaging/test_discarded_again.py::"
TEST_REBUILD = "tests/component/matching/test_rebuild_of_the_discarded.py::"

DEFECTS = (
    Defect(
        "discarded-taken-in-again",
        "An event is discarded since it must never be handled, and takes effect at the next restart.",
        (Change(PARKED, "        return lost or event.came_as in self.gone\n", "        return lost\n"),),
        (TEST_AGAIN + "test_discarded_while_its_consumer_had_stopped",),
    ),
    Defect(
        "discard-through-another-replica-unheard",
        "An event that one replica has discarded is handled by another, which had looked at the lot before that.",
        (Change(CONSUMER, "                await self._until_back(lambda: self._passed_over.read_key(key))\n", ""),),
        (TEST_AGAIN + "test_discarded_after_its_consumer_had_looked_at_the_lot",),
    ),
    Defect(
        "discarded-rebuilt",
        "An officer's mistake about an expert is discarded, and a rebuild of the roster applies it after all.",
        (Change(REPLAYING, "    await over.read()\n", ""),),
        (TEST_REBUILD + "test_a_discarded_event_has_no_effect_and_what_came_after_it_has",),
    ),
)
