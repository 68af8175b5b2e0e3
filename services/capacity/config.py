"""Capacity's settings, from LEERPLEK_CAPACITY_…"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from services.capacity.domain.sessions import Lifetime
from shared.settings import MailSettings, Port, SealingSettings, SignInSettings
from shared.web.places import Place


class PeopleSettings(MailSettings):
    """How people sign in: by a link in a mail where there is a mail server, at a provider where there is one; neither: nobody signs in.

    `public_url` is where they find the pages; `pass_keys_file` lets the pages of the notifier (at `pass_to`) and of intake (at
    `pass_to_intake`) know them.
    """

    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")
    oidc_issuer: str | None = None
    oidc_name: str = "uw organisatie"
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_client_key_file: Path | None = None
    oidc_scope: str = "openid profile email"
    oidc_claims_file: Path | None = None
    sign_in_tries_per_minute: int = Field(default=60, ge=1)
    session_idle_hours: float = Field(default=8, gt=0)
    session_days: float = Field(default=7, gt=0)
    pass_keys_file: Path | None = None
    pass_to: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")
    pass_to_intake: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+/?$")

    @property
    def signs_people_in(self) -> bool:
        """Whether pages ask who somebody is."""
        return self.oidc_issuer is not None or self.smtp_host is not None

    @field_validator("public_url", "pass_to", "pass_to_intake")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        """Paths are put behind it."""
        return value and value.rstrip("/")

    @property
    def places(self) -> Mapping[Place, str]:
        """Where the pages of other parts are that people are let in to."""
        given = {Place.MESSAGES: self.pass_to, Place.INSTITUTES: self.pass_to_intake}
        return {place: address for place, address in given.items() if address is not None}

    @property
    def lifetime(self) -> Lifetime:
        """How long somebody stays signed in."""
        return Lifetime(timedelta(hours=self.session_idle_hours), timedelta(days=self.session_days))

    @model_validator(mode="after")
    def _can_sign_people_in(self) -> Self:
        if not self.signs_people_in:
            return self
        if self.public_url is None:
            raise ValueError("PUBLIC_URL is needed: the address at which people find the pages")
        address = urlsplit(self.public_url)
        if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("PUBLIC_URL must begin with https: what keeps people signed in never travels in the clear")
        if self.smtp_host is not None and self.mail_from is None:
            raise ValueError("MAIL_FROM is needed: whom invitations and links come from")
        if self.oidc_issuer is not None:
            if not self.oidc_client_id:
                raise ValueError("OIDC_CLIENT_ID is needed: who Leerplek is to the provider")
            if (self.oidc_client_secret_file is None) == (self.oidc_client_key_file is None):
                raise ValueError("give either OIDC_CLIENT_SECRET_FILE or OIDC_CLIENT_KEY_FILE")
        if (self.pass_keys_file is not None) != bool(self.places):
            raise ValueError("PASS_KEYS_FILE goes together with PASS_TO, PASS_TO_INTAKE, or both")
        return self


class Settings(SignInSettings, SealingSettings, PeopleSettings):
    """Where capacity listens, keeps its data, its master key, whose tokens its API takes, who starts the day: the clock (`tick` on) or whoever posts it,
    and who answers questions about plans (with a token of the operator): without, pages leave out what only the matcher knows. Where webhooks may be. Names of supervisors are kept `keep_days` after they left.
    """

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_CAPACITY_")

    asks_for_tokens: ClassVar[bool] = False
    """Its API does; whether its pages ask too is a setting."""

    http_port: Port = 8102
    tick: Literal["on", "off"] | None = None
    answers_url: str | None = None
    answers_token_file: Path | None = None
    webhook_private_addresses: bool = False
    keep_days: int = Field(default=365, ge=1)

    @property
    def is_guarded(self) -> bool:
        """Both its API and its pages ask who somebody is."""
        return self.checks_tokens and self.signs_people_in

    @property
    def shows_pages(self) -> bool:
        """Where pages ask nobody who they are and the API does, they are there only on a network that is guarded."""
        return self.signs_people_in or not self.checks_tokens or self.trusted_network

    @property
    def clock_ticks(self) -> bool:
        """Whether this process starts the days by itself: in production yes, in development only when asked."""
        return self.tick == "on" if self.tick is not None else self.mode == "production"
