"""The notifier's settings, from LEERPLEK_NOTIFIER_…"""

from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from shared.errors import Misconfigured
from shared.settings import PassSettings, Port, SealingSettings, SignInSettings


class Settings(SignInSettings, PassSettings, SealingSettings):
    """Where the notifier listens, keeps its data and its master key, whose tokens its API takes and where who looks at its pages
    signs in, how it finds Kafka and the mail server, and how long it waits. Mails lead to the pages at `portal_url`, which is
    where people sign in unless it is told; where that leads to pages of institutes too (`has_institute_pages`), so do mails.
    """

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_NOTIFIER_")

    asks_for_tokens: ClassVar[bool] = False
    """Its API does; whether its pages ask too is a setting."""

    http_port: Port = 8104
    public_url: str = Field(pattern=r"^https?://[^\s/]+(/\S*)?$")
    portal_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")
    has_institute_pages: bool = False
    smtp_host: str = Field(min_length=1)
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_username: str = ""
    smtp_password_file: Path | None = None
    smtp_timeout_s: float = Field(default=20, gt=0)
    mail_from: str
    group_wait_s: float = Field(default=1, ge=0)
    mails_per_day: int = Field(default=5, ge=2)
    critical_escalates_after_days: int = Field(default=2, ge=1)
    warning_escalates_after_days: int = Field(default=5, ge=1)
    school_holidays_file: Path | None = None
    delivery_workers: int = Field(default=8, ge=1, le=64)
    return_domain: str = Field(default="", pattern=r"^$|^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$", max_length=190)
    return_host: str = "127.0.0.1"
    return_port: Port | None = None
    lease_s: float = Field(default=120, gt=0)
    retry_first_s: float = Field(default=25, gt=0)
    retry_cap_s: float = Field(default=21_600, gt=0)
    webhook_private_addresses: bool = False
    keep_days: int = Field(default=400, ge=90)
    give_up_after_s: float = Field(default=86_400, gt=0)
    alarm_file: Path | None = None
    alarm_smtp_host: str = ""
    alarm_smtp_port: int = Field(default=25, ge=1, le=65535)
    alarm_to: str = ""

    @property
    def is_guarded(self) -> bool:
        """Both its API and its pages ask who somebody is."""
        return self.checks_tokens and self.sign_in_url is not None

    @field_validator("mail_from")
    @classmethod
    def _is_one_address(cls, value: str) -> str:
        _, address = parseaddr(value)
        local, at, domain = address.rpartition("@")
        if not (local and at and domain) or not value.isprintable():
            raise ValueError("expected one e-mail address, such as Leerplek <leerplek@example.org>")
        return value

    @model_validator(mode="after")
    def _keeps_secrets_and_time(self) -> Self:
        if self.smtp_username and self.smtp_security == "none":
            raise ValueError("a password never travels in the clear: set SMTP_SECURITY to starttls or tls")
        if bool(self.alarm_smtp_host) != bool(self.alarm_to):
            raise ValueError("ALARM_SMTP_HOST and ALARM_TO go together: a mail server and who reads what it is given")
        if self.smtp_timeout_s * 2 > self.lease_s:
            raise ValueError("LEASE_S must be at least twice SMTP_TIMEOUT_S, or a slow mail is sent twice")
        if bool(self.return_domain) != (self.return_port is not None):
            raise ValueError(
                "RETURN_DOMAIN and RETURN_PORT belong together: what comes back must be received somewhere"
            )
        return self

    def sender(self) -> Address:
        """Whom the mail comes from."""
        name, address = parseaddr(self.mail_from)
        return Address(name, addr_spec=address)

    def smtp_password(self) -> str:
        """The password in the file; empty when there is none. Raises Misconfigured when it cannot be read."""
        try:
            return self.smtp_password_file.read_text().strip() if self.smtp_password_file else ""
        except OSError as problem:
            detail = f"SMTP_PASSWORD_FILE {self.smtp_password_file} cannot be read: {problem.strerror}"
            raise Misconfigured(detail) from problem
