"""Typed settings from environment variables: each documented, checked at start, and never printed with a secret."""

from __future__ import annotations

import json
import re
import sys
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, Secret, ValidationError
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from shared.messaging.breaker import BreakerPolicy
from shared.messaging.options import BATCH_SIZE, FETCH_MAX_WAIT_MS, SESSION_TIMEOUT_MS

PREFIX = "ENTENTE_"
DEFAULT: JsonDict = {"source": "default, no public source"}
"""Mark of a business default that no public rule prescribes."""

_BREAKER = BreakerPolicy()
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?")
_DATABASE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def _split(value: Any) -> Any:
    """A JSON list or a comma list as a list; anything else unchanged."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("looks like a JSON list and is not one") from None
    return [part.strip() for part in value.split(",")]


def _host_name(value: str) -> str:
    """What the resolver can be asked for: of anything else it says UnicodeError, deep within a client."""
    try:
        value.encode("idna")
    except UnicodeError:
        raise ValueError("a host's name has 1 to 63 characters before, between and behind its dots") from None
    return value


def _address(value: str) -> str:
    found = _ADDRESS.fullmatch(value)
    if found is None or not 1 <= int(found[2]) <= 65535:
        raise ValueError("an address is host:port, for example kafka-1:9092; separate several by commas")
    _host_name(found[1])
    return value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("give an http(s) URL without user, query or fragment")
    try:
        parts.port  # noqa: B018 - raises where it is no port
    except ValueError:
        raise ValueError("the port of a URL is a number up to 65535") from None
    _host_name(parts.hostname)
    return value


def _database(value: str) -> str:
    if _DATABASE.fullmatch(value) is None:
        raise ValueError("a database name has 1 to 60 letters, digits, - or _")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone is named as in the IANA database, for example Europe/Brussels") from None
    return value


class MongoUri(Secret[str]):
    """A MongoDB connection string. Shown without user, password and options."""

    def _display(self) -> str:
        parts = urlsplit(self.get_secret_value())
        hosts = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{'***@' if '@' in parts.netloc else ''}{hosts}{'/…' if parts.query else ''}"


def _mongo_uri(value: MongoUri) -> MongoUri:
    parts = urlsplit(value.get_secret_value())
    hosts = parts.netloc.rpartition("@")[2]
    if parts.scheme not in {"mongodb", "mongodb+srv"} or not hosts:
        raise ValueError("a connection string begins with mongodb:// or mongodb+srv:// and names a host")
    for host in hosts.split(","):
        found = _HOST.fullmatch(host)
        if found is None or not 1 <= int(found[2] or 27017) <= 65535:
            raise ValueError("each host of a connection string is host or host:port; separate several by commas")
        if "%" not in host:  # the path of a socket
            _host_name(found[1])
    return value


L = TypeVar("L")
Several = Annotated[L, NoDecode, BeforeValidator(_split), Field(min_length=1)]
"""A sequence of at least one, written as a comma list or a JSON list."""

Addresses = Several[list[Annotated[str, AfterValidator(_address)]]]
HostName = Annotated[str, Field(min_length=1), AfterValidator(_host_name)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseName = Annotated[str, AfterValidator(_database)]
ZoneName = Annotated[str, AfterValidator(_zone)]
MongoAddress = Annotated[MongoUri, AfterValidator(_mongo_uri)]


class Settings(BaseSettings):
    """What every service is told from outside. A service subclasses it; each field becomes `ENTENTE_<NAME>`.

    No file is read: what is not in the environment (or handed to the constructor) has its default.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=None, frozen=True, hide_input_in_errors=True, validate_default=True
    )

    kafka: Addresses = Field(description="Kafka's bootstrap addresses, host:port, a comma list or a JSON list")
    mongodb: MongoAddress = Field(
        description="connection string of the MongoDB deployment; shown without its credentials"
    )
    database: DatabaseName = Field(description="this service's own database")
    issuer: HttpUrl = Field(
        description="issuer of the callers' tokens; its keys are read from <issuer>/jwks. A token's subject stands in "
        "each event its holder causes, some of which are kept for ever: have it name people by ids, not by addresses"
    )
    audience: str = Field("entente", min_length=1, description="audience a token must be meant for")
    http_host: str = Field("127.0.0.1", min_length=1, description="address the HTTP interface listens on")
    http_port: int = Field(8000, ge=0, le=65535, description="port of the HTTP interface; 0 takes any free one")
    body_limit_bytes: int = Field(
        1_000_000, ge=1_000, le=100_000_000, json_schema_extra=DEFAULT,
        description="largest request body in bytes, where a route says nothing else",
    )  # fmt: skip
    idempotency_hours: int = Field(
        24, ge=1, le=168, json_schema_extra=DEFAULT, description="hours an Idempotency-Key and its answer are kept"
    )
    store_timeout_ms: int = Field(
        3000, ge=100, le=4500, json_schema_extra={"source": "a caller hears 503 within 5 s"},
        description="milliseconds until an unreachable database is reported as away",
    )  # fmt: skip
    mongodb_driver: Literal["pymongo", "motor"] = Field("pymongo", description="client library for MongoDB")
    kafka_partitions: int = Field(
        6, ge=1, le=1000, json_schema_extra=DEFAULT, description="partitions of a topic that is created"
    )
    kafka_session_timeout_ms: int = Field(
        SESSION_TIMEOUT_MS, ge=6_000, le=300_000, json_schema_extra={"source": "6 s is the broker's usual minimum"},
        description="milliseconds without a heartbeat until Kafka gives a consumer's partitions away",
    )  # fmt: skip
    kafka_fetch_max_wait_ms: int = Field(
        FETCH_MAX_WAIT_MS, ge=1, le=30_000, json_schema_extra={"source": "Kafka's default"},
        description="milliseconds a broker may hold an empty fetch open",
    )  # fmt: skip
    kafka_batch_size: int = Field(
        BATCH_SIZE, ge=1, le=10_000, json_schema_extra=DEFAULT, description="most records handled between two commits"
    )
    parking_share: float = Field(
        _BREAKER.share, gt=0, le=1, json_schema_extra=DEFAULT,
        description="share of events parked within the window that stops a consumer, together with parking_keys",
    )  # fmt: skip
    parking_keys: int = Field(
        _BREAKER.keys, ge=1, json_schema_extra=DEFAULT,
        description="distinct keys parked within the window that stop a consumer",
    )  # fmt: skip
    parking_window_seconds: int = Field(
        int(_BREAKER.window.total_seconds()), ge=1, le=86_400, json_schema_extra=DEFAULT,
        description="length in seconds of the window for parkings",
    )  # fmt: skip
    stop_seconds: float = Field(
        9, gt=0, lt=10, json_schema_extra={"source": "an orchestrator kills after 10 s"},
        description="seconds a graceful stop may take, also while a consumer is still joining",
    )  # fmt: skip
    drain_seconds: float = Field(
        0, ge=0, le=5, json_schema_extra=DEFAULT,
        description="seconds of a stop during which readiness is red and callers are still answered, each on a "
        "connection closed behind the answer; as long as whoever routes by readiness takes to notice",
    )  # fmt: skip
    log_format: Literal["json", "console"] = Field("json", description="one JSON object per line, or for a person")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe level logged")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """TypeError where a field has no description: every setting is documented."""
        super().__pydantic_init_subclass__(**kwargs)
        if silent := [name for name, field in cls.model_fields.items() if not field.description]:
            raise TypeError(f"settings of {cls.__name__} without a description: {', '.join(silent)}")

    def shown(self) -> dict[str, str]:
        """Every setting as it may be printed: secrets masked."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for name, v in values.items()}


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S], **given: Any) -> S:
    """The settings from the environment; `given` comes first.

    Raises SystemExit(2) after one message on stderr that names each variable at fault and says what is wrong with it.
    """
    try:
        return settings(**given)
    except (ValidationError, SettingsError) as error:
        sys.stderr.write(explain(settings, error))
        raise SystemExit(2) from None


def variable(settings: type[BaseSettings], field: str) -> str:
    """The environment variable of a field."""
    return (settings.model_config.get("env_prefix", "") + field).upper()


def explain(settings: type[BaseSettings], error: ValidationError | SettingsError) -> str:
    """What is wrong with the settings, one line per environment variable, without showing any value."""
    lines: dict[str, str] = {}
    if isinstance(error, SettingsError):
        found = re.search(r'field "([^"]+)"', str(error))
        lines[found[1] if found else "?"] = "is not valid JSON"
    else:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            name = str(fault["loc"][0]) if fault["loc"] else "?"
            lines.setdefault(name, _fault(fault["type"], fault["msg"], fault["loc"][1:]))
    said = [f"Cannot start: {len(lines)} setting{'s are' if len(lines) != 1 else ' is'} wrong."]
    for name, what in lines.items():
        field = settings.model_fields.get(name)
        meaning = f" ({field.description})" if field is not None and field.description else ""
        said.append(f"  {variable(settings, name)} {what}{meaning}")
    return "\n".join(said) + "\n"


def _fault(kind: str, message: str, place: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return "is not set"
    if kind == "extra_forbidden":
        return "is not a setting of this service"
    where = f" at {'.'.join(str(p + 1) if isinstance(p, int) else p for p in place)}" if place else ""
    return f"is wrong{where}: {message.removeprefix('Value error, ')}"


def table(settings: type[BaseSettings]) -> str:
    """A markdown table of a settings class: variable, type, default as it may be set, meaning and source."""
    rows = ["| Variable | Type | Default | Meaning | Source |", "|---|---|---|---|---|"]
    for name, field in settings.model_fields.items():
        extra = field.json_schema_extra
        source = str(extra.get("source", "")) if isinstance(extra, dict) else ""
        cells = [f"`{variable(settings, name)}`", _kind(field), _default(field), field.description or "", source]
        rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _kind(field: FieldInfo) -> str:
    kind = field.annotation
    if getattr(kind, "__origin__", None) is Literal:
        return " or ".join(str(choice) for choice in kind.__args__)  # type: ignore[union-attr]
    if isinstance(kind, type) and issubclass(kind, Secret):
        return "secret"
    text = kind.__name__ if isinstance(kind, type) and not getattr(kind, "__args__", None) else str(kind)
    if "SecretStr" in text:
        return "secret"
    if text == "dict[str, str]":
        return "pairs"
    return "list" if "list[" in text or "tuple[" in text else text.replace("typing.", "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, dict) and value:
        value = ",".join(f"{name}={said}" for name, said in value.items())
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    return f"`{value}`" if value not in (None, "") else "none"
