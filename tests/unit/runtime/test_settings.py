"""Settings: read from the environment, checked with a message that names the variable, printed without secrets."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, SecretStr

from shared.runtime.settings import Settings, load, table

GOOD = {
    "ENTENTE_KAFKA": "kafka-1:9092, kafka-2:9092,[::1]:9092",
    "ENTENTE_MONGODB": "mongodb://app:Pa55word@db-1:27017,db-2:27017/?replicaSet=rs0",
    "ENTENTE_DATABASE": "registration",
    "ENTENTE_ISSUER": "http://identity:8080/realms/entente",
}


class Own(Settings):
    """A service's settings."""

    reminder_days: int = Field(7, ge=1, description="days before a reminder", json_schema_extra={"source": "default"})
    weights: dict[str, float] = Field(default_factory=dict, description="weights by part")
    smtp_password: SecretStr | None = Field(None, description="password of the mail account")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    import os

    for name in [name for name in os.environ if name.startswith("ENTENTE_")]:
        monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refused(capsys: pytest.CaptureFixture[str], settings: type[Settings] = Settings, **given: Any) -> str:
    with pytest.raises(SystemExit) as ended:
        load(settings, **given)
    assert ended.value.code == 2
    assert ended.value.__suppress_context__
    return capsys.readouterr().err


def test_three_broker_addresses_become_a_list_of_three() -> None:
    assert load(Settings).kafka == ["kafka-1:9092", "kafka-2:9092", "[::1]:9092"]


def test_broker_addresses_may_be_a_json_list(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ENTENTE_KAFKA", '["a:1", "b:2", "c:3"]')
    assert load(Settings).kafka == ["a:1", "b:2", "c:3"]


def test_a_constructor_may_give_a_list() -> None:
    assert Settings(kafka=["a:1"]).kafka == ["a:1"]


@pytest.mark.parametrize(
    "value",
    ["", "kafka", "kafka:0", "kafka:99999", "a:1,,b:2", "[", "http://a:1", "a:1 b:2", "[]", "kafka..1:9092", "a.b..:1"],
)
def test_wrong_broker_addresses_are_refused_naming_the_variable(
    value: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("ENTENTE_KAFKA", value)
    assert "ENTENTE_KAFKA" in refused(capsys)


def test_every_fault_is_told_at_once_with_its_variable_and_meaning(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("ENTENTE_DATABASE")
    environment.setenv("ENTENTE_HTTP_PORT", "eighty")
    environment.setenv("ENTENTE_ISSUER", "ftp://x")
    environment.setenv("ENTENTE_STOP_SECONDS", "12")
    said = refused(capsys)
    assert "4 settings are wrong" in said
    assert "ENTENTE_DATABASE is not set (this service's own database)" in said
    assert "ENTENTE_HTTP_PORT is wrong" in said
    assert "ENTENTE_ISSUER is wrong: give an http(s) URL" in said
    assert "ENTENTE_STOP_SECONDS is wrong" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("url", ["http://identity:notaport", "http://identity:99999"])
def test_a_url_whose_port_is_none_is_refused(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    environment.setenv("ENTENTE_ISSUER", url)
    assert "ENTENTE_ISSUER is wrong: the port of a URL is a number up to 65535" in refused(capsys)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENTENTE_ISSUER", "http://identity..local:8000"),
        ("ENTENTE_ISSUER", f"http://{'a' * 64}.local"),
        ("ENTENTE_MONGODB", "mongodb://db-1:27017,db..2:27017/"),
    ],
)
def test_a_host_no_resolver_can_be_asked_for_is_refused(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    assert f"{variable} is wrong: a host's name has 1 to 63 characters" in refused(capsys)


def test_the_path_of_a_socket_is_no_name(environment: pytest.MonkeyPatch) -> None:
    value = f"mongodb://%2F{'a' * 70}.sock/"
    environment.setenv("ENTENTE_MONGODB", value)
    assert load(Own).mongodb.get_secret_value() == value


def test_a_fault_in_json_names_the_variable(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("ENTENTE_WEIGHTS", "{not json")
    assert "ENTENTE_WEIGHTS is not valid JSON" in refused(capsys, Own)


def test_an_unknown_setting_in_code_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "ENTENTE_KAFKAA is not a setting" in refused(capsys, kafkaa="x")


@pytest.mark.parametrize(
    "value",
    [
        "Pa55word",
        "http://u:Pa55word@h",
        "mongodb://",
        "mongodb://u:Pa55word@",
        "mongodb://u:Pa55word@h:notaport",
        "mongodb://u:Pa55word@h:99999",
        "mongodb://u:Pa55word@h:0",
        "mongodb://u:Pa55word@h:",
        "mongodb://u:Pa55word@h,,i",
        "mongodb://u:Pa55word@[::1]:x",
    ],
)
def test_a_wrong_secret_is_refused_without_being_shown(
    value: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("ENTENTE_MONGODB", value)
    said = refused(capsys)
    assert "ENTENTE_MONGODB" in said
    assert "Pa55word" not in said


def test_no_way_of_printing_shows_a_secret() -> None:
    settings = Own(smtp_password=SecretStr("Pa55word"))
    shown = [
        repr(settings),
        str(settings),
        str(settings.model_dump()),
        settings.model_dump_json(),
        str(settings.shown()),
    ]
    assert not [text for text in shown if "Pa55word" in text or "rs0" in text]
    assert settings.mongodb.get_secret_value() == GOOD["ENTENTE_MONGODB"]
    assert settings.shown()["mongodb"] == "mongodb://***@db-1:27017,db-2:27017/…"
    assert settings.shown()["kafka"] == "kafka-1:9092, kafka-2:9092, [::1]:9092"


def test_settings_cannot_change_while_running() -> None:
    with pytest.raises(ValueError):
        load(Settings).http_port = 1  # type: ignore[misc]


def test_no_file_is_read(environment: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / ".env").write_text("ENTENTE_HTTP_PORT=1234\n")
    environment.chdir(tmp_path)
    assert load(Settings).http_port == 8000


def test_a_setting_without_a_description_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="silent"):
        type("Bad", (Settings,), {"__annotations__": {"silent": "int"}, "silent": 1, "__module__": __name__})


def test_the_table_documents_every_variable() -> None:
    text = table(Own)
    for name in Own.model_fields:
        assert f"| `ENTENTE_{name.upper()}` |" in text
    assert "| `ENTENTE_MONGODB` | secret | required |" in text
    assert "| `ENTENTE_LOG_FORMAT` | json or console | `json` |" in text
    assert "Pa55word" not in text
    assert all(row.count(" | ") == 4 for row in text.strip().splitlines()[2:])


def test_business_defaults_name_their_source() -> None:
    for name in ("parking_share", "parking_keys", "parking_window_seconds", "idempotency_hours", "body_limit_bytes"):
        extra = Settings.model_fields[name].json_schema_extra
        assert isinstance(extra, dict)
        assert extra["source"]
