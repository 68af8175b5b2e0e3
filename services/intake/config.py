"""Intake's settings, from LEERPLEK_INTAKE_…"""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Port, SealingSettings, SignInSettings


class Settings(SignInSettings, SealingSettings):
    """Where intake listens, keeps its data and finds Kafka, its master key, whose tokens it takes, where the plan is explained, where webhooks may be, and how many days a student is kept after the last change."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_INTAKE_")

    http_port: Port = 8101
    answers_url: str | None = None
    webhook_private_addresses: bool = False
    keep_days: int = Field(default=730, ge=1)
