"""The matcher's settings, from LEERPLEK_MATCHER_…"""

from pydantic_settings import SettingsConfigDict

from shared.settings import Port, ServiceSettings


class Settings(ServiceSettings):
    """Where the matcher listens and finds database and Kafka."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_MATCHER_")

    http_port: Port = 8103
