"""After a restore no new event reuses a sequence that consumers have seen."""

from __future__ import annotations

from typing import Any

from deploy.terminal.backups.sequences import guards, known_of, moved

TOPIC, OTHER = "registration.experts", "registration.contacts"


def document(id_: str = "exp_1", *, sequences: dict[str, int] | None = None, outbox: list[int] | None = None) -> Any:
    waiting = [{"topic": TOPIC, "sequence": number} for number in outbox or ()]
    return {
        "_id": id_,
        "revision": 7,
        "version": 5,
        "state": {"a": 1},
        "sequences": sequences if sequences is not None else {TOPIC: 3},
        "outbox": waiting,
        "pending": 1 if waiting else 0,
        "pending_since": 99 if waiting else 0,
    }


def test_a_sequence_moves_past_what_its_topic_holds_and_the_state_stays() -> None:
    before = document(sequences={TOPIC: 3, OTHER: 4})
    after = moved(before, [TOPIC], {(TOPIC, "exp_1"): 6, (OTHER, "exp_1"): 4, (TOPIC, "exp_2"): 9})
    assert after == {**before, "revision": 8, "sequences": {TOPIC: 6, OTHER: 4}}


def test_one_that_had_announced_nothing_yet_moves_too() -> None:
    assert moved(document(sequences={}), [TOPIC], {(TOPIC, "exp_1"): 2})["sequences"] == {TOPIC: 2}


def test_what_waits_and_lies_on_the_topic_is_not_published_again_and_the_rest_is() -> None:
    after = moved(document(outbox=[2, 3]), [TOPIC], {(TOPIC, "exp_1"): 2})
    assert [entry["sequence"] for entry in after["outbox"]] == [3]
    assert (after["pending"], after["pending_since"], after["sequences"]) == (1, 99, {TOPIC: 3})
    after = moved(document(outbox=[2, 3]), [TOPIC], {(TOPIC, "exp_1"): 5})
    assert (after["outbox"], after["pending"], after["pending_since"]) == ([], 0, 0)


def test_what_is_not_behind_is_the_very_same() -> None:
    before = document(outbox=[3])
    assert moved(before, [TOPIC], {(TOPIC, "exp_1"): 2}) is before
    plain = {"_id": "x"}
    assert moved(plain, [TOPIC], {(TOPIC, "x"): 2}) is plain


def test_an_aggregate_made_since_leaves_a_guard_where_its_kind_is_kept() -> None:
    announces = [("experts", TOPIC), ("experts", OTHER), ("people", OTHER)]
    known = [("experts", "exp_1"), ("people", "per_1")]
    highest = {(TOPIC, "exp_1"): 3, (TOPIC, "exp_2"): 4, (OTHER, "exp_2"): 1, (OTHER, "per_2"): 2}
    made = guards(announces, known, highest)
    assert {name: [(row["_id"], row["sequences"], row["state"]) for row in rows] for name, rows in made.items()} == {
        "experts": [("exp_2", {TOPIC: 4, OTHER: 1}, None)],
        "people": [("per_2", {OTHER: 2}, None)],
    }


def test_where_nothing_tells_the_kind_every_collection_of_the_topic_is_guarded() -> None:
    made = guards([("experts", OTHER), ("people", OTHER)], [], {(OTHER, "new_1"): 2})
    assert sorted(made) == ["experts", "people"]


def test_what_a_backup_knows_is_the_last_sequence_of_each_aggregate_on_each_topic() -> None:
    assert known_of([("experts", document(sequences={TOPIC: 3, OTHER: 1})), ("x", {"_id": "y"})]) == {
        (TOPIC, "exp_1"): 3,
        (OTHER, "exp_1"): 1,
    }
