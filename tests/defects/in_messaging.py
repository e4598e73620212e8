"""Defects of consuming and of the relay: commits, order, parking, retries, subscribers."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

CONSUMER, HANDLING = "shared/messaging/consumer.py", "shared/messaging/handling.py"
RELAY, OUTBOXES, BROKER = "shared/messaging/relay.py", "shared/messaging/outboxes.py", "shared/messaging/broker.py"
TEST_CONSUMER = "tests/unit/messaging/test_consumer.py::"
TEST_WAITING = "tests/unit/messaging/test_consumer_waiting.py::"
TEST_PARKING = "tests/unit/messaging/test_parking.py::"
TEST_RAISED = (
    "tests/unit/messaging/test_topic_made_anew.py::"
    "test_what_was_unread_when_partitions_were_raised_goes_before_the_gap_it_left"
)
TEST_ANEW = (
    "tests/unit/messaging/test_topic_made_anew.py::"
    "test_events_of_the_new_topic_wait_behind_those_of_the_lost_one[begins at 5-by event id]"
)
TEST_ENDED = (
    "tests/integration/messaging/test_client_ended.py::test_a_consumer_whose_client_has_ended_joins_anew[FetchRequest]"
)
TEST_UNREADABLE = (
    "tests/integration/messaging/test_unreadable.py::"
    "test_a_wrong_checksum_holds_up_its_partition_alone_and_is_told[at once]"
)
TEST_SPOILT = "tests/integration/terminal/test_spoilt_topics.py::"
TEST_RELAY = "tests/unit/messaging/test_relay.py::"
TEST_BESIDE = "tests/unit/messaging/test_relays_beside.py::"
OF_OURS = "tuple(takewhile(self.is_ours, snapshot.entries))"
STILL = "still_pending(newest, flight.published)"
TEST_BUILT = "tests/unit/messaging/test_house_rules.py::test_what_messaging_builds_keeps_the_rules"
PARKED_WAIT = TEST_CONSUMER + "test_a_permanent_fault_is_parked_at_once_and_later_events_of_the_key_wait"
LANES = "        await side_by_side(lane, lanes(records), self._policy.side_by_side)\n"

DEFECTS = (
    Defect(
        "client-ended-for-good",
        "An error nobody foresaw ends what the client does for its group: it hears of nothing until the next start.",
        (
            Change(
                "shared/messaging/membership.py",
                "            if (why := ended(self._subscriber.consumer)) is None:\n                continue\n",
                "            if (why := None) is None:\n                continue\n",
            ),
        ),
        (TEST_ENDED,),
    ),
    Defect(
        "lost-decision-taken-in",
        "A restored service takes in what it had decided after its backup: a team has members without an offer.",
        (
            Change(
                "shared/messaging/parked.py",
                "        lost = event.offset < self.lost_before and event.identity()[1] in self.discarded\n",
                "        lost = False\n",
            ),
        ),
        (
            TEST_CONSUMER
            + "test_what_was_lost_before_a_restore_is_passed_over_and_what_is_announced_since_is_handled",
        ),
    ),
    Defect(
        "unreadable-batch-takes-others-with-it",
        "One batch with a wrong checksum, and offers of other people that were polled beside it are never heard of.",
        (
            Change(
                BROKER,
                "        return await self.poll.batch(consumer, self.max_records or 1)\n",
                "        found = await consumer.getmany(timeout_ms=1000, max_records=self.max_records)\n"
                "        return tuple(record for records in found.values() for record in records)\n",
            ),
        ),
        (TEST_UNREADABLE,),
    ),
    Defect(
        "one-record-blinds-every-look",
        "A record that services park ends every audit, backup and rebuild, and a restore half-way: no loss is found.",
        (
            Change(
                "shared/messaging/reading.py",
                "        return await _patiently(consumer, place, at, end, most)\n",
                "        raise\n",
            ),
        ),
        (TEST_SPOILT + "test_a_header_whose_name_is_no_text_hides_no_record",),
    ),
    Defect(
        "redrive-forgets-its-key",
        "A proxy repeats a redrive, and what was parked since is handled without anybody having looked at it.",
        (
            Change(
                "shared/messaging/operators.py",
                "        if (before := await self._lot.done_before(id_, command)) is not None:\n"
                "            return before.answer\n",
                "",
            ),
        ),
        (
            TEST_PARKING + "test_a_redrive_that_comes_again_under_its_key_is_answered_as_it_was",
        ),
    ),
    Defect(
        "commit-before-effect",
        "A process that dies in a batch loses its events: an offer was declined and nobody is asked next.",
        (
            Change(
                CONSUMER,
                LANES,
                "        await self._commit(committable(records, {r.place for r in records}), commits)\n" + LANES,
            ),
        ),
        (TEST_CONSUMER + "test_effects_come_before_the_commit",),
    ),
    Defect(
        "unfinished-events-committed",
        "A process that is stopped while its database is away commits events it has not handled.",
        (
            Change(
                CONSUMER,
                "            await self._commit(committable(records, done), commits)",
                "            await self._commit(committable(records, {r.place for r in records}), commits)",
            ),
        ),
        (TEST_WAITING + "test_ending_while_waiting_commits_what_is_done_and_nothing_else",),
    ),
    Defect(
        "parked-key-overtaken",
        "While the approval of a case waits for an operator, its later events are handled without it.",
        (Change(CONSUMER, "if key in self._parked:\n", "if key in self._parked and not key:\n"),),
        (PARKED_WAIT,),
    ),
    Defect(
        "events-behind-a-parked-one-lost",
        "An operator mends a parked event, and everything that came behind it in its batch is gone.",
        (
            Change(CONSUMER, "record, failure, rest[1:])", "record, failure)"),
            Change(CONSUMER, "for later in rest if later.place in waiting]", "for later in rest]"),
        ),
        (PARKED_WAIT,),
    ),
    Defect(
        "parked-known-by-its-place-alone",
        "Kafka lost its topics, and events of the new ones that lie where others are parked are counted as parked.",
        (
            Change(
                "shared/messaging/parked.py",
                "        return self.partition, self.offset, mark\n",
                '        return self.partition, self.offset, ""\n',
            ),
        ),
        (TEST_ANEW,),
    ),
    Defect(
        "unread-put-behind-its-gap",
        "Partitions were raised over an unread event, and no redrive ever gets past the gap that it left.",
        (
            Change(
                "shared/messaging/parked_order.py",
                "    return numbers[0] is not None and numbers[1] is not None and numbers[0] > numbers[1]\n",
                "    return False\n",
            ),
        ),
        (TEST_RAISED,),
    ),
    Defect(
        "away-asked-without-a-pause",
        "While the database is away every consumer asks for it ten times a second with each key it has in hand.",
        (Change(CONSUMER, "                attempt += 1\n", ""),),
        (TEST_WAITING + "test_whoever_waits_asks_no_more_often_than_the_pauses_allow",),
    ),
    Defect(
        "keys-side-by-side-with-themselves",
        "Two events of one case are handled at once and the second wins.",
        (
            Change(
                "shared/messaging/order.py",
                "found.setdefault((record.partition, record.key), [])",
                'found.setdefault((record.offset, b""), [])',
            ),
        ),
        ("tests/unit/messaging/test_order.py::test_lanes_keep_the_order_of_each_key",),
    ),
    Defect(
        "database-away-parks-events",
        "A database that restarts fills the parking lot with sound events, and every case stands still.",
        (Change(HANDLING, "            except (Away, Stopped):", "            except Stopped:"),),
        (TEST_WAITING + "test_store_or_broker_away_parks_nothing_counts_nothing_and_resumes[handler]",),
    ),
    Defect(
        "bad-deployment-parks-everything",
        "A faulty release parks every event that comes, thousands of them, instead of stopping.",
        (Change(CONSUMER, "if failed is not None and (reason", "if failed is None and (reason"),),
        (TEST_WAITING + "test_a_burst_of_parkings_stops_the_consumer_and_a_restart_goes_on",),
    ),
    Defect(
        "passed-over-event-leaves-the-guard-behind",
        "After an event a service has no use for, the next one of the case is parked as a gap.",
        (Change(HANDLING, "if chosen.advances is not None:", "if chosen.erases is not None:"),),
        (TEST_CONSUMER + "test_a_passed_over_event_is_counted_and_advances_the_guard",),
    ),
    Defect(
        "outbox-removed-before-confirmation",
        "A broker that is away for a moment swallows announcements: they left the outbox and never reached a topic.",
        (
            Change(
                RELAY,
                "                    confirmed = await self._publish(place, flight, due, until)\n",
                "                    await flight.documents.confirm(flight.id, snapshot.revision)\n"
                "                    confirmed = await self._publish(place, flight, due, until)\n",
            ),
        ),
        (TEST_RELAY + "test_nothing_leaves_the_outbox_before_it_is_confirmed",),
    ),
    Defect(
        "long-outbox-emptied-unpublished",
        "A document written faster than Kafka confirms loses its announcements from the twentieth on.",
        (
            Change(
                OUTBOXES,
                f"            if not {STILL}:\n                revision = newest.revision\n"
                "            elif len(newest.entries) < ENTRIES_BEFORE_REMOVAL:\n                return newest\n",
                f"            if {STILL} and len(newest.entries) < ENTRIES_BEFORE_REMOVAL:\n"
                "                return newest\n            revision = newest.revision\n",
            ),
        ),
        (TEST_RELAY + "test_a_document_that_grows_long_while_it_is_published_loses_nothing",),
    ),
    Defect(
        "relay-reordered",
        "A case is approved before it was submitted: the announcements of one document come out of order.",
        (Change(RELAY, "        for entry in due:", "        for entry in reversed(tuple(due)):"),),
        (TEST_RELAY + "test_a_nudge_publishes_in_order_and_empties_the_outbox",),
    ),
    Defect(
        "published-beside-another",
        "Two replicas write one case, and what the first has announced lies on its topic twice, though nobody died.",
        (Change("shared/messaging/flight.py", OF_OURS, "tuple(snapshot.entries)"),),
        (TEST_BESIDE + "test_what_another_replica_announced_before_comes_first_and_once",),
    ),
    Defect(
        "dead-replica-holds-up-all",
        "A replica dies, and for seconds nothing at all is announced: every place waits behind what it had left.",
        (
            Change(
                RELAY,
                "return not any(flight.is_ours(entry) for entry in snapshot.entries)\n",
                "await asyncio.sleep(0.05)\n                        snapshot = await self._work.read(flight)\n",
            ),
        ),
        (TEST_BESIDE + "test_what_a_dead_replica_announced_holds_up_no_other_document",),
    ),
    Defect(
        "taken-over-by-all",
        "A replica dies, and each of those that live publishes what it had announced.",
        (
            Change(
                OUTBOXES,
                "                if await flight.documents.replace(taken, document[\"revision\"]):\n",
                "                if True:\n",
            ),
        ),
        (TEST_BESIDE + "test_what_a_dead_replica_left_is_taken_over_by_one",),
    ),
    Defect(
        "failed-publish-overtaken",
        "One announcement that Kafka did not take is overtaken by the next ones of its case.",
        (
            Change(
                RELAY,
                "labels(collection=place[0]).inc()\n                return False",
                "labels(collection=place[0]).inc()\n                continue",
            ),
        ),
        (TEST_RELAY + "test_a_failed_publish_is_not_overtaken",),
    ),
    Defect(
        "published-again-after-every-write",
        "A late nudge publishes once more what is out already, and every topic fills with copies.",
        (
            Change(
                RELAY,
                'or self._work.has_settled(place, document["revision"]):',
                "or self._closed:",
            ),
        ),
        (TEST_RELAY + "test_a_late_nudge_does_not_publish_again",),
    ),
    Defect(
        "typed-batch-subscriber",
        "One malformed record takes the two hundred of its batch with it, unseen.",
        (
            Change(BROKER, "        parser=keep_raw,\n        decoder=hand_over,\n", ""),
            Change(BROKER, "async def take(batch: Batch)", "async def take(batch: list[dict[str, str]])"),
        ),
        (TEST_BUILT,),
    ),
    Defect(
        "default-acknowledgement",
        "Offsets are committed by a timer: what was polled and not handled when a process dies is lost.",
        (
            Change(BROKER, "consumer.group,\n        ack_policy=AckPolicy.MANUAL,", "consumer.group,"),
            Change(BROKER, "        ack_policy=AckPolicy.MANUAL,\n        apply_types=", "        apply_types="),
        ),
        (TEST_BUILT,),
    ),
)  # fmt: skip
