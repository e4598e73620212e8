"""Defects of registration's decisions: what nobody looked at, what fits no window, who sees what."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

REGISTRATION = "services/registration/"
PROFILE = REGISTRATION + "domain/expert.py"
TERMS_ROUTES = REGISTRATION + "entrypoints/http/terms_of_reference.py"
TEST_PEOPLE = "tests/component/registration/test_people.py::"
TEST_USABLE = "tests/contract/test_usable_by_others.py::"
TEST_PENDING = "tests/component/registration/test_pending_version.py::"

DEFECTS = (
    Defect(
        "claims-nobody-looked-at",
        "An expert writes a language or years into an active profile and is found by them before anybody has looked.",
        (Change(PROFILE, '    if status == "active":\n', '    if status == "stale":\n'),),
        (TEST_PENDING + "test_a_claim_waits_seen_by_its_expert_and_officers_and_said_to_nobody",),
    ),
    Defect(
        "activated-unread",
        "An expert changes a profile while an officer reads it, and is found by claims that nobody has looked at.",
        (
            Change(
                REGISTRATION + "entrypoints/http/experts.py",
                "Body(examples=[examples.ACTIVATION])],\n        caller: Officer,\n        write: Editing,\n",
                "Body(examples=[examples.ACTIVATION])],\n        caller: Officer,\n        write: Writing,\n",
            ),
        ),
        (
            TEST_PEOPLE + "test_a_profile_that_changed_since_it_was_looked_at_is_not_activated",
        ),
    ),
    Defect(
        "made-final-unread",
        "Terms are made final with what another officer wrote meanwhile: a search starts by it, and it stays for good.",
        (
            Change(TERMS_ROUTES, "caller: Officer, write: Editing) ->", "caller: Officer, write: Writing) ->"),
            Change(TERMS_ROUTES, "    PathId,\n)", "    PathId,\n    Writing,\n)"),
        ),
        ("tests/component/registration/test_cases.py::test_terms_are_edited_as_a_draft_and_never_once_final",),
    ),
    Defect(
        "withdrawn-consent-waits",
        "An expert withdraws their consent to be contacted and is offered an assignment until an officer has looked.",
        (
            Change(
                PROFILE,
                "    active = expert.profile.model_copy(update=taken_back(expert.profile, profile))\n",
                "    active = expert.profile\n",
            ),
        ),
        (TEST_PENDING + "test_a_consent_withdrawn_is_said_at_once_and_the_claims_beside_it_are_not",),
    ),
    Defect(
        "work-that-fits-no-window",
        "Terms that ask for 20 days within 6 weekdays become final: nobody is ever found, and they cannot be changed.",
        (Change(REGISTRATION + "domain/design.py", "    if position.days_total > room:\n", "    if room < 1:\n"),),
        (TEST_USABLE + "test_a_design_is_accepted_exactly_when_the_search_can_find_its_days_free",),
    ),
    Defect(
        "other-institutions-requests-shown",
        "An institution reads what another one asks for.",
        (
            Change(
                "services/registration/application/access.py",
                "return caller.role == role and (bound == owner if bound is not None else by == caller.subject)",
                "return caller.role == role",
            ),
        ),
        ("tests/component/registration/test_requests.py::test_other_peoples_requests_do_not_exist",),
    ),
)  # fmt: skip
