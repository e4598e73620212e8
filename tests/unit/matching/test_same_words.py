"""Codes that matching decides by are those of the vocabulary and of the contracts, no more and no fewer."""

from __future__ import annotations

from typing import get_args

import pytest

from services.matching.domain.calendar import ReleaseReason
from services.matching.domain.expert import Category
from services.matching.domain.offer import DECLINE_REASONS
from services.matching.domain.policy import PEER_SHARES
from services.matching.domain.requirement import LEVELS, RANK_OF_LEVEL
from services.matching.domain.themes import Nearness, nearness, theme_of
from shared import vocabulary
from shared.contracts.events.calendars import AvailabilityReleased
from shared.contracts.events.terms_of_reference import Mode, OriginRule
from shared.vocabulary import TermKind


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("expert_category", get_args(Category)),
        ("decline_reason", DECLINE_REASONS),
        ("mode", get_args(Mode)),
        ("origin_rule", get_args(OriginRule)),
    ],
)
def test_the_lists_are_those_of_the_vocabulary(kind: TermKind, codes: tuple[str, ...]) -> None:
    assert codes == tuple(term.code for term in vocabulary.terms(kind))


def test_every_category_has_its_worth_as_a_peer() -> None:
    assert PEER_SHARES.keys() == set(get_args(Category))


def test_levels_have_the_order_of_the_vocabulary() -> None:
    assert tuple(level.code for level in vocabulary.levels()) == LEVELS
    assert {code: vocabulary.level_rank(code) for code in LEVELS} == RANK_OF_LEVEL


def test_themes_are_as_near_as_in_the_vocabulary() -> None:
    for theme in vocabulary.themes():
        code, parent = theme.code, theme.parent
        assert theme_of(code) == (parent or code)
        beside = {other.code for other in vocabulary.themes() if nearness(code, other.code) is Nearness.ADJACENT}
        whole = {parent} if parent else set(vocabulary.sub_themes(code))
        assert beside == {*vocabulary.adjacent(code), *whole}
        assert nearness(code, code) is Nearness.EXACT


def test_days_are_released_for_the_reasons_of_the_contract() -> None:
    assert get_args(ReleaseReason) == get_args(AvailabilityReleased.model_fields["reason"].annotation)
