"""Capacity's settings, from LEERPLEK_CAPACITY_…"""

from pathlib import Path
from typing import Literal

from pydantic_settings import SettingsConfigDict

from shared.settings import Port, SealingSettings


class Settings(SealingSettings):
    """Where capacity listens, keeps its data, its master key, who starts the day: the clock (`tick` on) or whoever posts it,
    and who answers questions about plans (with a token of the operator): without, pages leave out what only the matcher knows.
    """

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_CAPACITY_")

    http_port: Port = 8102
    tick: Literal["on", "off"] | None = None
    answers_url: str | None = None
    answers_token_file: Path | None = None

    @property
    def clock_ticks(self) -> bool:
        """Whether this process starts the days by itself: in production yes, in development only when asked."""
        return self.tick == "on" if self.tick is not None else self.mode == "production"
