"""Texts are compared by their words, the same way in whatever order the roster comes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain.affinity import TextModel
from tests.unit.matching.samples import expert, roster

SAMPLE = [line.expert for line in roster(40, 3)]
TEXT = "Reform of pension contribution records and actuarial valuation."


def test_a_text_is_most_like_itself_and_unlike_another_subject() -> None:
    people = [
        expert("exp_a", summary="Pension reform and actuarial valuation.", method_skills=()),
        expert("exp_b", summary="Labour inspection of building sites.", method_skills=()),
    ]
    model = TextModel.fit(people, min_people=1)
    query = model.query("Pension reform and actuarial valuation.")
    assert model.affinity(query, "exp_a").thousandths == 1000
    assert model.affinity(query, "exp_b").thousandths == 0
    assert model.affinity(query, "exp_unknown").thousandths == 0
    assert model.affinity(model.query(""), "exp_a").thousandths == 0


def test_accents_endings_and_case_do_not_separate_words() -> None:
    people = [expert("exp_a", summary="PENSIÓN contributiva", method_skills=())]
    model = TextModel.fit(people, min_people=1)
    assert model.affinity(model.query("les pensions"), "exp_a").thousandths > 0
    assert model.affinity(model.query("pensiones"), "exp_a").thousandths > 0


def test_words_of_fewer_than_three_people_are_not_in_the_vocabulary() -> None:
    people = [expert(f"exp_{n}", summary=f"pension {'zanzibar' if n < 2 else 'reform'}") for n in range(5)]
    assert "zanzibar" not in TextModel.fit(people).vocabulary
    assert {"pension", "reform"} <= TextModel.fit(people).vocabulary


def test_the_passage_is_the_sentence_with_most_of_the_words() -> None:
    model = TextModel.fit(SAMPLE)
    query = model.query("We like tea. The pension reform needs an actuarial review! Thank you.")
    assert query.passage(["pension", "reform"]) == "The pension reform needs an actuarial review!"
    assert len(query.passage(["nothing"])) <= 160


@settings(max_examples=25)
@given(order=st.permutations(SAMPLE))
def test_the_order_of_the_roster_changes_nothing(order: list[object]) -> None:
    one, other = TextModel.fit(SAMPLE), TextModel.fit(order)  # type: ignore[arg-type]
    assert one.digest == other.digest
    for person in SAMPLE:
        assert one.affinity(one.query(TEXT), person.expert_id) == other.affinity(other.query(TEXT), person.expert_id)


def test_fitting_on_top_of_an_earlier_model_gives_the_same_model() -> None:
    before = TextModel.fit(SAMPLE[:30])
    changed = [*SAMPLE[1:], expert("exp_new", summary="pension pension reform")]
    on_top, afresh = TextModel.fit(changed, previous=before), TextModel.fit(changed)
    assert on_top.digest == afresh.digest
    for person in changed:
        assert on_top.affinity(on_top.query(TEXT), person.expert_id) == afresh.affinity(
            afresh.query(TEXT), person.expert_id
        )
