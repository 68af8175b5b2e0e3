"""Intake's settings, from LEERPLEK_INTAKE_…"""

from pydantic_settings import SettingsConfigDict

from shared.settings import Port, ServiceSettings, SignInSettings


class Settings(SignInSettings, ServiceSettings):
    """Where intake listens, keeps its data and finds Kafka, whose tokens it takes, and where the plan is explained."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_INTAKE_")

    http_port: Port = 8101
    answers_url: str | None = None
