"""Capacity's settings, from LEERPLEK_CAPACITY_…"""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Port, SealingSettings, SignInSettings


class Settings(SignInSettings, SealingSettings):
    """Where capacity listens, keeps its data, its master key, whose tokens its API takes, who starts the day: the clock (`tick` on) or whoever posts it,
    and who answers questions about plans (with a token of the operator): without, pages leave out what only the matcher knows. Names of supervisors are kept `keep_days` after they left.
    """

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_CAPACITY_")

    asks_for_tokens: ClassVar[bool] = False
    """Its API does, its pages do not: outside loopback the network must be guarded as well."""

    http_port: Port = 8102
    tick: Literal["on", "off"] | None = None
    answers_url: str | None = None
    answers_token_file: Path | None = None
    keep_days: int = Field(default=365, ge=1)

    @property
    def shows_pages(self) -> bool:
        """Pages ask nobody who they are: where the API does, they are there only on a network that is guarded."""
        return self.jwks_file is None or self.trusted_network

    @property
    def clock_ticks(self) -> bool:
        """Whether this process starts the days by itself: in production yes, in development only when asked."""
        return self.tick == "on" if self.tick is not None else self.mode == "production"
