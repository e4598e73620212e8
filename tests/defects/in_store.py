"""Defects of the store: guard, order, outbox, answers, deadlines."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

STORE, WRITING, MONGO = "shared/store/store.py", "shared/store/writing.py", "shared/store/mongo.py"
REBUILD = "tests/component/matching/test_rebuild.py::"
GUARD = "tests/integration/store/test_guard.py::"
OUTBOX = "tests/integration/store/test_outbox.py::"
KEYS = "tests/integration/store/test_idempotency_keys.py::"
DEADLINES = "tests/integration/store/test_deadlines.py::"
BUSY = "tests/unit/messaging/test_busy_store.py::"
EDITED = "tests/component/registration/test_edited_people.py::"
GATHERING = "tests/unit/store/test_gathering.py::"
QUOTED = "tests/component/runtime/test_quoted.py::"
NUDGE = (
    "        if self._on_announced is not None and (announced := _event_ids(after) - _event_ids(before)):\n"
    "            self._on_announced(self.documents, after, announced)\n"
)

DEFECTS = (
    Defect(
        "publish-before-write",
        "A team reads of an offer that was never made: the event went out and its document was not written.",
        (
            Change(STORE, NUDGE, ""),
            Change(
                STORE,
                "        if document is None:\n            done =",
                NUDGE + "        if document is None:\n            done =",
            ),
        ),
        ("tests/unit/store/test_nudging.py::test_what_was_not_written_is_never_published",),
    ),
    Defect(
        "missing-guard",
        "An event that comes twice is applied twice: two records in a timeline, two notices to everybody.",
        (
            Change(
                STORE,
                "        if isinstance(cause, Happened):\n",
                "        if isinstance(cause, Happened) and cause.sequence < 1:\n",
            ),
        ),
        (GUARD + "test_the_same_event_twice_has_one_effect[memory]",),
    ),
    Defect(
        "guard-without-order",
        "An old profile that comes late overwrites the newer one: an expert is matched by what is no longer true.",
        (Change(STORE, "if cause.sequence <= seen:", "if cause.sequence == seen:"),),
        (GUARD + "test_a_gap_on_a_compacted_topic_is_normal[memory]",),
    ),
    Defect(
        "gap-accepted",
        "An event is lost and nobody notices: the next one is applied as if nothing were missing.",
        (Change(STORE, "if cause.contiguous and", "if cause.contiguous and cause.sequence < 1 and"),),
        (GUARD + "test_a_gap_on_a_topic_kept_for_ever_is_refused[memory-1-3]",),
    ),
    Defect(
        "old-key-forgotten",
        "After a hundred more commands a proxy repeats an old one, and it is done a second time.",
        (
            Change(
                WRITING,
                '        room[slot] = {name: room[slot][name] for name in ("fingerprint", "at", "creates")}\n',
                "        del room[slot]\n",
            ),
        ),
        (KEYS + "test_of_more_commands_than_answers_are_kept_none_is_done_twice[memory]",),
    ),
    Defect(
        "answers-fill-the-document",
        "Large terms are edited all day: their answers fill the document, and nobody can make them final.",
        (Change(WRITING, " and sum(whole.values()) + more <= ANSWERS_KEPT_BYTES:", ":"),),
        ("tests/integration/store/test_size.py::test_20_large_decisions_under_keys_stay_within_the_limit[memory]",),
    ),
    Defect(
        "answers-outlive-their-keys",
        "The address a contact was entered with lies in the database for years after it was corrected.",
        (Change(STORE, "until = to_ms(now - self._answers_kept)", "until = 0"),),
        (
            KEYS + "test_answers_are_forgotten_at_the_end_of_their_time_also_where_nobody_writes_any_more[memory]",
            EDITED + "test_the_old_address_goes_with_the_key_it_was_entered_under",
        ),
    ),
    Defect(
        "crash-forgets-announcement",
        "After a crash between write and publishing a decision stands and nobody ever hears of it.",
        (Change(WRITING, 'after["pending_since"] = 1, to_ms(now)', 'after["pending_since"] = 0, to_ms(now)'),),
        (OUTBOX + "test_what_a_crash_left_is_found_by_the_sweep[memory]",),
    ),
    Defect(
        "confirmation-removes-what-was-written-meanwhile",
        "A decision taken while an earlier one is being published is never announced: its entry is removed unsent.",
        (Change(MONGO, 'UpdateOne({"_id": id_, "revision": revision},', 'UpdateOne({"_id": id_},'),),
        (OUTBOX + "test_only_what_was_published_is_confirmed[pymongo]",),
    ),
    Defect(
        "lost-update",
        "Two officers decide at once and one decision disappears without a word.",
        (Change(MONGO, '"revision": revision}, document)', "}, document)"),),
        ("tests/integration/store/test_changes.py::test_of_32_racing_changes_none_is_lost[pymongo]",),
    ),
    Defect(
        "loser-told-it-has-won",
        "Of two changes that meet in one round trip the one that lost is answered as done.",
        (Change(MONGO, "return [_mark(document) in", "return [True or _mark(document) in"),),
        ("tests/integration/store/test_changes.py::test_of_32_racing_changes_none_is_lost[pymongo]",),
    ),
    Defect(
        "written-taken-for-lost",
        "A document is refused, and what was written with it is decided again: one command, and everybody told twice.",
        (
            Change(
                MONGO,
                "        # how many were replaced is told,",
                "        if len(wanted) == 1:\n            return [False]\n        # how many were replaced is told,",
            ),
        ),
        ("tests/integration/store/test_busy.py::test_a_refused_document_has_nothing_else_decided_twice[pymongo]",),
    ),
    Defect(
        "idempotency-key-ignored",
        "An institution whose connection broke sends its request again and has two.",
        (
            Change(
                STORE,
                "if not isinstance(cause, Command) or cause.key is None:",
                "if not isinstance(cause, Command) or cause.origin:",
            ),
        ),
        ("tests/component/runtime/test_commands.py::test_the_same_key_and_body_get_the_same_answer_and_one_object",),
    ),
    Defect(
        "key-with-another-body-answered",
        "A caller who reuses a key for another request is told it was done, and it was not.",
        (Change(STORE, 'if found["fingerprint"] != cause.fingerprint:', 'if found["fingerprint"] is None:'),),
        (KEYS + "test_the_same_key_with_another_body_is_refused[memory]",),
    ),
    Defect(
        "etag-not-compared",
        "An edit made from an old page overwrites what a colleague has changed since.",
        (
            Change(
                STORE,
                'cause.expected_version != document["version"]:',
                'cause.expected_version > document["version"]:',
            ),
        ),
        ("tests/component/runtime/test_commands.py::test_an_edit_says_which_version_it_edits",),
    ),
    Defect(
        "deadline-fired-twice",
        "A deadline that has fired comes back with the next change: an expert is reminded again and again.",
        (Change(WRITING, "in wanted.items() if fired.get(name) != at}", "in wanted.items()}"),),
        (DEADLINES + "test_a_fired_deadline_does_not_come_back_with_the_next_change[memory]",),
    ),
    Defect(
        "late-replica-fires-again",
        "A replica that was slow fires a deadline another one has fired, or that was moved: an offer ends too early.",
        (
            Change(
                STORE,
                'if document is None or document["deadlines"].get(cause.name) != to_ms(cause.at):',
                "if document is None:",
            ),
        ),
        (
            DEADLINES + "test_a_deadline_moved_between_claim_and_effect_does_not_fire[memory]",
            DEADLINES + "test_a_replica_that_lost_its_claim_has_no_effect_when_it_comes_back[memory]",
        ),
    ),
    Defect(
        "callers-queue-for-an-absent-store",
        "While the database hangs, a third caller waits for the timeouts of two others and then for its own.",
        (Change("shared/store/gathering.py", ">= SLOW_SECONDS:", ">= 3600:"),),
        (GATHERING + "test_who_waits_behind_a_slow_round_trip_hears_of_an_absent_store_with_it[0.0-2]",),
    ),
    Defect(
        "busy-store-taken-for-a-fault",
        "MongoDB is busy for a minute: callers hear of a fault of ours, events are parked and consumers stop.",
        (Change("shared/store/reaching.py", "        or any(code in AWAY_CODES for code in _codes(error))\n", ""),),
        (
            BUSY + "test_a_store_that_says_it_is_busy_is_waited_for_however_often[134]",
            BUSY + "test_a_lot_that_says_it_is_busy_is_waited_for_and_stops_nothing[365]",
        ),
    ),
    Defect(
        "refused-document-told-by-the-store",
        "MongoDB refuses a document: whoever prints the store's fault prints people's names and addresses.",
        (Change("shared/store/reaching.py", 'StoreFault(f"{call}: {told(error)}")', 'StoreFault(f"{call}: {error}")'),),
        (QUOTED + "test_of_a_write_that_a_handler_asked_for[DuplicateKeyError-json]",),
    ),
    Defect(
        "guard-of-a-document-without-state-forgotten",
        "An event passed over before an aggregate exists is forgotten, and the next one is parked as a gap.",
        (
            Change(
                WRITING,
                '"seen": _seen(before["seen"], cause, now),',
                '"seen": _seen(before["seen"], cause, now) if dumped else {},',
            ),
        ),
        (GUARD + "test_an_event_passed_over_advances_the_guard_alone[memory]",),
    ),
    Defect(
        "said-again-as-news",
        "A service is restored, and everybody is told a second time of what its searches had found since the backup.",
        (Change(WRITING, "        if known is None:\n", "        if known is None or True:\n"),),
        ("tests/unit/store/test_said.py::test_what_is_decided_again_goes_out_under_its_old_sequence_word_for_word",),
    ),
    Defect(
        "unreadable-taken-for-erased",
        "A rebuild of the roster erases an expert whose newest record it cannot read.",
        (Change("shared/runtime/rebuilding.py", "set(made) - told.untold", "set(made)"),),
        (REBUILD + "test_somebody_whose_only_record_cannot_be_read_stays_and_is_named",),
    ),
    Defect(
        "call-of-the-driver-cancelled",
        "A probe gives up during an election; the process never finds its database again, and its partitions wait.",
        (
            Change(
                "shared/store/uncancelled.py",
                "        return await asyncio.shield(task)",
                "        return await task",
            ),
        ),
        ("tests/unit/store/test_uncancelled.py::test_a_call_goes_on_to_its_end_and_its_caller_does_not_wait",),
    ),
)
