"""Defects at the edges: callers and their tokens, answers over HTTP, logs, contracts, the fences of the house."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

IDENTITY = "shared/runtime/identity.py"
TEST_TOKENS = "tests/unit/runtime/test_identity.py::"
WRONG_CLAIM = TEST_TOKENS + "test_a_wrong_claim_is_refused_and_named"
TEST_INBOX = "tests/component/notifications/test_whose_inbox.py::"
TEST_PROBLEMS = "tests/component/runtime/test_problems.py::"
QUOTED = "tests/component/runtime/test_quoted.py::"
FROZEN = "tests/contract/test_compatibility.py::test_the_contracts_are_as_they_are_frozen"
REQUESTS = "shared/contracts/events/requests.py"
FENCE = "tests/unit/house/test_fences.py::test_a_planted_violation_is_caught"

DEFECTS = (
    Defect(
        "inbox-by-id-alone",
        "Whoever's token happens to hold the id of somebody else reads what that person was told.",
        (
            Change(
                "services/notifications/application/find_reader.py",
                "if why := mismatch(reader, stored.state):",
                "if (why := mismatch(reader, stored.state)) and not stored.state.active:",
            ),
        ),
        (TEST_INBOX + "test_no_inbox_opens_to_somebody_it_does_not_belong_to",),
    ),
    Defect(
        "token-issuer-not-checked",
        "Anybody with an identity provider of their own walks in as an officer.",
        (Change(IDENTITY, 'iss={"essential": True, "value": self._issuer}', 'iss={"essential": False}'),),
        (WRONG_CLAIM,),
    ),
    Defect(
        "token-audience-not-checked",
        "A token made for another application opens this one.",
        (Change(IDENTITY, 'aud={"essential": True, "value": self._audience}', 'aud={"essential": False}'),),
        (WRONG_CLAIM,),
    ),
    Defect(
        "token-algorithm-not-checked",
        "A token without a signature is believed.",
        (Change(IDENTITY, 'ALGORITHMS = ("RS256",', 'ALGORITHMS = ("none", "RS256",'),),
        (TEST_TOKENS + "test_what_is_no_trusted_token_is_refused",),
    ),
    Defect(
        "token-never-expires",
        "Whoever left keeps working with an old token.",
        (Change(IDENTITY, "registry.validate(claims)", 'registry.validate({**claims, "exp": 2**40})'),),
        (TEST_TOKENS + "test_the_clock_is_a_port", WRONG_CLAIM),
    ),
    Defect(
        "role-not-checked",
        "An expert approves requests.",
        (Change(IDENTITY, "if caller.role not in allowed:", "if not caller.role:"),),
        ("tests/component/runtime/test_commands.py::test_strangers_and_other_roles_change_nothing",),
    ),
    Defect(
        "problem-turned-into-500",
        "A caller who can mend the mistake reads that something went wrong here.",
        (Change("shared/runtime/http/app.py", "{Problem: on_problem, ", "{"),),
        (TEST_PROBLEMS + "test_refusals_of_the_business_become_problems",),
    ),
    Defect(
        "inside-told-to-callers",
        "A failure of ours shows a stranger what the code looks like inside.",
        (Change("shared/runtime/http/problems.py", 'f"this is our fault, not yours; quote {correlation_id} when',
                'f"{__import__(\'sys\').exc_info()[1]!r}; quote {correlation_id} when'),),
        (TEST_PROBLEMS + "test_a_fault_of_ours_tells_nothing_of_the_inside",),
    ),
    Defect(
        "logs-not-masked",
        "Addresses and tokens that slip into a log line stay there in full.",
        (Change("shared/runtime/logging.py", "name_event, mask, _renderer", "name_event, _renderer"),),
        ("tests/unit/runtime/test_logging.py::test_addresses_and_tokens_inside_texts_are_masked",),
    ),
    Defect(
        "refused-values-logged",
        "A stored contact cannot be read by this release: name and phone number stand in the log.",
        (Change("shared/runtime/masking.py", 'if "input_value=" in text:', 'if "input_value==" in text:'),),
        ("tests/unit/runtime/test_logging.py::test_what_pydantic_quotes_of_a_value_stands_in_no_line",),
    ),
    Defect(
        "quoted-documents-logged",
        "MongoDB refuses a document: its error quotes it, and a traceback with names and addresses stands in the log.",
        (Change("shared/runtime/logging.py", "lambda raised: traced(raised[1])", ""),),
        (QUOTED + "test_of_what_a_handler_raises_itself[ValidationError-json]",
         QUOTED + "test_of_what_others_raise_because_of_it[BulkWriteError-console]"),
    ),
    Defect(
        "quoted-documents-parked",
        "MongoDB refuses a document: its error quotes it, and names and addresses stand in a parked entry.",
        (Change("shared/store/wording.py", "words = told(error)", "words = str(error)"),),
        (QUOTED + "test_of_what_a_handler_raises_itself[DuplicateKeyError-json]",),
    ),
    Defect(
        "breaking-contract-change",
        "A field is renamed, and services that run an earlier release park every request.",
        (Change(REQUESTS, "    reference: str = Field(", "    request_number: str = Field("),),
        (FROZEN,),
    ),
    Defect(
        "new-field-required",
        "A new field without a default: every event of the past becomes unreadable.",
        (Change(REQUESTS, "    signatory_id: Id\n", "    signatory_id: Id\n    planted: str\n"),),
        (FROZEN,),
    ),
    Defect(
        "fence-removed",
        "One service imports another, and from then on neither can be released alone.",
        (
            Change(
                "pyproject.toml",
                '\nmodules = ["services.registration", "services.matching", "services.notifications"]',
                '\nmodules = ["services.registration", "services.matching"]',
            ),
        ),
        (
            FENCE + "[services-apart-services/notifications/domain/planted.py-import services.registration.domain]",
        ),
    ),
    Defect(
        "event-id-in-every-inbox",
        "An expert finds their rank by the id of the event behind a notice, a requester a decline in place of silence.",
        (
            Change(
                "services/notifications/entrypoints/http/inbox.py",
                "if role in _OF_FACILITY else None",
                "if role in _OF_FACILITY else notice.event_id",
            ),
        ),
        (TEST_INBOX + "test_the_facility_alone_is_told_an_event_by_its_id",),
    ),
    Defect(
        "vocabulary-of-today-for-what-is-stored",
        "A release is rolled back, and one profile with a newer theme fails every page of the list it stands on.",
        (Change("shared/vocabulary/codes.py", "if info.context != STORED:", "if info:"),),
        ("tests/unit/registration/test_storage.py::test_a_code_of_a_newer_vocabulary_is_read",),
    ),
    Defect(
        "break-behind-a-discriminator",
        "A contract loses a field inside one of several kinds, the check passes, and consumers park every record.",
        (Change("shared/contracts/compatibility.py", "sorted(keywords & _UNSEEN)", "sorted(keywords & frozenset())"),),
        ("tests/contract/test_compatibility.py::test_what_is_not_looked_into_may_not_stand_in_a_contract",),
    ),
)  # fmt: skip
