"""An expert's own edit of an active profile: what waits, what counts at once, and what an officer makes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.application.announce_expert import changes_of_expert
from services.registration.domain.expert import (
    Expert,
    ExpertDetails,
    Refusal,
    accept_pending,
    refuse_pending,
    revise,
)
from services.registration.domain.expert_profile import taken_back
from services.registration.entrypoints.http import examples
from shared.errors import Invalid, Refused
from tests.unit.registration import samples

CLAIMS: dict[str, Any] = {
    "category": "private",
    "country_of_work": "FR",
    "nationalities": ["BE", "FR"],
    "employment": {"country": "FR", "employer_type": "ministry", "since": "2020-01-01"},
    "previous_employments": [{"country": "DE", "employer_type": "ministry", "until": "2012-01-01"}],
    "themes": [{"code": "A01", "level": 4, "years": 12}, {"code": "K01", "level": 4, "years": 9}],
    "years_total": 30,
    "languages": [{"language": "en", "level": "native"}],
    "assignments": [],
    "countries_experience": ["PE", "CL"],
    "method_skills": ["coaching"],
    "summary": "Has led everything.",
    "general_declaration_on": "2031-01-09",
}
USES: dict[str, tuple[Any, Any]] = {
    "consent_to_contact": (True, False),
    "employer_consent": ("yes", "no"),
    "excluded_countries": ([], ["AF"]),
}
"""What allows more, and what allows less."""


def own(expert: Expert, details: ExpertDetails) -> Expert:
    return revise(expert, details, samples.NOW, by_officer=False)


def officers(expert: Expert, details: ExpertDetails) -> Expert:
    return revise(expert, details, samples.NOW, by_officer=True)


def taken(expert: Expert, *areas: str) -> Expert:
    return accept_pending(expert, areas, "per_2", date(2031, 2, 1), 36)


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_claim_counts_before_an_officer_has_looked_at_it(claim: str) -> None:
    before = samples.active()
    after = own(before, samples.details(**{claim: CLAIMS[claim]}))
    assert after.profile == before.profile
    assert after.vetted_areas == before.vetted_areas
    assert changes_of_expert(before, after) == ()
    assert after.pending is not None
    claimed = samples.details(**{claim: CLAIMS[claim]}).profile
    assert after.pending.profile == claimed
    accepted = taken(after)
    assert accepted.profile == claimed.model_copy(update={"days_last_12m": 0})
    assert (accepted.pending, accepted.status) == (None, "active")


def test_every_part_of_a_profile_is_either_a_claim_or_a_use_of_it() -> None:
    """A field that is added has to be put in one of the two, or be recorded by officers alone."""
    assert set(samples.active().profile.__class__.model_fields) == {*CLAIMS, *USES, "days_last_12m"}


@pytest.mark.parametrize("use", USES)
def test_what_is_taken_back_counts_at_once_and_what_is_allowed_waits(use: str) -> None:
    more, less = USES[use]
    allowing = officers(samples.active(), samples.details(**{use: more}))
    narrowed = own(allowing, samples.details(**{use: less}))
    assert narrowed.profile == officers(allowing, samples.details(**{use: less})).profile
    assert narrowed.pending is None
    assert [said.__class__.__name__ for said in changes_of_expert(allowing, narrowed)] == ["ExpertRevised"]
    widened = own(narrowed, samples.details(**{use: more}))
    assert widened.profile == narrowed.profile
    assert widened.pending is not None
    assert taken(widened).profile == allowing.profile


def test_a_consent_withdrawn_together_with_a_claim_does_not_wait_for_it() -> None:
    after = own(samples.active(), samples.details(consent_to_contact=False, years_total=30))
    assert (after.profile.consent_to_contact, after.profile.years_total) == (False, 15)
    assert after.pending is not None
    assert (after.pending.profile.consent_to_contact, after.pending.profile.years_total) == (False, 30)


def test_a_consent_withdrawn_by_an_officer_does_not_come_back_with_what_waits() -> None:
    waiting = samples.expert_with_pending_version()
    withdrawn = officers(waiting, samples.details(consent_to_contact=False, excluded_countries=["AF"]))
    accepted = taken(withdrawn)
    assert (accepted.profile.consent_to_contact, accepted.profile.excluded_countries) == (False, ("AF",))
    assert accepted.profile.years_total == 16


def test_a_consent_that_waits_outlives_an_officers_edit_of_something_else() -> None:
    silent = officers(samples.active(), samples.details(consent_to_contact=False))
    waiting = own(silent, samples.details(consent_to_contact=True))
    edited = officers(waiting, samples.details(consent_to_contact=False, summary="Other words."))
    assert taken(edited).profile.consent_to_contact


def test_how_to_reach_the_expert_counts_at_once() -> None:
    body = {**examples.EXPERT, "person": {**examples.EXPERT["person"], "email": "new@mailbox.example.org"}}
    before = samples.active()
    after = own(before, ExpertDetails.model_validate(body))
    assert (after.person.email, after.pending) == ("new@mailbox.example.org", None)
    assert [said.__class__.__name__ for said in changes_of_expert(before, after)] == ["ContactRecorded"]


def test_a_further_edit_replaces_what_waits_and_the_active_profile_takes_it_back() -> None:
    waiting = samples.expert_with_pending_version()
    again = own(waiting, samples.details(years_total=17))
    assert again.pending is not None
    assert again.pending.profile.years_total == 17
    assert own(again, samples.details()) == samples.active()


def test_before_a_profile_is_active_its_expert_edits_it_at_once() -> None:
    after = own(samples.expert(), samples.details(years_total=30))
    assert (after.profile.years_total, after.pending) == (30, None)


def test_an_officers_edit_counts_at_once_and_leaves_what_waits() -> None:
    waiting = samples.expert_with_pending_version()
    after = officers(waiting, samples.details(years_total=14))
    assert (after.profile.years_total, after.pending) == (14, waiting.pending)


def test_days_recorded_while_a_version_waits_stay() -> None:
    waiting = samples.expert_with_pending_version()
    recorded = officers(waiting, samples.details(days_last_12m=20))
    assert taken(recorded).profile.days_last_12m == 20
    assert own(recorded, samples.details(years_total=17)).pending is not None


def test_what_is_taken_keeps_the_vetting_of_what_it_still_claims_and_adds_what_is_named() -> None:
    waiting = samples.expert_with_pending_version(themes=CLAIMS["themes"])
    assert {v.theme: v.valid_until for v in taken(waiting, "K01").vetted_areas} == {
        "A01": date(2034, 1, 10),
        "K01": date(2034, 2, 1),
    }
    assert [v.theme for v in taken(waiting).vetted_areas] == ["A01"]
    with pytest.raises(Invalid) as unclaimed:
        taken(waiting, "K01", "E02")
    assert [fault.pointer for fault in unclaimed.value.faults] == ["/vetted_areas/1"]


def test_an_active_profile_is_vetted_for_something() -> None:
    moved = samples.expert_with_pending_version(themes=[{"code": "K01", "level": 4, "years": 9}])
    with pytest.raises(Invalid) as nothing:
        taken(moved)
    assert [fault.pointer for fault in nothing.value.faults] == ["/vetted_areas"]
    assert [v.theme for v in taken(moved, "K01").vetted_areas] == ["K01"]


def test_a_refusal_leaves_the_active_profile_and_its_reason_until_the_next_edit() -> None:
    refused = samples.expert_refused()
    assert (refused.profile, refused.pending) == (samples.active().profile, None)
    assert refused.refused is not None
    assert refused.refused.refusal.reason == examples.REVISION_REFUSAL["reason"]
    again = own(refused, samples.details(years_total=17))
    assert again.refused is None
    assert taken(again).refused is None


@pytest.mark.parametrize("expert", [samples.expert(), samples.active(), samples.expert_refused()])
def test_where_nothing_waits_there_is_nothing_to_decide(expert: Expert) -> None:
    with pytest.raises(Refused) as nothing:
        taken(expert)
    assert nothing.value.mend
    with pytest.raises(Refused):
        refuse_pending(expert, Refusal.model_validate(examples.REVISION_REFUSAL), "per_2", samples.NOW)


PLACES = st.lists(st.sampled_from(["AF", "BE", "CL", "DJ"]), unique=True)
USED = st.fixed_dictionaries(
    {
        "consent_to_contact": st.booleans(),
        "employer_consent": st.sampled_from(["yes", "no", "by_assignment"]),
        "excluded_countries": PLACES,
    }
)


@given(active=USED, handed_in=USED)
def test_whatever_an_expert_hands_in_never_allows_more_at_once(
    active: dict[str, Any], handed_in: dict[str, Any]
) -> None:
    before = officers(samples.active(), samples.details(**active))
    after = own(before, samples.details(**handed_in))
    assert taken_back(after.profile, samples.details(**handed_in).profile) == {}
    assert taken_back(after.profile, before.profile).keys() <= {"excluded_countries"}
    assert set(after.profile.excluded_countries) == {*active["excluded_countries"], *handed_in["excluded_countries"]}
    assert after.profile.consent_to_contact == (active["consent_to_contact"] and handed_in["consent_to_contact"])
    if after.pending is not None:
        assert taken(after).profile == officers(before, samples.details(**handed_in)).profile
