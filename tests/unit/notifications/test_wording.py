"""Every message, in every language, for every recipient, from a sample of every event that brings it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.notifications.adapters.wording import FUNCTIONS, JinjaWording
from services.notifications.domain.case import Case
from services.notifications.domain.catalogue import CATALOGUE, Row
from services.notifications.domain.contact import SUPPORTED
from services.notifications.domain.delivery import Delivery, State
from services.notifications.domain.recipients import addressed
from shared.contracts.envelope import EventData
from shared.contracts.events.experts import ExpertActivated
from shared.contracts.events.institutions import (
    InstitutionRejected,
    InstitutionState,
    InstitutionSubmitted,
    InstitutionVerified,
)
from shared.contracts.events.positions import (
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentOffered,
)
from shared.contracts.events.requests import RequestRejected, RequestSubmitted
from shared.contracts.events.searches import MatchCompleted
from shared.contracts.events.teams import TeamComplete
from shared.vocabulary import label
from tests.support.notified_events import AT, SAMPLES, sample

NAME = "Sample Person"
READERS = ("focal_point", "eu_delegation")
OFFICERS = ("manager", "pool_manager")
WORDING = JinjaWording(ZoneInfo("Europe/Brussels"))
REQUEST = Case(
    request_id="req_1", reference="REQ-2027-0001", institution_id="ins_1", focal_point_id="a", signatory_id="b"
)


def _delivery(event: EventData, role: str, **fields: object) -> Delivery:
    row = CATALOGUE[type(event)]
    assert isinstance(row, Row)
    content = event.model_dump(mode="json")
    made = Delivery(
        id="dlv_1",
        event_id="evt_1",
        event_type="sample",
        occurred_at=AT,
        type=row.type,
        row=row.number,
        priority=row.priority,
        recipient="per_1",
        role=role,
        channel="mail",
        state=State.QUEUED,
        facts={fact: content[fact] for fact in row.facts},
    )
    return made.model_copy(update=fields)


def _every() -> list[tuple[EventData, str, str]]:
    told = [(event, row) for event in SAMPLES if isinstance(row := CATALOGUE[type(event)], Row)]
    roles = [
        (event, role)
        for event, row in told
        for role in dict.fromkeys(r.function for r in addressed(row.told, event.model_dump(mode="json")))
    ]
    return [(event, role, language) for event, role in roles for language in SUPPORTED]


EVERY = _every()


@pytest.mark.parametrize(
    ("event", "role", "language"), EVERY, ids=[f"{type(e).__name__}-{r}-{la}" for e, r, la in EVERY]
)
@pytest.mark.parametrize("case", [REQUEST, None], ids=["case-known", "case-unknown"])
def test_every_message_can_be_worded(event: EventData, role: str, language: str, case: Case | None) -> None:
    text = WORDING.say(_delivery(event, role), name=NAME, language=language, case=case)
    assert text.language == language
    assert 10 < len(text.subject) <= 100, "a subject is read in a list"
    assert NAME not in text.subject
    assert "Sample title" not in text.subject, "a title is free text and may name somebody"
    assert NAME in text.body
    for trace in ("None", "{{", "{%", "Subject:", "[]", "True", "False"):
        assert trace not in text.subject + text.body
    assert not re.search(r"\n{3,}", text.body)
    assert "<html" in WORDING.html(text)


def test_the_three_languages_say_it_differently() -> None:
    for event, role, _ in EVERY:
        texts = {WORDING.say(_delivery(event, role), name="", language=la, case=REQUEST).body for la in SUPPORTED}
        assert len(texts) == 3


def test_an_instant_is_told_in_the_recipients_language_and_names_its_zone() -> None:
    def said(language: str) -> str:
        return WORDING.say(_delivery(sample(AssignmentOffered), "expert"), name="", language=language, case=None).body

    assert "by Saturday, 6 March 2027, 17:00 (Brussels, UTC+01:00)" in said("en")
    assert "avant le samedi 6 mars 2027, 17:00 (Bruxelles, UTC+01:00)" in said("fr")
    assert "antes del sábado, 6 de marzo de 2027, 17:00 (Bruselas, UTC+01:00)" in said("es")
    assert "On site: 3 May 2027 to 7 May 2027" in said("en")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "by Friday, 5 March 2027, 24:00 (Brussels, UTC+01:00)"),
        ("fr", "avant le vendredi 5 mars 2027, 24:00 (Bruxelles, UTC+01:00)"),
        ("es", "antes del viernes, 5 de marzo de 2027, 24:00 (Bruselas, UTC+01:00)"),
    ],
)
def test_a_deadline_at_midnight_is_told_as_the_end_of_the_day_before(language: str, words: str) -> None:
    """As working days end: 23:00 UTC is midnight in Brussels."""
    offer = sample(AssignmentOffered).model_copy(update={"respond_by": datetime(2027, 3, 5, 23, tzinfo=UTC)})
    assert words in WORDING.say(_delivery(offer, "expert"), name="", language=language, case=None).body


@pytest.mark.parametrize(
    ("language", "team"),
    [
        ("en", "Position 1 (principal expert): Ada Sample\nPosition 2: name not on record\n"),
        ("fr", "Poste 1 (expert principal) : Ada Sample\nPoste 2 : nom non disponible\n"),
        ("es", "Puesto 1 (experto principal): Ada Sample\nPuesto 2: nombre no disponible\n"),
    ],
)
def test_a_partner_reads_who_its_team_is_as_far_as_names_are_on_record(language: str, team: str) -> None:
    complete = _delivery(sample(TeamComplete), "focal_point")
    names = {"exp_1": "Ada Sample", "exp_2": ""}
    assert team in WORDING.say(complete, name="", language=language, case=None, names=names).body


@pytest.mark.parametrize("event", [InstitutionSubmitted, InstitutionVerified, InstitutionRejected])
@pytest.mark.parametrize(
    ("language", "named"), [("fr", "institution « Secrétariat d'État »"), ("es", "institución «Secretaría de Estado»")]
)
def test_words_agree_with_the_institution_and_not_with_its_name(
    event: type[InstitutionState], language: str, named: str
) -> None:
    """A name may be masculine, feminine or plural; `institution` before it is always feminine."""
    names = {"fr": "Secrétariat d'État", "es": "Secretaría de Estado"}
    said = sample(event).model_copy(update={"name": names})
    for role in ("desk",) if event is InstitutionSubmitted else READERS:
        body = WORDING.say(_delivery(said, role), name="", language=language, case=None).body
        assert named in body
        assert body.count(names[language]) == 1


@pytest.mark.parametrize(
    ("language", "says_who"),
    [("en", "according to the expert's profile"), ("fr", "selon le profil de l'expert"), ("es", "según el perfil")],
)
def test_an_employer_reads_that_its_consent_is_what_the_profile_says(language: str, says_who: str) -> None:
    offer = _delivery(sample(AssignmentOffered), "supervisor")
    assert says_who in WORDING.say(offer, name="", language=language, case=None).body


@pytest.mark.parametrize("role", ["expert", "supervisor"])
@pytest.mark.parametrize(
    ("language", "on_site", "remote"),
    [
        ("en", "On site: 3 May 2027 to 7 May 2027", "Remote: 3 May 2027 to 7 May 2027"),
        ("fr", "Sur place : du 3 mai 2027 au 7 mai 2027", "À distance : du 3 mai 2027 au 7 mai 2027"),
        (
            "es",
            "Sobre el terreno: del 3 de mayo de 2027 al 7 de mayo de 2027",
            "A distancia: del 3 de mayo de 2027 al 7 de mayo de 2027",
        ),
    ],
)
def test_an_offer_of_remote_work_names_no_stay(language: str, on_site: str, remote: str, role: str) -> None:
    lines = _said_by_mode(AssignmentOffered, role, language)
    assert all(on_site in lines[mode] and remote not in lines[mode] for mode in ("on_site", "hybrid"))
    assert remote in lines["remote"]
    assert on_site not in lines["remote"]
    assert lines["untold"] == lines["on_site"], "a notice from before the mode was told"


@pytest.mark.parametrize(
    ("language", "travel"),
    [("en", "to prepare travel and stay"), ("fr", "le voyage et le séjour"), ("es", "el viaje y la")],
)
def test_logistics_is_asked_to_prepare_no_travel_for_remote_work(language: str, travel: str) -> None:
    texts = _said_by_mode(AssignmentAccepted, "logistics", language)
    assert {mode for mode, text in texts.items() if travel in text} == {"on_site", "hybrid", "untold"}


def _said_by_mode(model: type[EventData], role: str, language: str) -> dict[str, str]:
    event = sample(model)
    notices = {m: _delivery(event.model_copy(update={"mode": m}), role) for m in ("on_site", "remote", "hybrid")}
    untold = {name: fact for name, fact in notices["remote"].facts.items() if name != "mode"}
    notices["untold"] = notices["remote"].model_copy(update={"facts": untold})
    return {mode: WORDING.say(each, name="", language=language, case=None).body for mode, each in notices.items()}


def test_a_country_is_named_in_the_recipients_language() -> None:
    offer = _delivery(sample(AssignmentOffered), "expert")
    offer = offer.model_copy(update={"facts": {**offer.facts, "country": "DJ"}})
    names = [("en", "Djibouti"), ("fr", "Djibouti"), ("es", "Yibuti")]
    assert all(name in WORDING.say(offer, name="", language=la, case=None).body for la, name in names)


def test_a_language_without_wording_gets_english() -> None:
    assert WORDING.say(_delivery(sample(ExpertActivated), "expert"), name="", language="de", case=None).language == "en"


def test_requester_desk_and_delegation_read_texts_of_their_own() -> None:
    event = sample(RequestSubmitted)
    roles = ("focal_point", "desk", "eu_delegation")
    assert len({WORDING.say(_delivery(event, r), name="", language="en", case=None).subject for r in roles}) == 3


@pytest.mark.parametrize("language", SUPPORTED)
@pytest.mark.parametrize("model", [InstitutionVerified, InstitutionRejected])
def test_a_delegation_reads_which_institution_was_looked_at_and_is_not_written_to_as_one(
    model: type[EventData], language: str
) -> None:
    event = sample(model)
    assert isinstance(event, InstitutionState)
    own, other = (WORDING.say(_delivery(event, r), name="", language=language, case=None) for r in READERS)
    assert own.subject != other.subject
    assert label("country", "NG", language) in other.subject
    assert event.name[language] in other.body
    assert not re.search(
        r"\b(you can|your institution|vous pouvez|votre institution|usted|su institución)\b", other.subject + other.body
    )
    assert ("Not a public body" in other.body) == (model is InstitutionRejected)


SAID_BY_ROLE = {
    "en": ("can now ask for assistance", "staff can now be proposed as experts", "cannot submit requests"),
    "fr": ("désormais demander une assistance", "désormais être proposé comme expert", "ne peut pas soumettre"),
    "es": ("Ya puede solicitar asistencia", "ya puede ser propuesto como experto", "no puede presentar solicitudes"),
}


@pytest.mark.parametrize("language", SUPPORTED)
@pytest.mark.parametrize(
    ("country", "roles", "admitted", "asks", "lends"),
    [
        ("NG", ("partner",), True, True, False),
        ("NG", ("partner",), None, True, False),
        ("NG", (), None, True, False),
        ("NG", ("partner", "expert_employer"), True, True, True),
        ("NG", ("expert_employer",), True, False, True),
        ("GB", ("partner",), False, False, True),
        ("BE", ("expert_employer",), False, False, True),
        ("BE", ("partner",), None, False, True),
        ("BE", ("partner", "consortium_member"), False, False, True),
    ],
)
def test_an_institution_reads_what_it_can_do_here_by_its_roles_and_where_its_country_may_ask(
    country: str, roles: tuple[str, ...], admitted: bool | None, asks: bool, lends: bool, language: str
) -> None:
    may_ask, may_lend, may_not_ask_yet = SAID_BY_ROLE[language]

    def said(model: type[EventData], role: str) -> str:
        event = sample(model).model_copy(update={"country": country, "roles": roles, "may_ask": admitted})
        return WORDING.say(_delivery(event, role), name="", language=language, case=None).body

    for reader in READERS:
        verified = said(InstitutionVerified, reader)
        assert (may_ask in verified, may_lend in verified) == (asks, lends)
        assert not re.search(r"\n{3,}| \n", verified)
    assert (may_not_ask_yet in said(InstitutionSubmitted, "desk")) == asks


def test_a_notice_from_before_roles_and_admission_were_told_is_still_worded() -> None:
    before = _delivery(sample(InstitutionVerified), "focal_point")
    before = before.model_copy(
        update={"facts": {k: v for k, v in before.facts.items() if k not in ("roles", "may_ask")}}
    )
    assert "You can now ask" in WORDING.say(before, name="", language="en", case=None).body


@pytest.mark.parametrize(
    ("language", "as_before", "until"),
    [
        ("en", "you can be asked for other assignments as before", "Saturday, 6 March 2027, 17:00"),
        ("fr", "d'autres missions peuvent vous être proposées comme avant", "samedi 6 mars 2027, 17:00"),
        ("es", "se le pueden ofrecer otras misiones como antes", "sábado, 6 de marzo de 2027, 17:00"),
    ],
)
def test_an_expert_who_did_not_answer_reads_that_the_offer_ended_and_that_others_may_come(
    language: str, as_before: str, until: str
) -> None:
    """That it does no harm is said of declines alone: silences may count (domain §7.7)."""
    expired = sample(AssignmentExpired)
    own = WORDING.say(_delivery(expired, "expert"), name="", language=language, case=None)
    officers = {r: WORDING.say(_delivery(expired, r), name="", language=language, case=None) for r in OFFICERS}
    assert as_before in own.body
    assert not re.search(r"against you|contre vous|perjudica", own.body)
    assert until in own.body
    assert not re.search(r"\b(rank|list|rang|liste|orden|lista)\b", own.body), "nobody learns of ranks and others"
    assert own.subject not in {text.subject for text in officers.values()}
    assert all(as_before not in text.body for text in officers.values())


def test_a_refusal_tells_its_reason() -> None:
    text = WORDING.say(_delivery(sample(RequestRejected), "focal_point"), name="", language="en", case=None)
    assert "outside the facility's themes" in text.body


def test_nobody_reads_why_an_expert_declined() -> None:
    text = WORDING.say(_delivery(sample(AssignmentDeclined), "manager"), name="", language="en", case=None)
    assert not re.search(r"health|family|personal|reason", text.body, re.IGNORECASE)


def test_a_list_is_named_by_the_case_where_that_is_known() -> None:
    ready = _delivery(sample(MatchCompleted), "manager")
    known = WORDING.say(ready, name="", language="en", case=REQUEST)
    assert known.subject == "REQ-2027-0001: indicative list ready, 17 suitable"
    assert WORDING.say(ready, name="", language="en", case=None).subject.startswith("Request: ")


@pytest.mark.parametrize("language", SUPPORTED)
def test_a_stand_in_reads_why_the_message_came(language: str) -> None:
    delivery = _delivery(sample(MatchCompleted), "pool_manager", stands_in=True)
    text = WORDING.say(delivery, name="", language=language, case=REQUEST)
    assert FUNCTIONS["pool_manager"][language] in text.body


def test_line_breaks_and_markup_in_a_title_do_no_harm() -> None:
    delivery = _delivery(sample(RequestSubmitted), "desk")
    facts = {**delivery.facts, "title": "<b>x</b>\nBcc: a@b.example", "reference": "REQ\r\nBcc: a@b.example"}
    text = WORDING.say(delivery.model_copy(update={"facts": facts}), name="", language="en", case=None)
    assert "\n" not in text.subject
    assert "\r" not in text.subject
    assert "<b>x</b>" not in WORDING.html(text)


def test_a_missing_fact_is_an_error_and_no_empty_place() -> None:
    delivery = _delivery(sample(RequestSubmitted), "desk").model_copy(update={"facts": {"reference": "R"}})
    with pytest.raises(ValueError, match="undefined"):
        WORDING.say(delivery, name="", language="en", case=None)
