"""Intake's settings, from LEERPLEK_INTAKE_…"""

from pydantic_settings import SettingsConfigDict

from shared.settings import Port, ServiceSettings


class Settings(ServiceSettings):
    """Where intake listens, keeps its data and finds Kafka."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_INTAKE_")

    http_port: Port = 8101
