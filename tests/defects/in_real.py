"""Defects that only real servers can show: groups that change hands, leaders and primaries cut off and deposed."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

BROKER, PRODUCER, CLIENT = "shared/messaging/broker.py", "shared/messaging/producer.py", "shared/store/client.py"
KAFKA = "tests/real/cluster/durable/test_kafka.py::"
STORE = "tests/real/cluster/durable/test_store.py::"

DEFECTS = (
    Defect(
        "default-acknowledgement-policy",
        "A process is killed with a batch in hand, and because Kafka's client had committed it by itself nobody is "
        "asked next.",
        (
            Change(
                BROKER,
                "        ack_policy=AckPolicy.MANUAL,\n        auto_offset_reset",
                "        ack_policy=AckPolicy.ACK_FIRST,\n        auto_offset_reset",
            ),
        ),
        (KAFKA + "test_a_batch_in_the_hands_of_a_member_that_dies_comes_to_the_next_one",),
    ),
    Defect(
        "commit-after-revoke",
        "Each process that joins makes the others' batches in hand come again, on every deployment.",
        (Change(BROKER, "        if revoked:\n", "        if not revoked:\n"),),
        (KAFKA + "test_a_batch_in_hand_is_committed_before_its_partition_changes_hands",),
    ),
    Defect(
        "confirmed-by-one-broker",
        "A broker dies right after it took an announcement that no other had, and it left the outbox all the same.",
        (
            Change(
                PRODUCER,
                '            acks="all",\n            enable_idempotence=True,\n',
                "            acks=1,\n            enable_idempotence=False,\n",
            ),
        ),
        (KAFKA + "test_a_record_that_is_confirmed_survives_the_leader_that_took_it",),
    ),
    Defect(
        "outbox-read-from-a-primary-cut-off",
        "Everybody is told of a decision that a primary cut off from the others took and that is rolled back.",
        (
            Change(CLIENT, '"readConcernLevel": "majority"', '"readConcernLevel": "local"'),
            Change(
                "shared/messaging/outboxes.py",
                '                if await flight.documents.replace(taken, document["revision"]):\n',
                "                if True:\n",
            ),
        ),
        (STORE + "test_the_relay_announces_nothing_that_only_a_cut_off_primary_knows",),
    ),
    Defect(
        "written-to-one-member",
        "An officer's approval is answered as done and is gone with the primary that alone had it.",
        (Change(CLIENT, '"w": "majority"', '"w": 1'),),
        (STORE + "test_a_decision_that_was_acknowledged_survives_the_primary_that_took_it",),
    ),
)
