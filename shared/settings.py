"""Settings that every service reads from its environment, once, in `__main__`."""

import ipaddress
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shared.errors import Misconfigured
from shared.persistence.database import BUSY_TIMEOUT_S

DRIVERS = frozenset({"postgresql+asyncpg", "sqlite+aiosqlite"})
Port = Annotated[int, Field(ge=0, le=65535)]


class WebSettings(BaseSettings):
    """Settings of whatever answers over HTTP from a database, which has no default; a variable that is empty counts as not set.

    Outside loopback it listens only where it is guarded.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True)
    asks_for_tokens: ClassVar[bool] = False

    mode: Literal["development", "production"] = "development"
    database_url: str
    busy_timeout_s: float = Field(default=BUSY_TIMEOUT_S, gt=0)
    http_host: str = "127.0.0.1"
    http_port: Port
    metrics_port: Port | None = None
    log_format: Literal["console", "json"] = "json"
    worker_instance: str = "1"

    @property
    def is_on_loopback(self) -> bool:
        """Only this machine can reach it."""
        return self.http_host == "localhost" or (
            _is_address(self.http_host) and ipaddress.ip_address(self.http_host).is_loopback
        )

    @field_validator("database_url")
    @classmethod
    def _is_a_database_we_know(cls, value: str) -> str:
        """What is wrong is said without the address: it holds a password."""
        try:
            driver = make_url(value).drivername
        except ArgumentError:
            driver = ""
        if driver not in DRIVERS:
            raise ValueError("expected postgresql+asyncpg://user:password@host:port/name or sqlite+aiosqlite:///path")
        return value


class ServiceSettings(WebSettings):
    """Kafka has no default either; outside loopback a service without sign-in listens only on a network that is declared trusted.

    `mode` matters to who seals names, whose master key must be there in production, and to capacity, which then starts each day by itself.
    It can be told for `keep_audit_days` who changed what, for `keep_reads_days` who read what: five years, and a school year and some weeks.
    """

    kafka_bootstrap: str
    kafka_kind: Literal["apache", "embedded"] = "apache"
    partitions: int = Field(default=6, ge=1, le=1000)
    replication: int = Field(default=1, ge=1, le=9)
    trusted_network: bool = False
    session_timeout_ms: int = Field(default=10_000, ge=1_000)
    stall_limit_s: float = Field(default=60, gt=0)
    event_source: str = "urn:nld:leerplek"
    keep_audit_days: int = Field(default=1826, ge=365)
    keep_reads_days: int = Field(default=400, ge=180)

    @property
    def is_embedded(self) -> bool:
        """The embedded broker has no idempotent producer, and takes static members of a group back later than new ones."""
        return self.kafka_kind == "embedded"

    @property
    def is_guarded(self) -> bool:
        """Whether it asks everybody who they are."""
        return self.asks_for_tokens

    @model_validator(mode="after")
    def _listens_only_where_it_is_safe(self) -> Self:
        if not (self.is_on_loopback or self.trusted_network or self.is_guarded):
            raise ValueError(
                f"there is no sign-in here: {self.http_host} is not loopback; set TRUSTED_NETWORK=true only behind a proxy that guards it"
            )
        return self


class SignInSettings(WebSettings):
    """Settings of what asks for tokens: everywhere but on loopback in development, where it may do without; and how much each organisation may ask.

    Keys come from `jwks_url` where that is given, else from `jwks_file`; tokens in `withdrawn_tokens_file` are good no more.
    """

    asks_for_tokens: ClassVar[bool] = True

    jwks_file: Path | None = None
    jwks_url: str | None = None
    withdrawn_tokens_file: Path | None = None
    token_issuer: str = "leerplek"  # noqa: S105 - a name
    token_audience: str = "leerplek"  # noqa: S105 - a name
    requests_per_minute: int = Field(default=30_000, ge=1)

    @property
    def checks_tokens(self) -> bool:
        """Whether it has keys to check them against."""
        return self.jwks_file is not None or self.jwks_url is not None

    @model_validator(mode="after")
    def _knows_who_asks(self) -> Self:
        if not self.checks_tokens and (self.mode == "production" or not self.is_on_loopback):
            raise ValueError("JWKS_FILE or JWKS_URL is needed: the public keys that tokens are checked against")
        if self.jwks_url is not None:
            address = urlsplit(self.jwks_url)
            is_here = address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost", "::1")
            if not address.hostname or not (address.scheme == "https" or is_here):
                raise ValueError(
                    "JWKS_URL must begin with https: whoever changes keys on their way signs in as anybody"
                )
        return self


class PassSettings(WebSettings):
    """Settings of a service whose pages let people in who signed in elsewhere: its own address, where they sign in, and the keys of that place."""

    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")
    sign_in_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")
    sign_in_jwks_file: Path | None = None

    @model_validator(mode="after")
    def _knows_where_people_sign_in(self) -> Self:
        if (self.sign_in_url is None) != (self.sign_in_jwks_file is None):
            raise ValueError("SIGN_IN_URL and SIGN_IN_JWKS_FILE go together")
        if self.sign_in_url is not None and self.public_url is None:
            raise ValueError("PUBLIC_URL is needed: the address at which people find the pages")
        return self


class SealingSettings(ServiceSettings):
    """Settings of a service that seals personal data: in production, and without a file beside which it could lie, its key is named."""

    master_key_file: Path | None = None

    @model_validator(mode="after")
    def _production_names_its_key(self) -> Self:
        if self.master_key_file is None and (self.mode == "production" or self._sqlite_file is None):
            raise ValueError("MASTER_KEY_FILE is needed: the file with the key that seals names and addresses")
        return self

    @property
    def key_file(self) -> Path:
        """The master key's file; in development with SQLite beside the database unless named."""
        beside = self._sqlite_file or Path()
        return self.master_key_file or beside.with_name(f"{beside.stem}-master.key")

    @property
    def _sqlite_file(self) -> Path | None:
        url = make_url(self.database_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


class MailSettings(WebSettings):
    """Settings of a service that may send mail: it does where it knows a mail server."""

    smtp_host: str | None = None
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_username: str = ""
    smtp_password_file: Path | None = None
    smtp_timeout_s: float = Field(default=20, gt=0)
    mail_from: str | None = None

    @field_validator("mail_from")
    @classmethod
    def _is_one_address(cls, value: str | None) -> str | None:
        if value is not None:
            _, address = parseaddr(value)
            local, at, domain = address.rpartition("@")
            if not (local and at and domain) or not value.isprintable():
                raise ValueError("expected one e-mail address, such as Leerplek <leerplek@example.org>")
        return value

    @model_validator(mode="after")
    def _keeps_its_password(self) -> Self:
        if self.smtp_username and self.smtp_security == "none":
            raise ValueError("a password never travels in the clear: set SMTP_SECURITY to starttls or tls")
        return self

    def sender(self) -> Address:
        """Whom mail comes from."""
        name, address = parseaddr(self.mail_from or "")
        return Address(name, addr_spec=address)

    def smtp_password(self) -> str:
        """The password in the file; empty when there is none. Raises Misconfigured when it cannot be read."""
        return read_secret(self.smtp_password_file) if self.smtp_password_file else ""


def read_secret(path: Path) -> str:
    """What stands in a file, without the end of the line; raises Misconfigured."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise Misconfigured(f"{path} cannot be read: {problem.strerror}") from problem


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
