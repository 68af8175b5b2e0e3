"""The matcher's settings, from LEERPLEK_MATCHER_…, and those of its answers, from LEERPLEK_ANSWERS_…"""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Port, ServiceSettings, SignInSettings


class Settings(ServiceSettings):
    """Where the matcher listens and finds database and Kafka, and for how many days it can be told how a plan came about."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_MATCHER_")

    http_port: Port = 8103
    keep_plans_days: int = Field(default=400, ge=30)


class AnswersSettings(SignInSettings):
    """Where the matcher's answers are given, from which database, and how many processes solve for them."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_ANSWERS_")

    http_port: Port = 8105
    solvers: int = Field(default=2, ge=1, le=64)
    keep_days: int = Field(default=7, ge=1, le=400)
