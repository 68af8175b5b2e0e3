"""Intake's settings, from LEERPLEK_INTAKE_…"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import PassSettings, Port, SealingSettings, SignInSettings


class Settings(SignInSettings, SealingSettings, PassSettings):
    """Where intake listens, keeps its data and finds Kafka, its master key, whose tokens it takes, where the plan is explained (and the token of the operator to ask there), where people sign in to its pages,
    where webhooks may be, and how many days a student is kept after the last change.
    """

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_INTAKE_")

    http_port: Port = 8101
    answers_url: str | None = None
    answers_token_file: Path | None = None
    webhook_private_addresses: bool = False
    keep_days: int = Field(default=730, ge=1)

    @property
    def shows_pages(self) -> bool:
        """Where it is not told where people sign in and its API asks who somebody is, there are none."""
        return self.sign_in_url is not None or self.jwks_file is None
