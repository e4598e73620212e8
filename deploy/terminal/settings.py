"""What the terminal is told from outside: the services' own variables, and where the services are."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from deploy.services import DATABASES, PORTS, SERVICES
from deploy.terminal.failing import Exit, Failed
from shared.runtime.settings import PREFIX, Addresses, DatabaseName, HttpUrl, MongoAddress, explain, variable


def _pairs(value: Any) -> Any:
    """`name=value` pairs separated by commas as a mapping; anything else unchanged."""
    if not isinstance(value, str):
        return value
    rows = [part.strip() for part in value.split(",") if part.strip()]
    if bad := [row for row in rows if "=" not in row]:
        raise ValueError(f"give service=value pairs separated by commas; this is not one: {bad[0]}")
    return {name.strip(): said.strip() for name, said in (row.split("=", 1) for row in rows)}


def _every_service(value: dict[str, str]) -> dict[str, str]:
    if missing := [name for name in SERVICES if not value.get(name)]:
        raise ValueError(f"does not name {', '.join(missing)}")
    return {name: value[name] for name in SERVICES}


_URL: TypeAdapter[str] = TypeAdapter(HttpUrl)
_DATABASE: TypeAdapter[str] = TypeAdapter(DatabaseName)
_TOKEN = re.compile(r"[!-~]+")


def _each(rule: TypeAdapter[str]) -> Callable[[dict[str, str]], dict[str, str]]:
    def check(value: dict[str, str]) -> dict[str, str]:
        for service, said in value.items():
            if why := _broken(rule, said):
                raise ValueError(f"{service}: {why}")
        return value

    return check


def _broken(rule: TypeAdapter[str], said: str) -> str | None:
    try:
        rule.validate_python(said)
    except ValidationError as error:
        return str(error.errors()[0]["msg"].removeprefix("Value error, "))
    return None


def _sendable(token: SecretStr) -> SecretStr:
    """A header carries nothing else, and the client's own words for it name no variable."""
    if _TOKEN.fullmatch(token.get_secret_value()) is None:
        raise ValueError("a token has visible ASCII characters only, and no spaces")
    return token


def database_name(said: str, told_by: str) -> str:
    """A database's name as it was given by an option. Failed (usage) where it can be none."""
    if why := _broken(_DATABASE, said):
        raise Failed(f"{told_by} {said}: {why}", Exit.USAGE)
    return said


PerService = Annotated[dict[str, str], NoDecode, BeforeValidator(_pairs), AfterValidator(_every_service)]


class TerminalSettings(BaseSettings):
    """Settings of `entente`. Those a service knows too have the same variable and meaning."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=None, frozen=True, hide_input_in_errors=True, validate_default=True
    )

    kafka: Addresses = Field(description="Kafka's bootstrap addresses, host:port, a comma list or a JSON list")
    mongodb: MongoAddress = Field(description="connection string of the MongoDB deployment")
    databases: Annotated[PerService, AfterValidator(_each(_DATABASE))] = Field(
        DATABASES, description="service=database pairs; each service's ENTENTE_DATABASE"
    )
    services: Annotated[PerService, AfterValidator(_each(_URL))] = Field(
        {name: f"http://127.0.0.1:{port}" for name, port in PORTS.items()},
        description="service=URL pairs: where each service's HTTP interface is",
    )
    issuer: HttpUrl = Field("http://127.0.0.1:8000", description="issuer of the tokens the services accept")
    token: Annotated[SecretStr, AfterValidator(_sendable)] | None = Field(
        None, description="an operator's token; where there is none, the development issuer is asked for one"
    )
    kafka_partitions: int = Field(6, ge=1, le=1000, description="partitions of a topic that is created")


class WrongSettings(Failed):
    """`faults` has one line per variable."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"{'; '.join(faults)}: set them, or name a file with --from", Exit.USAGE)
        self.faults = faults


def settings_from(file: Path | None) -> TerminalSettings:
    """The settings: from the environment, or from a `build/dev.json` where one is named.

    Failed (usage) for a file that is none, or naming each variable that is wrong.
    """
    given = _given(file)
    try:
        return TerminalSettings(**given)
    except (ValidationError, SettingsError) as error:
        raise WrongSettings([line.strip() for line in explain(TerminalSettings, error).splitlines()[1:]]) from None


def faults_of(file: Path | None) -> list[str]:
    """What is wrong with the settings, one line per variable. Failed (usage) for a file that is none."""
    try:
        settings_from(file)
    except WrongSettings as wrong:
        return wrong.faults
    return []


def variable_of(field: str) -> str:
    """The environment variable of a setting, of the terminal or of a service."""
    return variable(TerminalSettings, field)


def _given(file: Path | None) -> dict[str, Any]:
    """What a file says; nothing where none is named. Failed (usage) for a file that is none."""
    if file is None:
        return {}
    try:
        said = json.loads(file.read_text())
        return {
            "kafka": said["kafka"],
            "mongodb": said["mongodb"],
            "databases": said["databases"],
            "services": {name: said["services"][name]["url"] for name in SERVICES},
            "issuer": said["identity"]["url"],
            "token": said["tokens"]["operator"],
            "kafka_partitions": said["partitions"],
        }
    except FileNotFoundError:
        raise Failed(f"there is no {file}: is `make dev` running?", Exit.USAGE) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed(
            f"{file} is not a file written by 'make dev': {type(error).__name__} {error}", Exit.USAGE
        ) from None


def place_of_settings(file: Path | None) -> Path | None:
    """The file named on the command line, or by ENTENTE_FROM; None where the environment says everything. Failed
    (usage) where the environment names a file and says something of its own: nobody knows which system is meant."""
    named = os.environ.get(f"{PREFIX}FROM")
    if file is not None or not named:
        return file
    if own := [name for name in map(variable_of, TerminalSettings.model_fields) if name in os.environ]:
        raise Failed(
            f"{PREFIX}FROM names {named}, and {own[0]} is set too: unset one of them, or name the file with --from",
            Exit.USAGE,
        )
    return Path(named)
